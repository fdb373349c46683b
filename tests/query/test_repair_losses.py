"""What is lost is recorded in the run, once, so that a check knows it here and in every copy of the run."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

from runstore.format import lines, names
from runstore.query import union
from runstore.query.check import NOTE, check
from runstore.query.promises import Promises
from runstore.query.repair import repair
from runstore.runs.workspace import Workspace
from tests.query.damaging import change, damage, one, original, place, run_path

__all__ = ["original", "place"]


def test_numbers_content_and_facts_that_are_lost_are_recorded(place: Path) -> None:
    one(place, "sealed", "points-*").unlink()
    one(place, "merged", "k-*").unlink()
    one(place, "journals", "a1.jsonl").write_bytes(b"\0\nx\n")
    repair(place)
    told = {run_id: Promises(run_path(place, run_id)).lost for run_id in ("sealed", "merged", "journals")}
    assert told["sealed"].ranges != {} and told["sealed"].content == set()
    assert len(told["merged"].content) == 1 and told["merged"].ranges == {}
    assert len(told["journals"].writers) == 1


def test_a_log_that_is_not_what_was_printed_stays_and_is_named(place: Path) -> None:
    run = run_path(place, "many")
    (writer,) = Promises(run).writers
    body = {"number": 0, "size": 5, "sha256": hashlib.sha256(b"hello").hexdigest()}
    head = lines.header(lines.FACTS, "many", "f", writer, 1, 1, 100)
    data = head + lines.fact("streamed", 1, body)
    data += lines.checksum(lines.END, 0, len(data), 100, 1, zlib.crc32(data))
    (run / names.facts(1, "e" * 16)).write_bytes(data)
    (run / names.log(writer, 0)).write_bytes(b"hullo")
    assert len(damage(place)) == 1

    done = repair(place)

    assert [told.path for told in done.lost] == [(run / names.log(writer, 0)).relative_to(place).as_posix()]
    assert (run / names.log(writer, 0)).read_bytes() == b"hullo" and damage(place) == []


def test_what_is_known_to_be_lost_is_told_as_a_note(place: Path) -> None:
    one(place, "sealed", "points-*").unlink()
    repair(place)
    notes = [found.what for found in check(place, "sealed") if found.severity == NOTE]
    assert any("a repair found them lost" in what for what in notes) and damage(place) == []


def test_further_damage_to_a_repaired_run_is_damage_again(place: Path) -> None:
    one(place, "sealed", "points-*").unlink()
    repair(place)
    change(one(place, "sealed", "rows-*"), 30, bytes(60))
    assert damage(place) != []
    repair(place)
    assert damage(place) == []


def test_a_copy_of_a_repaired_run_knows_what_it_has_lost(place: Path, tmp_path: Path) -> None:
    one(place, "sealed", "points-*").unlink()
    one(place, "merged", "k-*").unlink()
    repair(place)
    other = Workspace(tmp_path / "other").path
    union.merge(other, place)
    assert damage(other) == []
