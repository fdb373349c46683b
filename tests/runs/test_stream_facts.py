"""Facts are few: without room they wait, keep their order, and how the run ended has a place kept for it."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from runstore.format import lines
from tests.disk.faulty import Disk
from tests.runs.streams import WAYS, Bench

pytestmark = pytest.mark.usefixtures("small")


def test_facts_wait_for_room_and_keep_their_order(facts: Bench, disk: Disk) -> None:
    facts.stream.begin()
    disk.refuse(errno.ENOSPC, "allocate", "write")
    body = "x" * 30_000
    for number in range(5):
        facts.fact([number, body])
        facts.fact([number, ""])
    disk.heal()
    facts.fact([5, ""])
    assert facts.stream.sync()
    assert facts.end() == 11
    assert [(number, len(text)) for _, _, (number, text) in facts.items()] == [
        *[pair for number in range(5) for pair in ((number, 30_000), (number, 0))], (5, 0)
    ]  # fmt: skip


def test_facts_that_wait_are_stored_without_another_fact(facts: Bench, disk: Disk) -> None:
    facts.stream.begin()
    disk.refuse(errno.ENOSPC, "allocate", "write")
    for number in range(5):
        facts.fact([number, "x" * 30_000])
    disk.heal()
    assert facts.stream.sync()
    assert [number for _, _, (number, _) in facts.items()] == list(range(5))


def test_a_last_word_finds_room_on_a_full_disk_where_blocks_are_reserved(tmp_path: Path, disk: Disk) -> None:
    for way in [way for way in WAYS if way]:
        facts = Bench(tmp_path, way, lines.FACTS, reserve=4096)
        facts.stream.begin()
        disk.refuse(errno.ENOSPC, "allocate")
        for number in range(10_000):
            facts.fact(number)
        assert facts.stream.waiting
        assert facts.stream.store(lines.fact("end", 0, "x" * 2_000))
        assert [body for kind, _, body in facts.items() if kind == "end"] == ["x" * 2_000]


def test_the_first_journal_of_facts_is_a_claim(facts: Bench) -> None:
    facts.path(0).write_bytes(b"")
    with pytest.raises(FileExistsError):
        facts.stream.begin()
