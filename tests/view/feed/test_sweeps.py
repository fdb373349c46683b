"""Sweeps are listed with what they look for; one is told with each child's parameters and metric."""

from __future__ import annotations

import json
from typing import Any

import pytest

import runstore
from runstore.errors import UsageError
from runstore.launch import queue
from runstore.launch.sweep import config, controller
from runstore.view.feed import sweeps


@pytest.fixture
def made(ws: runstore.Workspace) -> runstore.Run:
    sweep = ws.experiment("e").start_logging(
        type="hyperdrive",
        tags={
            "generator_config": json.dumps({"name": "TPE", "parameter_space": {"lr": ["uniform", 0, 1]}}),
            "policy_config": json.dumps({"name": "none"}),
            "max_total_jobs": "3",
            "max_concurrent_jobs": "2",
        },
    )
    sweep.add_properties({"primary_metric_config": json.dumps({"name": "loss", "goal": "minimize"})})
    for at, losses in enumerate(([3.0, 1.0, 2.0], [5.0], [])):
        child = sweep.child_run(run_id=f"{sweep.id}_{at}")
        child.add_properties({"hyperparameters": json.dumps({"lr": at / 10})})
        for loss in losses:
            child.log("loss", loss)
        if at == 1:
            child.tag("stopped_by", "bandit")
        child.complete()
    sweep.add_properties({"best_child_run_id": f"{sweep.id}_0"})
    sweep.complete()
    return sweep


def test_words_are_those_that_sweeps_write() -> None:
    assert (sweeps.TYPE, sweeps.PRIMARY, sweeps.BEST) == (queue.SWEEP, config.PRIMARY, controller.BEST)
    assert (sweeps.HYPERPARAMETERS, sweeps.STOPPED) == (config.HYPERPARAMETERS, config.STOPPED)


def test_sweeps_are_listed_with_what_they_look_for(ws: runstore.Workspace, made: runstore.Run, as_sent: Any) -> None:
    found = as_sent(sweeps.sweeps(ws))
    (one,) = found["sweeps"]
    assert (found["total"], one["run_id"], one["status"]) == (1, made.id, "Completed")
    assert (one["metric"], one["goal"], one["sampling"], one["total"]) == ("loss", "minimize", "TPE", 3)
    assert (one["space"], one["policy"], one["concurrent"]) == ({"lr": ["uniform", 0, 1]}, {"name": "none"}, 2)
    assert (one["children"], one["best_child_run_id"]) == ({"Completed": 3}, f"{made.id}_0")
    assert sweeps.sweeps(ws, experiment="other") == {"sweeps": [], "total": 0}


def test_a_sweep_is_told_with_its_children(ws: runstore.Workspace, made: runstore.Run, as_sent: Any) -> None:
    found = as_sent(sweeps.sweep(ws, made.id))
    assert found["parameters"] == ["lr"]
    assert [(one["values"]["lr"], one["metric"], one["last"], one["stopped_by"]) for one in found["trials"]] == [
        (0.0, 1.0, 2.0, None),
        (0.1, 5.0, 5.0, "bandit"),
        (0.2, None, None, None),
    ]


def test_another_run_is_no_sweep(ws: runstore.Workspace, made: runstore.Run) -> None:
    with pytest.raises(UsageError, match="no sweep"):
        sweeps.sweep(ws, f"{made.id}_0")


def test_labels_that_say_nothing_are_none(ws: runstore.Workspace) -> None:
    ws.experiment("e").start_logging(type="hyperdrive", tags={"generator_config": "no JSON"}).complete()
    (one,) = sweeps.sweeps(ws)["sweeps"]
    assert (one["metric"], one["sampling"], one["children"]) == (None, None, {})
