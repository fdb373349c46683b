"""Runs of sweeps."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from runstore.azureml.core import Experiment, Run, ScriptRun, ScriptRunConfig
from runstore.azureml.exceptions import NotYetException, UserErrorException
from runstore.azureml.train.hyperdrive import (
    BanditPolicy,
    GridParameterSampling,
    HyperDriveConfig,
    HyperDriveRun,
    PrimaryMetricGoal,
    choice,
)

SCRIPT = """
import argparse
from runstore.azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--depth", type=int)
given = parser.parse_args()
run = Run.get_context()
for step in range(3):
    run.log("loss", given.lr * given.depth - step / 100)
"""


@pytest.fixture
def script(here: Path) -> ScriptRunConfig:
    (here / "src").mkdir()
    (here / "src" / "train.py").write_text(SCRIPT)
    return ScriptRunConfig("src", "train.py")


def stored(exp: Experiment, run_id: str = "HD_1", earlier: list[str] | None = None) -> HyperDriveRun:
    """A sweep as it lies in a store, with children that ended in every way."""
    run = exp.start_logging(run_id=run_id, snapshot_directory=None, outputs=False, type="hyperdrive")
    goal = {"name": "loss", "goal": "minimize"}
    run.add_properties({"primary_metric_config": json.dumps(goal), "resume_from": json.dumps(earlier or [])})
    ends: list[tuple[list[float], str]] = [
        ([3.0, 1.0], "complete"), ([0.5], "fail"), ([], "complete"), ([math.nan, 0.75], "cancel"),
    ]  # fmt: skip
    for number, (logged, end) in enumerate(ends):
        child = run.child_run(run_id=f"{run_id}_{number}", type="azureml.scriptrun")
        child.add_properties({"hyperparameters": json.dumps({"--lr": number})})
        for value in logged:
            child.log("loss", value)
        getattr(child, end)()
    run.complete()
    found = exp.workspace.get_run(run_id)
    assert isinstance(found, HyperDriveRun)
    return found


def ids(listed: list[dict[str, Any]]) -> list[str]:
    return [one["run_id"] for one in listed]


def test_children_are_sorted_the_best_first_and_those_without_the_metric_last(exp: Experiment) -> None:
    run = stored(exp)
    listed = run.get_children_sorted_by_primary_metric()
    assert ids(listed) == ["HD_1_1", "HD_1_3", "HD_1_0", "HD_1_2"]
    assert listed[0] == {
        "run_id": "HD_1_1", "hyperparameters": '{"--lr": 1}', "best_primary_metric": 0.5, "status": "Failed",
    }  # fmt: skip
    assert listed[3]["best_primary_metric"] is None
    assert ids(run.get_children_sorted_by_primary_metric(top=2)) == ["HD_1_1", "HD_1_3"]
    assert ids(run.get_children_sorted_by_primary_metric(reverse=True)) == ["HD_1_0", "HD_1_3", "HD_1_1", "HD_1_2"]
    assert ids(run.get_children_sorted_by_primary_metric(discard_no_metric=True)) == ["HD_1_1", "HD_1_3", "HD_1_0"]


def test_the_best_run_is_of_those_that_are_wanted(exp: Experiment) -> None:
    run = stored(exp)
    best = run.get_best_run_by_primary_metric()
    assert isinstance(best, ScriptRun)
    assert best.id == "HD_1_1"
    others = [
        run.get_best_run_by_primary_metric(include_failed=False),
        run.get_best_run_by_primary_metric(include_failed=False, include_canceled=False),
    ]
    assert [one and one.id for one in others] == ["HD_1_3", "HD_1_0"]


def test_runs_of_earlier_sweeps_may_be_the_best(exp: Experiment) -> None:
    stored(exp)
    later = exp.start_logging(run_id="HD_2", snapshot_directory=None, outputs=False, type="hyperdrive")
    goal = {"name": "loss", "goal": "minimize"}
    later.add_properties({"primary_metric_config": json.dumps(goal), "resume_from": '["HD_1"]'})
    later.complete()
    run = HyperDriveRun(exp, "HD_2")
    best = run.get_best_run_by_primary_metric()
    assert best is not None and best.id == "HD_1_1"
    assert run.get_best_run_by_primary_metric(include_resume_from_runs=False) is None


def test_metrics_and_parameters_are_by_run(exp: Experiment) -> None:
    run = stored(exp)
    assert run.get_hyperparameters() == {f"HD_1_{number}": json.dumps({"--lr": number}) for number in range(4)}
    found = run.get_metrics()
    assert (found["HD_1_0"], sorted(found)) == ({"loss": [3.0, 1.0]}, ["HD_1_0", "HD_1_1", "HD_1_3"])


def test_a_sweep_neither_fails_nor_diagnoses_itself(exp: Experiment) -> None:
    for call in ("fail", "get_diagnostics"):
        with pytest.raises(NotYetException):
            getattr(HyperDriveRun(exp, "HD_1"), call)()


def test_a_run_that_is_no_sweep_has_no_best_run(exp: Experiment, run: Run) -> None:
    with pytest.raises(UserErrorException, match="no sweep"):
        HyperDriveRun(exp, run.id).get_best_run_by_primary_metric()


def test_a_sweep_is_submitted_runs_and_knows_its_best_run(exp: Experiment, script: ScriptRunConfig) -> None:
    sampling = GridParameterSampling({"lr": choice(0.1, 0.2), "--depth": choice(1, 2)})
    config = HyperDriveConfig(
        sampling, "loss", PrimaryMetricGoal.MINIMIZE, 10, max_concurrent_runs=2, run_config=script,
        policy=BanditPolicy(slack_factor=10.0), custom_run_id="HD_mine",
    )  # fmt: skip
    run = exp.submit(config, tags={"a": "b"})
    assert isinstance(run, HyperDriveRun)
    details = run.wait_for_completion(show_output=False)
    best = run.get_best_run_by_primary_metric()

    assert (details["status"], run.id, run.type, run.get_tags()["a"]) == ("Completed", "HD_mine", "hyperdrive", "b")
    assert ids(run.get_children_sorted_by_primary_metric(top=1)) == ["HD_mine_0"]
    assert len(list(run.get_children())) == 4
    assert best is not None
    assert best.get_details()["runDefinition"]["arguments"] == ["--lr", "0.1", "--depth", "1"]
    assert best.get_metrics() == {"loss": [pytest.approx(0.1 - step / 100) for step in range(3)]}
    assert "azureml-logs/hyperdrive.txt" in details["logFiles"]
