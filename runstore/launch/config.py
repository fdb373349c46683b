"""What is to be run, and in what: plain data, changed in place until it is submitted.

Nothing here opens a file or starts anything, and nothing is checked before it is asked for.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from runstore.errors import LaunchError

PYTHON = "python"  # as the first word of a command: the environment's interpreter
MONTH = 30 * 24 * 3600.0  # seconds
_SHELL = ("&", "|", ";", "<", ">", "$", "`", "\n")


@dataclass
class Registry:
    """Where a container's image comes from, if not from where the docker CLI looks."""

    address: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass
class Docker:
    """The container to run in. ``dockerfile`` is the text of one, or its path; ``arguments`` are of ``docker run``."""

    image: str | None = None
    dockerfile: str | None = None
    arguments: list[str] = field(default_factory=list)
    shm_size: str = "2g"
    shared_volumes: bool = True
    registry: Registry = field(default_factory=Registry)


@dataclass
class Environment:
    """The interpreter and the packages.

    ``packages`` are pip requirements; None: the interpreter is used as it is, and its owner cares for its packages.
    ``conda_packages`` are those asked for by conda's names, ``variables`` reach the script's process.
    """

    name: str = "default-environment"
    version: str | None = None
    interpreter: str = PYTHON
    packages: list[str] | None = None
    conda_packages: list[str] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    index_url: str | None = None
    python_version: str | None = None
    docker: Docker | None = None
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def user_managed(self) -> bool:
        """Whether the interpreter is used as it is."""
        return self.packages is None

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON can say it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Environment:
        """What ``as_dict`` gave."""
        docker = body.get("docker")
        if docker is not None:
            docker = Docker(**{**docker, "registry": Registry(**docker.get("registry", {}))})
        return cls(**{**body, "docker": docker})

    def conda(self) -> dict[str, Any]:
        """The packages as a conda specification."""
        python = [f"python={self.python_version}"] if self.python_version else []
        options = [f"--index-url {self.index_url}"] if self.index_url else []
        pip = [*options, *(self.packages or ())]
        dependencies = [*python, *self.conda_packages, *([{"pip": pip}] if pip else [])]
        return {"name": "project_environment", "channels": list(self.channels), "dependencies": dependencies}

    def definition(self) -> dict[str, Any]:
        """The environment as ``runDefinition`` has it (Azure ML SDK v1); no password is in it."""
        python = {
            "interpreterPath": self.interpreter,
            "userManagedDependencies": self.user_managed,
            "condaDependencies": self.conda(),
        }
        asked = self.docker or Docker()
        docker = {
            "enabled": self.docker is not None,
            "baseImage": asked.image,
            "baseDockerfile": asked.dockerfile,
            "sharedVolumes": asked.shared_volumes,
            "shmSize": asked.shm_size,
            "arguments": list(asked.arguments),
            "baseImageRegistry": {"address": asked.registry.address, "username": asked.registry.username},
        }
        about = {"name": self.name, "version": self.version, "python": python, "docker": docker}
        return {**about, "environmentVariables": dict(self.variables)}


@dataclass
class ScriptRunConfig:
    """A script or a command, its arguments, and what it runs in.

    ``framework``, ``communicator``, ``target`` and ``node_count`` are kept for the record.
    """

    source_directory: str = "."
    script: str | None = None
    arguments: list[Any] | str | None = None
    command: list[Any] | str | None = None
    environment: Environment | None = None
    processes: int = 1
    variables: dict[str, str] = field(default_factory=dict)
    max_run_duration_seconds: float | None = None
    framework: str = "Python"
    communicator: str = "None"
    target: str = "local"
    node_count: int = 1

    def argv(self) -> list[str]:
        """The command line; ``python`` as its first word stands for the environment's interpreter.

        A command given as one text goes through the shell where it has something that only a shell understands.

        Raises:
            LaunchError: neither a script nor a command, or both, or a text whose quotes don't match.
        """
        if (self.script is None) == (self.command is None):
            which = "both a script and a command" if self.script is not None else "neither a script nor a command"
            raise LaunchError(f"there is {which}; give one of them")
        if self.script is not None:
            name = str(self.script)
            return [PYTHON, f"./{name}" if name.startswith("-") else name, *self._words()]
        if isinstance(self.command, str) and any(sign in self.command for sign in _SHELL):
            line = " ".join([self.command, *map(shlex.quote, self._words())])
            return [*(("cmd", "/c") if os.name == "nt" else ("sh", "-c")), line]
        return [*words(self.command), *self._words()]

    def _words(self) -> list[str]:
        return words(self.arguments)

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON can say it, every argument as text."""
        found = {**vars(self), "source_directory": str(self.source_directory), "variables": dict(self.variables)}
        found["script"] = None if self.script is None else str(self.script)
        found["environment"] = self.environment.as_dict() if self.environment else None
        for name in ("arguments", "command"):
            if isinstance(found[name], list | tuple):
                found[name] = words(found[name])
        return found

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> ScriptRunConfig:
        """What ``as_dict`` gave."""
        environment = body.get("environment")
        return cls(**{**body, "environment": environment and Environment.from_dict(environment)})

    def definition(self) -> dict[str, Any]:
        """The configuration as ``get_details()["runDefinition"]`` has it (Azure ML SDK v1)."""
        environment = self.environment or Environment()
        docker = environment.docker or Docker()
        return {
            "script": None if self.script is None else str(self.script),
            "command": _text(self.command),
            "arguments": self._words(),
            "target": self.target,
            "framework": self.framework,
            "communicator": self.communicator,
            "maxRunDurationSeconds": self.max_run_duration_seconds,
            "nodeCount": self.node_count,
            "processes": self.processes,
            "environment": environment.definition(),
            "history": {"outputCollection": True, "directoriesToWatch": ["logs"], "snapshotProject": True},
            "docker": {
                "useDocker": environment.docker is not None,
                "sharedVolumes": docker.shared_volumes,
                "arguments": list(docker.arguments),
                "shmSize": docker.shm_size,
            },
            "environmentVariables": dict(self.variables),
        }


def words(given: list[Any] | tuple[Any, ...] | str | None) -> list[str]:
    """Arguments as a process takes them: a text is cut as a shell does, numbers become text.

    Raises:
        LaunchError: a text whose quotes don't match.
    """
    if given is None:
        return []
    if not isinstance(given, str):
        return [str(one) for one in given]
    try:
        return shlex.split(given)
    except ValueError as problem:
        raise LaunchError(f"{given!r}: can't be cut into words ({problem}); close the quotes, or give a list") from None


def _text(command: list[Any] | str | None) -> str | None:
    return command if command is None or isinstance(command, str) else shlex.join(words(command))
