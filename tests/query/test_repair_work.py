"""Whose a damaged run is, who may still log into it, and header lines made again and proven by their checksum."""

from __future__ import annotations

from pathlib import Path

import runstore
from runstore.disk import inventory
from runstore.format import journal, lines
from runstore.query.repair import repair
from runstore.query.repair_work import Origin, alive, headed, origin, rebuilt
from runstore.runs import state
from tests.query.damaging import change, damage, flip, one, original, place, run_path, seen

__all__ = ["original", "place"]

TOLD = Origin("r", "e", {"0123456789abcdef": 1})
WRITER = "0123456789abcdef"


def told(place: Path, run_id: str) -> Origin:
    path = run_path(place, run_id)
    return origin(place, path, inventory.scan(path))


def test_a_run_is_known_by_any_file_that_is_left(place: Path) -> None:
    whole = told(place, "journals")
    assert (whole.run_id, whole.experiment, set(whole.attempts.values())) == ("journals", "e", {1})
    change(one(place, "journals", "a1.jsonl"), 0, bytes(100))
    assert told(place, "journals") == whole
    for path in run_path(place, "journals").glob("p-*"):
        path.write_bytes(b"")
    assert told(place, "journals").run_id == ""


def test_a_seal_record_tells_it_too(place: Path) -> None:
    one(place, "sealed", "a1.jsonl").write_bytes(b"")
    assert (told(place, "sealed").run_id, told(place, "sealed").experiment) == ("sealed", "e")


def test_where_only_segments_are_left_they_tell_it(place: Path, original: Path) -> None:
    for pattern in ("a1.jsonl", "seal-*"):
        one(place, "sealed", pattern).unlink()
    assert told(place, "sealed") == told(original, "sealed")
    repair(place)
    assert damage(place) == [] and {key for key in seen(place) if key[1] == "sealed"} == {
        key for key in seen(original) if key[1] == "sealed" and key[0] != "params"
    }


def test_a_changed_bit_in_the_only_header_does_not_hide_whose_it_is(place: Path) -> None:
    for path in run_path(place, "journals").glob("p-*"):
        path.unlink()
    flip(one(place, "journals", "a1.jsonl"), 1)
    assert told(place, "journals").run_id == "journals"


def test_a_header_line_is_made_again_where_the_checksum_says_that_it_is_right() -> None:
    right = rebuilt(TOLD, WRITER, 1, 0, 0, [lines.fact("note", 1, {"text": "x"})])
    for wrong in (b"#" + right[1:], right[:60] + bytes(20) + right[80:], right.replace(b"\n", b"?", 1)):
        assert headed(wrong, lines.FACTS, TOLD, [("f" * 16, 1), (WRITER, 2), (WRITER, 1)], range(2)) == right


def test_a_header_line_that_no_checksum_proves_is_not_made_up() -> None:
    right = rebuilt(TOLD, WRITER, 1, 0, 0, [lines.fact("note", 1, {"text": "x"})])
    wrong = b"#" + right[1:]
    assert headed(wrong, lines.FACTS, TOLD, [("f" * 16, 1)], range(2)) == wrong
    assert headed(wrong, lines.FACTS, Origin("r", "other"), [(WRITER, 1)], range(2)) == wrong


def test_a_rebuilt_journal_is_closed_and_keeps_the_numbers_of_its_facts() -> None:
    found = journal.read(rebuilt(TOLD, WRITER, 1, 1_000_000, 5, [lines.fact("note", 1, {"text": "x"})] * 2))
    assert found.closed and not found.damage and (found.first, found.next) == (5, 7)


def test_a_process_that_logs_is_alive_even_where_its_facts_can_not_be_read(place: Path) -> None:
    run = runstore.start_run("e", run_id="live", workspace=runstore.Workspace(place))
    run.log("loss", 1.0)
    path = run_path(place, "live")
    assert alive(state.fold(path))
    change(path / "a1.jsonl", 0, bytes(200))
    assert alive(state.fold(path))


def test_who_has_ended_or_left_no_lock_is_not_alive(place: Path) -> None:
    assert not any(alive(state.fold(run_path(place, run_id))) for run_id in ("journals", "sealed", "open"))
