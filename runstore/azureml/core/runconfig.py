"""How a script is to run: config objects, changed in place between submits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from runstore.azureml.core.environment import Environment
from runstore.azureml.exceptions import UserErrorException

LOCAL, ENVIRONMENT, MONTH = "local", "default-environment", 30 * 24 * 3600  # seconds


@dataclass
class DockerConfiguration:
    """Whether the job runs in a container, and how."""

    use_docker: bool = False
    shared_volumes: bool = True
    arguments: list[str] = field(default_factory=list)
    shm_size: str = "2g"


@dataclass
class MpiConfiguration:
    """Processes started by MPI."""

    process_count_per_node: int = 1
    node_count: int = 1


@dataclass
class PyTorchConfiguration:
    """Processes started for torch.distributed."""

    communication_backend: str = "Nccl"
    process_count: int | None = None
    node_count: int = 1


@dataclass
class TensorflowConfiguration:
    """Workers and parameter servers of TensorFlow."""

    worker_count: int = 1
    parameter_server_count: int = 1


@dataclass
class HistoryConfiguration:
    """What of a run is kept."""

    output_collection: bool = True
    snapshot_project: bool = True
    directories_to_watch: list[str] = field(default_factory=lambda: ["logs"])


class RunConfiguration:
    """Target, environment, arguments and limits of a run. Nothing is checked before submit."""

    def __init__(
        self,
        script: str | None = None,
        arguments: list[Any] | str | None = None,
        framework: str | None = None,
        communicator: str | None = None,
        conda_dependencies: Any = None,
        _history_enabled: bool | None = None,
        _path: str | None = None,
        _name: str | None = None,
        command: list[Any] | str | None = None,
    ) -> None:
        """Take what is known; the rest is the SDK's defaults."""
        self.script, self.command = script, command
        self.arguments: list[Any] | str = arguments or []
        self.target: Any = LOCAL
        self.framework, self.communicator = framework or "Python", communicator or "None"
        self.node_count = 1
        self.environment = Environment(ENVIRONMENT)
        if conda_dependencies is not None:
            self.environment.python.conda_dependencies = conda_dependencies
        self.environment_variables: dict[str, str] = {}
        self.history, self.docker = HistoryConfiguration(), DockerConfiguration()
        self.mpi, self.pytorch, self.tensorflow = MpiConfiguration(), PyTorchConfiguration(), TensorflowConfiguration()
        self.data: dict[str, Any] = {}
        self.output_data: dict[str, Any] = {}
        self.max_run_duration_seconds: int | None = MONTH
        self.priority: int | None = None

    def distribute(self, job: MpiConfiguration | PyTorchConfiguration | TensorflowConfiguration) -> None:
        """Take how several processes are started."""
        if isinstance(job, MpiConfiguration):
            self.communicator, self.mpi = "Mpi", job
        elif isinstance(job, PyTorchConfiguration):
            self.framework, self.communicator, self.pytorch = "PyTorch", job.communication_backend, job
        elif isinstance(job, TensorflowConfiguration):
            self.framework, self.communicator, self.tensorflow = "TensorFlow", "ParameterServer", job
        else:
            raise UserErrorException(f"distributed_job_config is an Mpi-, PyTorch- or TensorflowConfiguration: {job!r}")
        self.node_count = getattr(job, "node_count", 1)

    def save(self, path: str | None = None, name: str | None = None, separate_environment_yaml: bool = False) -> None:
        """Write it to ``<path>/.azureml/<name>.runconfig``, or to the file that ``path`` names.

        Args:
            path: a directory, or a file with an ending; None: the current directory.
            name: of the configuration; None: ``runconfig``.
            separate_environment_yaml: accepted; the environment is written into the same file.
        """
        from runstore.azureml.core import runconfig_files

        runconfig_files.save(self, path, name)

    @staticmethod
    def load(path: str, name: str | None = None) -> RunConfiguration:
        """What ``save`` wrote.

        Raises:
            RunConfigurationException: it is not there, or is no run configuration.
        """
        from runstore.azureml.core import runconfig_files

        return runconfig_files.load(path, name)

    @staticmethod
    def delete(path: str, name: str | None = None) -> None:
        """Remove the file that ``save`` wrote.

        Raises:
            RunConfigurationException: it is not there.
        """
        from runstore.azureml.core import runconfig_files

        runconfig_files.delete(path, name)
