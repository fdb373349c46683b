"""What a sweep is: a config object, that ``Experiment.submit`` takes."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any

from runstore.azureml import later
from runstore.azureml.core.script_run_config import ScriptRunConfig
from runstore.azureml.exceptions import TrainingException
from runstore.errors import UsageError

if TYPE_CHECKING:
    from runstore.launch.sweep.config import Sweep

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

    def _native(self) -> Sweep:
        """The sweep as it is at this moment.

        Raises:
            NotYetException: of an estimator or a pipeline.
            HyperDriveConfigException: it can't be; the message names what, and what is allowed.
        """
        from runstore.azureml.core import submitting
        from runstore.launch.sweep.config import Sweep

        if self.run_config is None:
            later.not_yet("A sweep of an estimator or a pipeline", later.NEVER)
        sampling, goal = self.hyperparameter_sampling, self.primary_metric_goal
        made = Sweep(
            submitting.converted(self.run_config),
            sampling.parameter_space,
            self.primary_metric_name,
            goal=str(getattr(goal, "value", goal)).lower(),
            runs=self.max_total_runs,
            concurrent=self.max_concurrent_runs,
            sampling=sampling._NATIVE,
            policy=self.policy._native(),
            minutes=self.max_duration_minutes,
            seed=sampling.properties.get("seed"),
            resume_from=_ids(self.resume_from),
            resume_runs=_ids(self.resume_child_runs),
        )
        try:
            made.check()
        except UsageError as problem:
            raise HyperDriveConfigException(str(problem), inner_exception=problem) from None
        return made


def _ids(given: Any) -> list[str]:
    """The ids of one run or several, given as runs or ids."""
    several = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    return [str(getattr(one, "id", one)) for one in several if one is not None]


HyperDriveRunConfig = HyperDriveConfig
