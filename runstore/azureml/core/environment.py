"""What a script is to run in: a config object, complete; registering and building come with running scripts."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from runstore.azureml import later
from runstore.azureml.core.conda_dependencies import CondaDependencies

__all__ = ["CondaDependencies", "DockerSection", "Environment", "PythonSection"]


@dataclass
class PythonSection:
    """The interpreter and its packages."""

    user_managed_dependencies: bool = False
    interpreter_path: str = "python"
    conda_dependencies_file: str | None = None
    base_conda_environment: str | None = None
    conda_dependencies: CondaDependencies = field(default_factory=lambda: CondaDependencies.create())


@dataclass
class ContainerRegistry:
    """Where a Docker image comes from."""

    address: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass
class DockerSection:
    """The container, where one is asked for."""

    enabled: bool = False
    base_image: str | None = None
    base_image_registry: ContainerRegistry = field(default_factory=ContainerRegistry)
    base_dockerfile: str | None = None
    shared_volumes: bool = True
    shm_size: str = "2g"
    arguments: list[str] = field(default_factory=list)
    gpu_support: bool | None = None


class Environment:
    """An environment, changed in place; nothing is checked before it is used.

    Reading a conda specification, registering and building come with running scripts.
    """

    def __init__(self, name: str, **kwargs: Any) -> None:
        """Name it."""
        self.name = name
        self.version: str | None = None
        self.python = PythonSection()
        self.docker = DockerSection()
        self.environment_variables: dict[str, str] = {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE"}
        self.inferencing_stack_version: str | None = None
        self.spark: Any = None

    def __repr__(self) -> str:
        return f"Environment(Name: {self.name},\nVersion: {self.version})"

    def clone(self, new_name: str) -> Environment:
        """A copy under another name, unregistered."""
        copy = deepcopy(self)
        copy.name, copy.version = new_name, None
        return copy

    @staticmethod
    def from_pip_requirements(name: str, file_path: str, pip_version: str | None = None) -> Environment:
        """An environment with the packages of a requirements file."""
        from pathlib import Path

        made = Environment(name)
        for line in Path(file_path).read_text(encoding="utf-8").splitlines():
            package = line.partition("#")[0].strip()
            if package:
                made.python.conda_dependencies.add_pip_package(package)
        return made

    @staticmethod
    def from_docker_image(name: str, image: str, container_registry: Any = None, **kwargs: Any) -> Environment:
        """An environment in a Docker image that has everything."""
        made = Environment(name)
        made.docker.base_image, made.python.user_managed_dependencies = image, True
        made.docker.base_image_registry = container_registry or ContainerRegistry()
        return made

    @staticmethod
    def from_dockerfile(name: str, dockerfile: str, **kwargs: Any) -> Environment:
        """An environment in a Docker image built from a Dockerfile's text or path."""
        made = Environment(name)
        made.docker.base_dockerfile, made.python.user_managed_dependencies = dockerfile, True
        return made

    from_conda_specification = staticmethod(later.method("Environment.from_conda_specification()", later.SCRIPTS))
    from_existing_conda_environment = staticmethod(
        later.method("Environment.from_existing_conda_environment()", later.SCRIPTS)
    )
    get = staticmethod(later.method("Environment.get()", later.SCRIPTS))
    list = staticmethod(later.method("Environment.list()", later.SCRIPTS))
    register = later.method("Environment.register()", later.SCRIPTS)
    build = later.method("Environment.build()", later.SCRIPTS)
    build_local = later.method("Environment.build_local()", later.SCRIPTS)
    save_to_directory = later.method("Environment.save_to_directory()", later.SCRIPTS)
    load_from_directory = staticmethod(later.method("Environment.load_from_directory()", later.SCRIPTS))
