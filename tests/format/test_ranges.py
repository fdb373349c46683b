from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from runstore.format import ranges

PIECES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6)


def numbers(pieces: list[ranges.Range]) -> set[int]:
    return {n for first, last in pieces for n in range(first, last + 1)}


@given(PIECES)
def test_joining_keeps_the_numbers_in_the_fewest_ranges(pieces: list[ranges.Range]) -> None:
    joined = ranges.join(pieces)
    assert numbers(joined) == numbers(pieces)
    assert all(right[0] > left[1] + 1 for left, right in itertools.pairwise(joined))
    assert ranges.count(pieces) == len(numbers(pieces))


@given(PIECES, PIECES)
def test_subtract_and_overlap_are_those_of_sets(one: list[ranges.Range], other: list[ranges.Range]) -> None:
    assert numbers(ranges.subtract(one, ranges.join(other))) == numbers(one) - numbers(other)
    assert numbers(ranges.overlap(one, ranges.join(other))) == numbers(one) & numbers(other)
