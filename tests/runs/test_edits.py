"""Anybody may say something about a run: whole or not at all, and without becoming a part of it."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import files, lock
from runstore.errors import NotWritable, RunClosed, RunNotFound
from runstore.format import journal, names
from runstore.runs import edits, state
from runstore.runs.media import MediaRun
from runstore.runs.workspace import Workspace


@pytest.fixture
def run(tmp_path: Path) -> MediaRun:
    return Workspace(tmp_path / "w").experiment("e").start_logging(run_id="r")


def found(run: MediaRun) -> MediaRun:
    """The run as another process finds it."""
    return MediaRun(run.experiment, run.id)


def record(run: MediaRun, *facts: tuple[str, Any]) -> None:
    edits.record(run.experiment.workspace.path, run.id, run.experiment.name, facts)


def journals(run: MediaRun) -> list[Path]:
    known = [(Path(entry.path), names.parse(entry.name)) for entry in files.listing(run.path)]
    return [path for path, name in known if name is not None and name.kind == "facts"]


def test_an_edit_is_one_closed_journal_with_nothing_wrong(run: MediaRun) -> None:
    record(run, ("tags", {"a": 1}), ("note", {"text": "n"}))
    (path,) = [path for path in journals(run) if path.name != names.facts(1)]
    (part,) = journal.read_all(files.read(path))
    assert (part.closed, part.damage, part.torn) == (True, [], 0)
    assert [kind for kind, _, _ in part.items()] == ["start", "tags", "note"]
    run.cancel()


def test_an_edit_is_no_writer_and_no_attempt(run: MediaRun) -> None:
    run.complete()
    before = state.fold(run.path)
    record(run, ("tags", {"a": 1}))
    after = state.fold(run.path)
    assert after.tags["a"][0] == 1
    assert (len(after.writers), len(after.attempts), after.status) == (1, 1, "Completed")
    assert (after.started, after.ended, after.user) == (before.started, before.ended, before.user)


def test_many_processes_edit_one_run_at_once(run: MediaRun) -> None:
    code = "import sys, runstore\nrun = runstore.Workspace(sys.argv[1]).get_run('r')\n"
    code += "for index in range(5): run.tag(sys.argv[2] + '.' + str(index), index)"
    where = str(run.experiment.workspace.path)
    children = [subprocess.Popen([sys.executable, "-c", code, where, str(number)]) for number in range(4)]
    assert [child.wait() for child in children] == [0] * 4
    assert len(state.fold(run.path).tags) == 20
    run.cancel()


def test_a_later_edit_counts_even_where_the_clock_was_set_back(run: MediaRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run.tag("t", "old")
    run.complete()
    monkeypatch.setattr("time.time_ns", lambda: 1)
    found(run).tag("t", "new")
    assert found(run).tags == {"t": "new"}


def test_a_run_resumed_after_an_edit_begins_its_next_attempt(run: MediaRun) -> None:
    run.complete()
    found(run).tag("t", 1)
    again = run.experiment.start_logging(run_id="r")
    again.complete()
    assert [attempt.number for attempt in state.fold(run.path).attempts] == [1, 2]


def test_a_run_that_is_not_there_is_not_made_by_an_edit(run: MediaRun) -> None:
    other = MediaRun(run.experiment, "other")
    with pytest.raises(RunNotFound, match="runstore runs"):
        other.tag("t")
    assert not other.path.exists()
    run.cancel()


def test_a_store_that_cannot_be_written_says_so(run: MediaRun, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, append: bool = False, private: bool = False) -> int:
        raise OSError(30, "Read-only file system")

    run.complete()
    monkeypatch.setattr(files, "create", refuse)
    with pytest.raises(NotWritable, match="Read-only file system"):
        run.tag("t")


def test_of_two_who_add_a_property_at_the_same_instant_the_first_counts(run: MediaRun) -> None:
    for value in (1, 2):  # both have looked before either has written
        record(run, ("properties", {"p": value}))
    assert found(run).properties == {"p": 1}
    run.complete()


def test_points_and_params_are_for_writers_only(run: MediaRun) -> None:
    run.complete()
    calls: list[Callable[[], object]] = [
        lambda: found(run).log("a", 1.0), lambda: found(run).log_row("r", a=1), lambda: run.log_params({"a": 1}),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(RunClosed):
            call()


# ---- ended from outside


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (MediaRun.cancel, "Canceled"),
        (MediaRun.complete, "Completed"),
        (partial(MediaRun.fail, error_details="why"), "Failed"),
    ],
)
def test_a_status_set_from_outside_is_final(run: MediaRun, end: Any, status: str) -> None:
    end(found(run))
    assert run.status == status
    run.log("loss", 1.0)
    run.fail(ValueError("late"))
    folded = state.fold(run.path)
    assert (folded.status, folded.points) == (status, 1)
    assert folded.error == ("why" if status == "Failed" else None)
    assert [writer.state for writer in folded.writers] == ["Failed"]


def test_a_run_that_has_ended_stays_as_it_ended(run: MediaRun) -> None:
    run.complete()
    before = journals(run)
    found(run).cancel()
    found(run).fail("too late")
    assert (run.status, journals(run)) == ("Completed", before)


def test_the_first_of_two_ends_from_outside_counts(run: MediaRun) -> None:
    found(run).fail("first", "Early")
    found(run).cancel()
    folded = state.fold(run.path)
    assert (folded.status, folded.error, folded.failure) == ("Failed", "first", {"code": "Early", "message": "first"})
    run.complete()


@pytest.mark.parametrize("order", list(itertools.permutations(["Completed", "Canceled", "Failed"])))
def test_whoever_ends_a_run_first_decides(run: MediaRun, order: tuple[str, ...]) -> None:
    unaware = state.fold(run.path)  # what two people see who act at the same time
    for status in order:
        if status == "Completed":
            run.complete()
        else:
            body = {"status": status, "error": None, "explicit": True, "outside": True}
            edits._publish(run.experiment.workspace.path, unaware, "r", "e", [("end", body)])
    assert run.status == order[0]


def test_a_writer_that_died_changes_no_status_set_before(run: MediaRun, monkeypatch: pytest.MonkeyPatch) -> None:
    found(run).cancel()
    with monkeypatch.context() as patch:
        patch.setattr(lock, "verdict", lambda identity, path: "dead")
        assert state.fold(run.path).status == "Canceled"
    run.complete()


def test_a_new_attempt_is_not_ended_by_what_ended_the_one_before(run: MediaRun) -> None:
    found(run).cancel()
    run.complete()
    again = run.experiment.start_logging(run_id="r")
    assert again.status == "Running"
    again.complete()
    assert again.status == "Completed"
