"""What came out of a sweep."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import runstore
from runstore.errors import UsageError
from runstore.launch.sweep import results
from tests.launch.sweep.scenes import child, parent, sweep


@pytest.fixture
def run(workspace: Path) -> runstore.Run:
    made = parent(workspace, sweep())
    child(made, 0, {"--lr": 0.5}, [3.0, 1.0, 2.0])
    child(made, 1, {"--lr": 0.25}, [0.5], end="fail")
    child(made, 2, {"--lr": 0.75}, end="complete")
    child(made, 3, {"--lr": 0.1}, [math.nan, 0.75, math.inf], end="cancel")
    made.complete()
    return made


def test_children_are_ranked_by_their_best_value_and_those_without_come_last(run: runstore.Run) -> None:
    found = run.children_by_metric()
    assert [(one.run_id, one.best_primary_metric, one.status) for one in found] == [
        ("HD_1_1", 0.5, "Failed"), ("HD_1_3", 0.75, "Canceled"), ("HD_1_0", 1.0, "Completed"),
        ("HD_1_2", None, "Completed"),
    ]  # fmt: skip
    assert found[0].hyperparameters == {"--lr": 0.25}


def test_the_best_child_is_the_first_that_is_wanted(run: runstore.Run) -> None:
    best = run.best_child()
    assert best is not None
    assert best.id == "HD_1_1"
    without_failed = results.best(run, failed=False)
    completed = results.best(run, failed=False, canceled=False)
    assert without_failed is not None and without_failed.run_id == "HD_1_3"
    assert completed is not None and completed.run_id == "HD_1_0"


def test_more_may_be_better(workspace: Path) -> None:
    run = parent(workspace, sweep(goal="maximize"))
    child(run, 0, {"--lr": 1}, [3.0, 9.0, 2.0])
    child(run, 1, {"--lr": 1}, [5.0])
    assert [one.best_primary_metric for one in run.children_by_metric()] == [9.0, 5.0]


def test_children_come_in_the_order_of_their_numbers(workspace: Path) -> None:
    run = parent(workspace, sweep())
    for number in (10, 9, 1, 0):
        child(run, number, {"--lr": 1})
    assert [one.run_id for one in results.found(run)] == ["HD_1_0", "HD_1_1", "HD_1_9", "HD_1_10"]


def test_what_is_below_a_sweep_and_was_given_no_parameters_is_none_of_its_children(workspace: Path) -> None:
    run = parent(workspace, sweep())
    with run.child_run() as other:
        other.log("loss", 0.0)
    assert run.children_by_metric() == []
    assert run.best_child() is None


def test_children_of_earlier_sweeps_count_where_they_are_asked_for(run: runstore.Run) -> None:
    workspace = run.experiment.workspace.path
    later = parent(workspace, sweep(resume_from=["HD_1"]), "HD_2")
    child(later, 0, {"--lr": 0.3}, [0.6])
    best, own = results.best(later), results.best(later, earlier=False)
    assert best is not None and best.run_id == "HD_1_1"
    assert own is not None and own.run_id == "HD_2_0"


def test_a_run_that_is_no_sweep_has_no_best_child(workspace: Path) -> None:
    with runstore.start_run("e", workspace=workspace) as run, pytest.raises(UsageError, match="is no sweep"):
        run.best_child()
