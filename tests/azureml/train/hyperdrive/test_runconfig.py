"""Configurations of sweeps."""

from __future__ import annotations

from typing import Any

import pytest

from runstore.azureml.core import ScriptRunConfig
from runstore.azureml.train.hyperdrive import (
    HyperDriveConfig,
    HyperDriveConfigException,
    HyperDriveRunConfig,
    NoTerminationPolicy,
    PrimaryMetricGoal,
    RandomParameterSampling,
    uniform,
)

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
