"""A script, its arguments and what it is to run in."""

from __future__ import annotations

import warnings
from typing import Any

from runstore.azureml.core.runconfig import MONTH, RunConfiguration


class ScriptRunConfig:
    """What ``Experiment.submit`` takes. Almost nothing is checked here, as in the SDK."""

    MAX_DURATION_SECONDS_DEFAULT = MONTH

    def __init__(
        self,
        source_directory: str,
        script: str | None = None,
        arguments: list[Any] | str | None = None,
        run_config: RunConfiguration | None = None,
        _telemetry_values: Any = None,
        compute_target: Any = None,
        environment: Any = None,
        distributed_job_config: Any = None,
        resume_from: Any = None,
        max_run_duration_seconds: int = MONTH,
        command: list[Any] | str | None = None,
        docker_runtime_config: Any = None,
    ) -> None:
        """Take the configuration; with ``run_config`` the arguments that say the same are ignored, with a warning."""
        self.source_directory, self.script, self.arguments, self.command = source_directory, script, arguments, command
        self.resume_from = resume_from
        given = {
            "compute_target": compute_target,
            "environment": environment,
            "distributed_job_config": distributed_job_config,
            "max_run_duration_seconds": None if max_run_duration_seconds == MONTH else max_run_duration_seconds,
            "docker_runtime_config": docker_runtime_config,
        }
        said = {name: value for name, value in given.items() if value is not None}
        if run_config is not None and said:
            warnings.warn(f"with run_config, {', '.join(said)} are ignored; set them on run_config", stacklevel=2)
        self.run_config = run_config if run_config is not None else _configured(said)

    @property
    def source_directory_data_store(self) -> None:
        """There is none."""
        return None


def _configured(said: dict[str, Any]) -> RunConfiguration:
    made = RunConfiguration()
    made.target = said.get("compute_target", made.target)
    made.environment = said.get("environment", made.environment)
    made.docker = said.get("docker_runtime_config", made.docker)
    made.max_run_duration_seconds = said.get("max_run_duration_seconds", made.max_run_duration_seconds)
    job = said.get("distributed_job_config")
    if job is not None:
        made.distribute(job)
    return made
