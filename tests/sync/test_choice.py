"""What is chosen: runs, and kinds of files, of which some only go together."""

from __future__ import annotations

from runstore.sync.choice import EVERYTHING, Choice
from runstore.sync.plan import File

SEAL = File("s", "seal", 9, (("w", 0, 3), ("ws", 0, 5)))


def kinds(choice: Choice) -> list[str]:
    given = [
        File(kind, kind, 1) for kind in ("points", "rows", "system", "logs", "facts", "pack", "blob", "log", "end")
    ]
    return [one.kind for one in choice.files(given)]


def test_everything_leaves_nothing_out() -> None:
    assert len(kinds(EVERYTHING)) == 9 and [*EVERYTHING.files([SEAL])] == [SEAL]
    assert EVERYTHING.everything and EVERYTHING.all_runs and EVERYTHING.run("r", "e")


def test_facts_and_ends_always_travel() -> None:
    assert kinds(Choice(kinds=frozenset())) == ["facts", "end"]


def test_points_bring_rows_and_system_metrics_bring_log_records() -> None:
    assert kinds(Choice(kinds=frozenset({"points"}))) == ["points", "rows", "facts", "end"]
    assert kinds(Choice(kinds=frozenset({"logs"}))) == ["system", "logs", "facts", "end"]


def test_of_a_record_only_the_numbers_that_are_meant_travel() -> None:
    (main,) = Choice(kinds=frozenset({"points"})).files([SEAL])
    (side,) = Choice(kinds=frozenset({"system"})).files([SEAL])
    assert (main.spans, side.spans) == ((("w", 0, 3),), (("ws", 0, 5),))
    assert [*Choice(kinds=frozenset({"blob"})).files([SEAL])] == []


def test_a_run_is_meant_by_its_id_and_its_experiment() -> None:
    choice = Choice(frozenset({"r"}), frozenset({"e"}))
    assert choice.run("r", "e") and not choice.run("r", "f") and not choice.run("s", "e")
    assert not choice.all_runs and not choice.everything
