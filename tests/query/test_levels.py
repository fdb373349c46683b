"""Which blocks become one: eight of a level, never full ones, never those that different remotes have."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.query import levels
from runstore.query.levels import FULL_BYTES, FULL_RUNS, WIDTH, Sized


class One(NamedTuple):
    size: int


def block(number: int, level: int = 0, runs: int = 64, size: int = 1, remotes: str = "") -> Sized:
    return Sized(f"{number:024x}", level, runs, size, frozenset(remotes))


def test_seven_blocks_of_a_level_stay_and_eight_become_one() -> None:
    assert levels.next_merge([block(n) for n in range(7)]) == []
    assert levels.next_merge([block(n) for n in range(8)]) == [block(n) for n in range(8)]


def test_the_smallest_level_comes_first() -> None:
    there = [block(n, level=n % 2) for n in range(16)]
    assert {one.level for one in levels.next_merge(there)} == {0}


def test_a_full_block_stays_as_it_is() -> None:
    full = [block(8, runs=FULL_RUNS), block(9, size=FULL_BYTES)]
    assert levels.next_merge([*full, *(block(n) for n in range(7))]) == []
    assert not set(full) & set(levels.next_merge([*full, *(block(n) for n in range(8))]))


def test_what_would_be_more_than_a_full_block_is_left_out_but_two_always_become_one() -> None:
    large = [block(n, runs=FULL_RUNS - 1) for n in range(8)]
    assert len(levels.next_merge(large)) == 2
    assert len(levels.next_merge([block(n, size=FULL_BYTES // 4) for n in range(8)])) == 4


@given(st.lists(st.builds(block, st.integers(0, 10**6), st.integers(0, 2), remotes=st.sampled_from(["", "a", "ab"]))))
def test_blocks_that_different_remotes_have_are_never_chosen_together(there: list[Sized]) -> None:
    assert len({(one.acknowledged, one.level) for one in levels.next_merge(there)}) <= 1


@pytest.mark.parametrize(("runs", "level"), [(1, 0), (64, 0), (511, 0), (512, 1), (4095, 1), (4096, 2), (20_000, 2)])
def test_a_block_of_loose_runs_begins_where_those_of_its_size_are(runs: int, level: int) -> None:
    assert levels.level(runs) == level


@given(st.lists(st.integers(0, FULL_BYTES // 3), max_size=40))
def test_portions_are_all_of_it_in_order(sizes: list[int]) -> None:
    loose = [One(size) for size in sizes]
    cut = list(levels.portions(loose))
    assert [one for portion in cut for one in portion] == loose
    assert all(cut) and all(len(portion) <= FULL_RUNS for portion in cut)


def test_a_hundred_thousand_runs_are_five_blocks() -> None:
    assert [len(portion) for portion in levels.portions([One(1)] * 100_000)] == [20_000] * 5


def test_a_run_is_rewritten_a_few_times_however_many_come() -> None:
    """What compaction by threshold does with half a million runs that come 64 at a time."""
    there: list[tuple[Sized, Counter[int]]] = []
    number = 0
    for batch in range(2_000):
        there.append((block(number := number + 1, levels.level(64)), Counter({batch: 1})))
        while chosen := levels.next_merge(one for one, _ in there):
            merged = [pair for pair in there if pair[0] in chosen]
            there = [pair for pair in there if pair[0] not in chosen]
            runs = sum(one.runs for one in chosen)
            rewritten: Counter[int] = Counter()
            for _, times in merged:
                rewritten.update({key: count + 1 for key, count in times.items()})
            there.append((block(number := number + 1, chosen[0].level + 1, runs), rewritten))
    assert max(max(times.values()) for _, times in there) <= 5
    assert len(there) <= 4 * WIDTH + 2_000 * 64 // FULL_RUNS
