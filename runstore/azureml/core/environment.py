"""What a script is to run in: a config object, changed in place, that can be registered, saved and built."""

from __future__ import annotations

import builtins
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runstore.azureml.core.conda_dependencies import CondaDependencies
from runstore.azureml.exceptions import UserErrorException
from runstore.azureml.translation import translated
from runstore.errors import LaunchError

if TYPE_CHECKING:
    from runstore.azureml.core.building import ImageBuildDetails
    from runstore.azureml.core.workspace import Workspace

__all__ = ["CondaDependencies", "ContainerRegistry", "DockerSection", "Environment", "PythonSection"]

LATEST = "latest"


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


@translated
class Environment:
    """An environment, changed in place; nothing is checked before it is used."""

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

    # ---- made from what there is

    @staticmethod
    def from_conda_specification(name: str, file_path: str) -> Environment:
        """An environment with the packages of one of conda's environment files.

        Raises:
            UserErrorException: the file is not there, or is none of conda's.
        """
        made = Environment(name)
        made.python.conda_dependencies = CondaDependencies(file_path)
        return made

    @staticmethod
    def from_pip_requirements(name: str, file_path: str, pip_version: str | None = None) -> Environment:
        """An environment with the packages of a requirements file.

        Raises:
            UserErrorException: the file is not there.
        """
        from runstore.launch import packages

        try:
            found = packages.from_requirements(file_path)
        except LaunchError as problem:
            raise UserErrorException(str(problem), inner_exception=problem) from None
        made = Environment(name)
        if found.index_url:
            made.python.conda_dependencies.set_pip_index_url(found.index_url)
        for line in found.packages or ():
            made.python.conda_dependencies.add_pip_package(line)
        return made

    @staticmethod
    def from_docker_image(
        name: str,
        image: str,
        container_registry: Any = None,
        conda_specification: str | None = None,
        pip_requirements: str | None = None,
    ) -> Environment:
        """An environment in a Docker image: as it is, or with the packages of a file besides."""
        made = _with_packages(name, conda_specification, pip_requirements)
        made.docker.enabled, made.docker.base_image = True, image
        made.docker.base_image_registry = container_registry or ContainerRegistry()
        return made

    @staticmethod
    def from_dockerfile(
        name: str, dockerfile: str, conda_specification: str | None = None, pip_requirements: str | None = None
    ) -> Environment:
        """An environment in a Docker image built from a Dockerfile's text or path."""
        made = _with_packages(name, conda_specification, pip_requirements)
        made.docker.enabled, made.docker.base_dockerfile = True, dockerfile
        return made

    @staticmethod
    def from_existing_conda_environment(name: str, conda_environment_name: str) -> Environment:
        """An environment with the packages of one that conda has on this machine.

        Raises:
            UserErrorException: there is no conda, or it has no such environment.
        """
        from runstore.azureml.core import conda

        made = Environment(name)
        found = conda.exported(conda_environment_name)
        made.python.conda_dependencies = CondaDependencies(_underlying_structure=found)
        return made

    # ---- the workspace's registry

    def register(self, workspace: Workspace) -> Environment:
        """Register it; the environment as it is registered, with its version.

        What says the same as the newest version of that name is that one. A password is not registered.
        """
        from runstore.azureml.core import definitions
        from runstore.runs import environments

        definition = {**definitions.environment(self), "version": None}
        if workspace.disabled:
            return definitions.read_environment({**definition, "version": 1})
        version = environments.register(workspace.path, self.name, definition)
        return definitions.read_environment({**definition, "version": version})

    @staticmethod
    def get(workspace: Workspace, name: str, version: str | None = None, label: str | None = None) -> Environment:
        """A registered environment: the newest version, or one of them. ``Latest`` is the only label.

        Raises:
            UserErrorException: there is none.
        """
        from runstore.azureml.core import definitions
        from runstore.runs import environments

        if label is not None and (version is not None or label.lower() != LATEST):
            raise UserErrorException(f"environment {name!r}: give a version, or the label 'Latest', or neither")
        there = environments.versions(workspace.path, name)
        number = max(there, default=0) if version is None else int(version) if str(version).isdecimal() else 0
        if number not in there:
            known = ", ".join(map(str, there)) or f"none; there are {', '.join(Environment.list(workspace)) or 'none'}"
            asked = "" if version is None else f" in version {version!r}"
            raise UserErrorException(f"no environment {name!r}{asked} is registered (its versions: {known})")
        return definitions.read_environment({**there[number], "version": number})

    @staticmethod
    def list(workspace: Workspace) -> dict[str, Environment]:
        """The newest version of every registered environment, by name."""
        from runstore.azureml.core import definitions
        from runstore.runs import environments

        return {
            name: definitions.read_environment({**definition, "version": version})
            for name, version, definition in environments.newest(workspace.path)
        }

    # ---- files, and making it real

    def save_to_directory(self, path: str, overwrite: bool = False) -> None:
        """Write it into a directory, as files that can be read and put under version control.

        Raises:
            UserErrorException: the directory is there, and ``overwrite`` is False.
        """
        from runstore.azureml.core import environment_files

        environment_files.save(self, path, overwrite)

    @staticmethod
    def load_from_directory(path: str) -> Environment:
        """What ``save_to_directory`` wrote.

        Raises:
            UserErrorException: there is nothing of the kind.
        """
        from runstore.azureml.core import environment_files

        return environment_files.load(path)

    def build(self, workspace: Workspace, image_build_compute: Any = None) -> ImageBuildDetails:
        """Make it ready, here and now; a script that is submitted later finds it so.

        Raises:
            RunConfigurationException: it can't be had on this machine.
        """
        from runstore.azureml.core import building

        return building.build(self)

    def build_local(self, workspace: Workspace, platform: Any = None, **kwargs: Any) -> builtins.list[str]:
        """Make it ready and print how; what was printed is given back, line by line."""
        details = self.build(workspace)
        details.wait_for_completion(show_output=True)
        return details.log


def _with_packages(name: str, conda_specification: str | None, pip_requirements: str | None) -> Environment:
    """An environment with the packages of a file; without a file the image has all it needs."""
    if conda_specification is not None:
        return Environment.from_conda_specification(name, conda_specification)
    if pip_requirements is not None:
        return Environment.from_pip_requirements(name, pip_requirements)
    made = Environment(name)
    made.python.user_managed_dependencies = True
    return made
