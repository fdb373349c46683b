"""What a sweep is: a config object. Submitting it comes with sweeps."""

from __future__ import annotations

from enum import Enum
from typing import Any

from runstore.azureml.core.script_run_config import ScriptRunConfig
from runstore.azureml.exceptions import TrainingException

WEEK = 7 * 24 * 60  # minutes


class HyperDriveConfigException(TrainingException):
    """A sweep that can't be."""


class PrimaryMetricGoal(Enum):
    """Which way the primary metric is better."""

    MAXIMIZE = "MAXIMIZE"
    MINIMIZE = "MINIMIZE"

    @classmethod
    def from_str(cls, goal: str) -> PrimaryMetricGoal:
        """By its name, in any case."""
        return cls(goal.upper())


class HyperDriveConfig:
    """Sampling, metric, limits, and the script that each run is."""

    def __init__(
        self,
        hyperparameter_sampling: Any,
        primary_metric_name: str,
        primary_metric_goal: PrimaryMetricGoal,
        max_total_runs: int,
        max_concurrent_runs: int | None = None,
        max_duration_minutes: int = WEEK,
        policy: Any = None,
        estimator: Any = None,
        run_config: ScriptRunConfig | None = None,
        resume_from: Any = None,
        resume_child_runs: Any = None,
        pipeline: Any = None,
        debug_flag: Any = None,
        custom_run_id: str | None = None,
    ) -> None:
        """Take the configuration.

        Raises:
            HyperDriveConfigException: not exactly one of estimator, run_config, pipeline; a run_config of another type.
        """
        if sum(one is not None for one in (estimator, run_config, pipeline)) != 1:
            raise HyperDriveConfigException("give exactly one of estimator, run_config and pipeline")
        if run_config is not None and not isinstance(run_config, ScriptRunConfig):
            raise HyperDriveConfigException(f"run_config is a ScriptRunConfig, not a {type(run_config).__name__}")
        from runstore.azureml.train.hyperdrive.policy import NoTerminationPolicy

        self.hyperparameter_sampling, self.policy = hyperparameter_sampling, policy or NoTerminationPolicy()
        self.primary_metric_name, self.primary_metric_goal = primary_metric_name, primary_metric_goal
        self.max_total_runs = max_total_runs
        self.max_concurrent_runs = max_total_runs if max_concurrent_runs is None else max_concurrent_runs
        self.max_duration_minutes = max_duration_minutes
        self.estimator, self.run_config, self.pipeline = estimator, run_config, pipeline
        self.resume_from, self.resume_child_runs = resume_from, resume_child_runs
        self.debug_flag, self.custom_run_id = debug_flag, custom_run_id


HyperDriveRunConfig = HyperDriveConfig
