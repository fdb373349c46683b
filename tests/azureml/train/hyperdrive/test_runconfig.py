"""Configurations of sweeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runstore.azureml.core import ScriptRunConfig
from runstore.azureml.exceptions import NotYetException
from runstore.azureml.train.hyperdrive import (
    BanditPolicy,
    BayesianParameterSampling,
    GridParameterSampling,
    HyperDriveConfig,
    HyperDriveConfigException,
    HyperDriveRunConfig,
    MedianStoppingPolicy,
    NoTerminationPolicy,
    PrimaryMetricGoal,
    RandomParameterSampling,
    TruncationSelectionPolicy,
    choice,
    uniform,
)
from runstore.launch.sweep import policies
from runstore.launch.sweep.policies import Bandit, Median, Truncation

SAMPLING = RandomParameterSampling({"--lr": uniform(0, 1)})


def config(**given: Any) -> HyperDriveConfig:
    return HyperDriveConfig(SAMPLING, "loss", PrimaryMetricGoal.MINIMIZE, 4, **given)


def test_the_defaults_are_the_sdks() -> None:
    made = config(run_config=ScriptRunConfig(".", "a.py"))
    assert (made.max_concurrent_runs, made.max_duration_minutes) == (4, 10080)
    assert isinstance(made.policy, NoTerminationPolicy)


@pytest.mark.parametrize("given", [{}, {"estimator": 1, "pipeline": 2}, {"run_config": "a.py"}], ids=repr)
def test_exactly_one_script_is_run(given: dict[str, Any]) -> None:
    with pytest.raises(HyperDriveConfigException):
        config(**given)


def test_a_goal_is_known_by_name() -> None:
    assert PrimaryMetricGoal.from_str("maximize") is PrimaryMetricGoal.MAXIMIZE


def test_the_old_name_is_the_same_class() -> None:
    assert HyperDriveRunConfig is HyperDriveConfig


# ---- what is submitted


def test_a_sweep_is_made_of_what_the_config_says_when_it_is_submitted(here: Path) -> None:
    made = config(
        run_config=ScriptRunConfig(".", "a.py", arguments=["--a", 1]), policy=BanditPolicy(2, slack_amount=0.5),
        max_concurrent_runs=2, resume_from=["HD_1"], resume_child_runs="HD_0_3",
    )  # fmt: skip
    made.max_total_runs = 9
    sweep = made._native()
    assert sweep.config.argv() == ["python", "a.py", "--a", "1"]
    assert (sweep.metric, sweep.goal, sweep.runs, sweep.concurrent, sweep.minutes) == ("loss", "minimize", 9, 2, 10080)
    assert (sweep.resume_from, sweep.resume_runs) == (["HD_1"], ["HD_0_3"])
    assert policies.read(sweep.policy) == Bandit(evaluation_interval=2, slack_amount=0.5)
    assert sweep.as_dict()["parameters"] == {"--lr": ["uniform", [0, 1]]}


@pytest.mark.parametrize(
    ("policy", "native"),
    [
        (None, None),
        (NoTerminationPolicy(), None),
        (
            MedianStoppingPolicy(evaluation_interval=3, delay_evaluation=5),
            Median(evaluation_interval=3, delay_evaluation=5),
        ),
        (TruncationSelectionPolicy(20), Truncation(percentage=20)),
    ],
    ids=["nothing", "none", "median", "truncation"],
)
def test_every_policy_is_one_of_the_native_ones(here: Path, policy: Any, native: policies.Policy | None) -> None:
    sweep = config(run_config=ScriptRunConfig(".", "a.py"), policy=policy)._native()
    assert policies.read(sweep.policy) == native


@pytest.mark.parametrize(
    ("kind", "sampling"),
    [(RandomParameterSampling, "random"), (GridParameterSampling, "grid"), (BayesianParameterSampling, "bayesian")],
)
def test_every_sampling_is_one_of_the_native_ones(here: Path, kind: Any, sampling: str) -> None:
    given = kind({"--a": choice(1, 2)}, properties={"seed": 5})
    made = HyperDriveConfig(
        given, "loss", PrimaryMetricGoal.MAXIMIZE, 4, run_config=ScriptRunConfig(".", "a.py")
    )._native()
    assert (made.sampling, made.goal, made.seed) == (sampling, "maximize", 5)


def test_what_can_not_be_is_said_when_it_is_submitted(here: Path) -> None:
    made = config(run_config=ScriptRunConfig(".", "a.py"))
    made.max_total_runs = 0
    with pytest.raises(HyperDriveConfigException, match="runs: give a whole number"):
        made._native()
    with pytest.raises(NotYetException, match="estimator"):
        config(estimator=object())._native()
