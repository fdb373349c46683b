"""From the SDK's config objects, live and changed in place, to what is run: once, at each submit."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore.azureml.core import definitions
from runstore.azureml.core.conda_dependencies import CondaDependencies
from runstore.azureml.core.environment import Environment
from runstore.azureml.core.runconfig import ENVIRONMENT, LOCAL, DockerConfiguration, RunConfiguration
from runstore.azureml.core.script_run_config import ScriptRunConfig
from runstore.azureml.exceptions import AzureMLException, ExperimentExecutionException, RunConfigurationException
from runstore.errors import LaunchError
from runstore.launch import config as launch

if TYPE_CHECKING:
    from runstore.launch.sweep.config import Sweep

_RENAMED = re.compile(r"runstore\.(?=azureml\b)")  # a package's name that took part when `azureml` was replaced
_FRAMEWORKS = ("python", "pytorch", "tensorflow")
_ALONE, _MPI, _TORCH, _TENSORFLOW = ("none", ""), ("mpi", "openmpi", "intelmpi"), ("nccl", "gloo"), "parameterserver"


def launchable(config: Any) -> launch.ScriptRunConfig | Sweep:
    """Whatever ``submit`` takes, as it is at this moment, and in an environment that can be had.

    Raises:
        AzureMLException: it is nothing that could be submitted.
        ExperimentExecutionException: see ``converted``.
        RunConfigurationException: this machine can't have the environment.
    """
    from runstore.azureml.train.hyperdrive import runconfig
    from runstore.launch import environments

    if isinstance(config, ScriptRunConfig):
        found: launch.ScriptRunConfig | Sweep = converted(config)
    elif isinstance(config, runconfig.HyperDriveConfig):
        found = config._native()
    else:
        raise AzureMLException(f"submit() takes a ScriptRunConfig or a HyperDriveConfig, not a {type(config).__name__}")
    script = found if isinstance(found, launch.ScriptRunConfig) else found.config
    try:
        environments.check(script.environment or launch.Environment())
    except LaunchError as problem:
        raise RunConfigurationException(str(problem), inner_exception=problem) from None
    return found


def converted(given: ScriptRunConfig) -> launch.ScriptRunConfig:
    """A configuration as it is at this moment. What it says itself is copied into its ``run_config`` first.

    Raises:
        ExperimentExecutionException: a script and a command, another machine, several machines, a framework that is
            unknown: nothing was started.
        RunConfigurationException: the environment is none that there could be here.
    """
    settled = _settled(given)
    _refused(given, settled)
    return launch.ScriptRunConfig(
        source_directory=os.fspath(given.source_directory or "."),
        script=None if settled.script is None else os.fspath(settled.script),
        arguments=_arguments(settled.arguments),
        command=_arguments(settled.command) or None,
        environment=environment(settled.environment, settled.docker, Path(given.source_directory or ".")),
        processes=_processes(settled),
        variables=_variables(settled.environment_variables),
        max_run_duration_seconds=settled.max_run_duration_seconds,
        framework=settled.framework,
        communicator=settled.communicator,
        target=LOCAL,
        node_count=settled.node_count,
    )


def _settled(given: ScriptRunConfig) -> RunConfiguration:
    """The run configuration, with the script, the command and the arguments of the one who submits."""
    settled = given.run_config
    if given.script is not None and given.command is not None:
        raise ExperimentExecutionException("there are both a script and a command; give one of them")
    if given.script is not None:
        settled.script, settled.command = given.script, None
    elif given.command is not None:
        settled.script, settled.command, settled.arguments = None, given.command, []
    if given.arguments is not None:
        settled.arguments = given.arguments
    if settled.command and settled.arguments:
        raise ExperimentExecutionException("a command has its arguments in itself; give no others")
    return settled


def _refused(given: ScriptRunConfig, settled: RunConfiguration) -> None:
    target = getattr(settled.target, "name", settled.target)
    if target not in (None, LOCAL):
        raise ExperimentExecutionException(f"there is no compute target {target!r}, only {LOCAL!r}, this machine")
    if settled.framework.lower() not in _FRAMEWORKS:
        raise ExperimentExecutionException(
            f"framework {settled.framework!r} can't be run; there are Python, PyTorch, TensorFlow"
        )
    if settled.data or settled.output_data:
        raise ExperimentExecutionException("datasets are out of runstore's scope; give paths as arguments instead")
    if given.resume_from is not None:
        raise ExperimentExecutionException("resume_from is not supported; hand the files over as arguments instead")


def _arguments(given: Any) -> list[str] | str | None:
    """Arguments as text: numbers, numpy's too, and paths become it."""
    if given is None or isinstance(given, str):
        return given
    if not isinstance(given, list | tuple):
        raise ExperimentExecutionException(f"arguments are a list or a text, not {type(given).__name__}")
    return [_argument(one) for one in given]


def _argument(given: Any) -> str:
    if isinstance(given, os.PathLike):
        return str(given)
    if isinstance(given, str | int | float) or (hasattr(given, "item") and getattr(given, "ndim", 1) == 0):
        return str(given)
    raise ExperimentExecutionException(f"argument {given!r} is a {type(given).__name__}; give text, numbers or paths")


def _processes(settled: RunConfiguration) -> int:
    """How many processes a distributed job has on this machine, which is all of it."""
    communicator = str(settled.communicator).lower()
    nodes, count = settled.node_count, 1
    if communicator in _MPI:
        nodes, count = max(nodes, settled.mpi.node_count), settled.mpi.process_count_per_node
    elif communicator in _TORCH:
        nodes, count = max(nodes, settled.pytorch.node_count), settled.pytorch.process_count or 1
    elif communicator == _TENSORFLOW:
        count = settled.tensorflow.worker_count
        if settled.tensorflow.parameter_server_count > 1:
            raise ExperimentExecutionException("parameter servers can't be started here; ask for workers only")
    elif communicator not in _ALONE:
        raise ExperimentExecutionException(
            f"communicator {settled.communicator!r} is unknown; there are Mpi, Nccl, Gloo, ParameterServer"
        )
    if nodes > 1:
        raise ExperimentExecutionException(
            f"{nodes} nodes are asked for and there is one, this machine; start several processes on it, or hand over "
            "to a scheduler with `runstore submit --launcher`"
        )
    return int(count)


# ---- the environment


def environment(given: Environment, docker: DockerConfiguration, source: Path) -> launch.Environment:
    """An environment as it is at this moment.

    Args:
        given: the environment; the default one, if nobody changed its packages, is the current interpreter.
        docker: whether a container is asked for besides.
        source: where files that it names are looked for.

    Raises:
        RunConfigurationException: it is none, or is to extend one of conda's.
    """
    if not isinstance(given, Environment):
        raise RunConfigurationException(f"an environment is an Environment, not {given!r}; Environment.get() gives one")
    python = given.python
    if python.base_conda_environment:
        raise RunConfigurationException(
            f"environment {given.name!r} extends {python.base_conda_environment!r} of conda's, which can't be; use "
            "Environment.from_existing_conda_environment()"
        )
    made = launch.Environment(
        name=given.name,
        version=given.version,
        interpreter=python.interpreter_path or launch.PYTHON,
        docker=_docker(given, docker),
        variables=_variables(given.environment_variables),
    )
    if not python.user_managed_dependencies and not (_untouched(given) and made.docker is None):
        _packages(made, python.conda_dependencies_file and source / python.conda_dependencies_file, given)
    return made


def _untouched(given: Environment) -> bool:
    """Whether nobody said in what a script is to run."""
    plain = definitions.environment(Environment(ENVIRONMENT))
    return given.name == ENVIRONMENT and definitions.environment(given)["python"] == plain["python"]


def _packages(made: launch.Environment, file: Path | str | None, given: Environment) -> None:
    asked = CondaDependencies(str(file)) if file else given.python.conda_dependencies
    index = [one for one in asked.pip_options if one.startswith("--index-url")]
    options = [one for one in asked.pip_options if one not in index]
    made.index_url = index[0].removeprefix("--index-url").lstrip(" =") if index else None
    made.packages = [*options, *(_RENAMED.sub("", one) for one in asked.pip_packages)]
    made.conda_packages = [_RENAMED.sub("", one) for one in asked.conda_packages]
    made.channels, made.python_version = list(asked.conda_channels), asked.python_version


def _docker(given: Environment, docker: DockerConfiguration) -> launch.Docker | None:
    section = given.docker
    if not (section.enabled or docker.use_docker):
        return None
    how = docker if docker.use_docker else section
    registry = section.base_image_registry
    return launch.Docker(
        image=section.base_image,
        dockerfile=section.base_dockerfile,
        arguments=[str(one) for one in (*section.arguments, *docker.arguments)],
        shm_size=how.shm_size,
        shared_volumes=how.shared_volumes,
        registry=launch.Registry(registry.address, registry.username, registry.password),
    )


def _variables(given: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in given.items()}
