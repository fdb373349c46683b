"""Of damaged facts what can be believed becomes journals of its own; what lies elsewhere too is not written again."""

from __future__ import annotations

from pathlib import Path

from runstore.format import journal, names
from runstore.query.repair import repair
from runstore.query.repair_facts import REPAIRED
from runstore.runs import state
from tests.query.damaging import change, damage, one, original, place, run_path, seen

__all__ = ["original", "place"]


def test_facts_after_and_before_the_damage_are_kept_with_their_numbers(place: Path) -> None:
    path = one(place, "open", "a1.jsonl")
    data = path.read_bytes()
    spans = journal.read(data).spans
    assert len(spans) > 1  # a checking line, at least, in between
    change(path, data.rfind(b"\n", 0, spans[0].end - 1) - 5, b"\0\0")
    done = repair(place)
    assert damage(place) == [] and any(told.what.startswith("facts 0") for told in done.lost)
    (new,) = run_path(place, "open").glob("a1*.jsonl")
    found = journal.read(new.read_bytes())
    assert found.closed and found.first == spans[1].first and found.header["number"] == REPAIRED + found.first


def test_damaged_merged_facts_come_back_out_of_what_they_replaced(place: Path, original: Path) -> None:
    change(one(place, "merged", "facts-*"), 300, bytes(100))
    done = repair(place)
    assert done.whole and damage(place) == []
    assert seen(place) == seen(original)
    assert state.fold(run_path(place, "merged")).status == "Completed"


def test_what_nothing_else_holds_of_merged_facts_is_written_again(place: Path) -> None:
    run = run_path(place, "merged")
    for path in run.glob("a*.jsonl"):
        path.unlink()
    path = one(place, "merged", "facts-*")
    parts = journal.read_all(path.read_bytes())
    change(path, path.read_bytes().find(b"\n", len(parts[0].data) + 300) + 30, bytes(40))
    before = state.fold(run)
    repair(place)
    after = state.fold(run)
    assert damage(place) == [] and not list(run.glob("facts-*"))
    assert after.writers[0].writer == before.writers[0].writer
    assert after.attempts[0].params == before.attempts[0].params != {}


def test_a_damaged_header_between_merged_journals_is_made_again(place: Path) -> None:
    run = run_path(place, "merged")
    for path in run.glob("a*.jsonl"):
        path.unlink()
    path = one(place, "merged", "facts-*")
    parts = journal.read_all(path.read_bytes())
    change(path, len(parts[0].data) + 2, b"#####")
    before = seen(place)
    repair(place)
    assert damage(place) == [] and len(state.fold(run).writers) == 2
    assert set(before) <= set(seen(place))


def test_facts_that_are_another_runs_are_put_aside_as_they_are(place: Path) -> None:
    foreign = run_path(place, "journals") / names.facts(1, "f" * 16)
    foreign.write_bytes(one(place, "many", "a1.jsonl").read_bytes())
    done = repair(place)
    assert done.whole and damage(place) == [] and not foreign.exists()
    assert [path for path, _ in done.aside] == [foreign.relative_to(place).as_posix()]


def test_facts_beyond_reading_are_named_and_their_points_stay(place: Path) -> None:
    one(place, "journals", "a1.jsonl").write_bytes(b"\0" * 50 + b"\n" * 2 + b"x\n")
    before = {key for key in seen(place) if key[:2] == ("metrics", "journals")}
    done = repair(place)
    assert any("all facts of writer" in told.what for told in done.lost)
    assert damage(place) == [] and before <= set(seen(place))
