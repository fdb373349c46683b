"""How a script is to run: config objects, changed in place between submits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from runstore.azureml import later
from runstore.azureml.core.environment import Environment

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

    save = later.method("RunConfiguration.save()", later.SCRIPTS)
    load = staticmethod(later.method("RunConfiguration.load()", later.SCRIPTS))
    delete = staticmethod(later.method("RunConfiguration.delete()", later.SCRIPTS))
