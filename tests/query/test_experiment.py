"""An experiment gives its runs and takes what is said about it."""

from __future__ import annotations

from typing import Any

import pytest

import runstore
from runstore.errors import InvalidValue, UsageError


def test_an_experiments_runs_come_newest_first_and_without_children(ws: runstore.Workspace) -> None:
    experiment = ws.experiment("e")
    parent = experiment.start_logging(run_id="parent", tags={"k": "v"})
    parent.child_run(run_id="child").complete()
    parent.complete()
    failed = experiment.start_logging(run_id="failed", tags={"k": "w"})
    failed.add_properties({"p": 1})
    failed.fail("why")
    ws.experiment("f").start_logging(run_id="elsewhere").complete()

    def found(**options: Any) -> list[str]:
        return [run.id for run in experiment.get_runs(**options)]

    assert found() == ["failed", "parent"]
    assert found(include_children=True) == ["failed", "child", "parent"]
    assert found(status="Failed") == found(properties={"p": 1}) == ["failed"]
    assert found(tags={"k": "v"}) == ["parent"]
    assert found(tags={"k": "x"}) == found(type="t") == found(properties={"q": 1}) == []
    assert all(isinstance(run, runstore.Run) for run in experiment.get_runs())


def test_tags_of_an_experiment_change(ws: runstore.Workspace) -> None:
    experiment = ws.experiment("e")
    experiment.set_tags({"a": 1, "b": None})
    experiment.tag("a", "two")
    assert experiment.tags == experiment.get_tags() == {"a": "two", "b": None}
    experiment.remove_tags(["b", "never there"])
    assert ws.experiment("e").tags == {"a": "two"}
    with pytest.raises(InvalidValue):
        experiment.remove_tags("a")


def test_an_experiment_is_identified_by_its_name_alone(ws: runstore.Workspace) -> None:
    assert ws.experiment("e").id == ws.experiment("e").id != ws.experiment("f").id


def test_archived_experiments_are_hidden_until_they_are_reactivated(ws: runstore.Workspace) -> None:
    experiment, other = ws.experiment("e"), ws.experiment("f")
    assert experiment.archived_time is None
    experiment.archive()

    def names(**options: Any) -> list[str]:
        return [found.name for found in runstore.Experiment.list(ws, **options)]

    assert experiment.archived_time is not None
    assert (names(), names(view_type="ArchivedOnly"), names(view_type="All")) == (["f"], ["e"], ["e", "f"])
    experiment.reactivate()
    assert (names(), experiment.archived_time) == (["e", "f"], None)
    other.tag("k", 1)
    assert (names(tags="k"), names(tags={"k": "1"}), names(experiment_name="e")) == (["f"], ["f"], ["e"])
    with pytest.raises(UsageError, match="ArchivedOnly"):
        names(view_type="archived")


def test_the_experiments_of_a_workspace_are_a_dict_by_name(ws: runstore.Workspace) -> None:
    ws.experiment("e")
    assert {name: type(found) for name, found in ws.experiments.items()} == {"e": runstore.Experiment}
