"""Experiments are what their documents say, and the runs in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import NotWritable, StoreError
from runstore.format import documents, names
from runstore.query import check, groups
from runstore.query.check import DAMAGE


def test_experiments_are_listed_and_a_damaged_document_is_warned_of(ws: runstore.Workspace) -> None:
    ws.experiment("a")
    ws.experiment("b")
    path = ws.path / names.experiment_file("b")
    path.write_bytes(path.read_bytes()[:-3] + b"x}\n")
    with pytest.warns(UserWarning, match=path.name):
        assert [found.name for found in groups.documented(ws.path)] == ["a"]


def test_an_experiment_without_a_document_is_known_by_its_runs(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging() as run:
        pass
    (ws.path / names.experiment_file("e")).unlink()
    found = groups.experiments(ws.path)["e"]
    assert (found.runs, found.created, found.last_start) == (1, run._folded().started, run._folded().started)


def test_the_newest_word_about_an_experiment_counts(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = ws.experiment("e")
    experiment.set_tags({"a": 1, "b": None})
    monkeypatch.setattr("time.time_ns", lambda: 1)
    experiment.tag("a", 2)
    experiment.remove_tags(["b"])
    assert groups.one(ws.path, "e").tags.keys() == {"a"}
    assert experiment.tags == {"a": 2}


def test_what_is_said_about_experiments_is_checked(ws: runstore.Workspace) -> None:
    experiment = ws.experiment("e")
    experiment.tag("a", 1)
    experiment.archive()
    assert check.check(ws.path) == []
    events = [path for path in (ws.path / names.EXPERIMENTS).iterdir() if names.event_time(path.name)]
    assert len(events) == 2
    events[0].write_bytes(events[0].read_bytes().replace(b"e", b"x", 1))
    other = documents.render({"experiment": "other", "time": 7})
    events[1].write_bytes(other)
    assert {(Path(finding.path).name, finding.severity) for finding in check.check(ws.path)} == {
        (event.name, DAMAGE) for event in events
    }


def test_an_experiment_is_active_again_once_a_run_begins_in_it(ws: runstore.Workspace) -> None:
    experiment = ws.experiment("e")
    experiment.start_logging().complete()
    experiment.archive()
    archived: Any = ws.sql("select archived from experiments")
    assert (archived.fetchall(), ws.experiments) == ([(True,)], {})
    experiment.start_logging().complete()
    assert ws.sql("select archived from experiments").fetchall() == [(False,)]
    assert list(ws.experiments) == ["e"]


def test_an_experiment_without_runs_is_deleted_with_all_that_is_said_of_it(ws: runstore.Workspace) -> None:
    experiment = ws.experiment("e")
    experiment.tag("a", 1)
    ws.experiment("kept")
    runstore.Experiment.delete(ws, experiment.id)
    assert list(ws.experiments) == ["kept"]
    assert [path.name for path in (ws.path / names.EXPERIMENTS).iterdir()] == [f"{ws.experiment('kept').id}.json"]


def test_an_experiment_with_runs_is_not_deleted_without_force(ws: runstore.Workspace) -> None:
    experiment = ws.experiment("e")
    experiment.start_logging().complete()
    with pytest.raises(StoreError, match="1 runs"):
        runstore.Experiment.delete(ws, experiment.id)
    with pytest.raises(StoreError, match="no experiment"):
        runstore.Experiment.delete(ws, "nothing")
    assert list(ws.experiments) == ["e"]


def test_a_store_that_cannot_be_written_says_so(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = ws.experiment("e")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("runstore.disk.files.publish", refuse)
    with pytest.raises(NotWritable, match="Read-only"):
        experiment.tag("a")
    assert experiment.tags == {}
