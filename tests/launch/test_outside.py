"""A launcher hears of an end that somebody else told, whatever else is added to its run."""

from __future__ import annotations

from pathlib import Path

import runstore
from runstore.disk import files
from runstore.launch import outside as outsiders
from runstore.launch.outside import Outside
from runstore.runs import state
from tests.launch.scripts import until


def running(workspace: Path) -> runstore.Run:
    return runstore.start_run("exp", workspace=workspace)


def outside(run: runstore.Run) -> runstore.Run:
    return runstore.Workspace(run.experiment.workspace.path).get_run(run.id)


def test_nobody_has_told_anything(workspace: Path) -> None:
    assert Outside(running(workspace).path, 1).end() is None


def test_an_end_is_heard_with_its_reason(workspace: Path) -> None:
    run = running(workspace)
    heard = Outside(run.path, 1)
    assert heard.end() is None
    outside(run).fail("no good")
    until(heard.end)
    assert heard.end() == ("Failed", "no good")


def test_one_that_was_told_before_is_heard_too(workspace: Path) -> None:
    run = running(workspace)
    outside(run).cancel()
    assert Outside(run.path, 1).end() == ("Canceled", None)


def test_tags_and_further_writers_are_no_end(workspace: Path) -> None:
    run = running(workspace)
    heard = Outside(run.path, 1)
    outside(run).tag("note", "x")
    joined = runstore.start_run("exp", run_id=run.id, workspace=workspace)
    joined.complete()
    assert heard.end() is None


def test_what_was_told_of_an_earlier_attempt_is_none_of_this(workspace: Path) -> None:
    run = running(workspace)
    outside(run).cancel()
    run.complete()
    again = runstore.start_run("exp", run_id=run.id, workspace=workspace)
    assert again._live().identity.attempt == 2
    assert Outside(run.path, 2).end() is None


def test_where_nothing_was_added_nothing_is_listed(workspace: Path) -> None:
    run = running(workspace)
    heard = Outside(run.path, 1)
    heard._changed, heard._looked = run.path.stat().st_mtime, 1e12
    looks: list[Path] = []
    heard._new_end = lambda: bool(looks.append(run.path))  # type: ignore[method-assign]
    told_at = outsiders.time.time
    try:
        outsiders.time.time = lambda: 1e12 + 1.0  # type: ignore[assignment]
        assert heard.end() is None
        outsiders.time.time = lambda: 1e12 + 1.0 + outsiders.SELDOM  # type: ignore[assignment]
        assert heard.end() is None
    finally:
        outsiders.time.time = told_at  # type: ignore[assignment]
    assert len(looks) == 1


def test_each_added_file_is_read_once(workspace: Path) -> None:
    run = running(workspace)
    outside(run).tag("a", 1)
    heard = Outside(run.path, 1)
    heard.end()
    read: list[Path] = []
    heard._ends = lambda path: bool(read.append(path))  # type: ignore[method-assign]
    outside(run).tag("b", 2)
    until(lambda: heard.end() or read)
    heard._changed = 0.0
    heard.end()
    assert len(read) == 1 and files.read(read[0])
    assert state.fold(run.path).tags["b"][0] == 2
