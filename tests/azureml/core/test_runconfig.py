"""Run configurations."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.azureml.core import RunConfiguration
from runstore.azureml.core.conda_dependencies import CondaDependencies
from runstore.azureml.core.runconfig import (
    DockerConfiguration,
    MpiConfiguration,
    PyTorchConfiguration,
    TensorflowConfiguration,
)
from runstore.azureml.exceptions import RunConfigurationException, UserErrorException


def test_the_defaults_are_the_sdks() -> None:
    config = RunConfiguration()
    assert (config.target, config.framework, config.communicator, config.node_count) == ("local", "Python", "None", 1)
    assert (config.environment.name, config.max_run_duration_seconds) == ("default-environment", 2592000)
    assert config.history.directories_to_watch == ["logs"]
    assert (config.environment_variables, config.arguments, config.script) == ({}, [], None)


def test_what_is_given_is_taken() -> None:
    packages = CondaDependencies()
    config = RunConfiguration("train.py", ["--a", 1], conda_dependencies=packages, command=["ls"])
    assert (config.script, config.arguments, config.command) == ("train.py", ["--a", 1], ["ls"])
    assert config.environment.python.conda_dependencies is packages


def test_jobs_of_several_processes_are_described() -> None:
    assert DockerConfiguration() == DockerConfiguration(False, True, [], "2g")
    assert MpiConfiguration(2, 3).node_count == 3
    assert PyTorchConfiguration(process_count=4).process_count == 4
    assert TensorflowConfiguration(worker_count=2).worker_count == 2


def test_how_several_processes_start_goes_where_it_belongs() -> None:
    config = RunConfiguration()
    config.distribute(MpiConfiguration(2, 3))
    assert (config.communicator, config.mpi.process_count_per_node, config.node_count) == ("Mpi", 2, 3)
    config.distribute(PyTorchConfiguration("Gloo", 4, 2))
    assert (config.framework, config.communicator, config.node_count) == ("PyTorch", "Gloo", 2)
    config.distribute(TensorflowConfiguration(3))
    assert (config.framework, config.communicator, config.node_count) == ("TensorFlow", "ParameterServer", 1)
    with pytest.raises(UserErrorException, match="distributed_job_config"):
        config.distribute("Mpi")  # type: ignore[arg-type]


def test_what_is_saved_is_loaded_and_deleted(tmp_path: Path) -> None:
    config = RunConfiguration("train.py", ["--a", 1])
    config.save(str(tmp_path), "mine")
    assert RunConfiguration.load(str(tmp_path), "mine").script == "train.py"
    RunConfiguration.delete(str(tmp_path), "mine")
    with pytest.raises(RunConfigurationException, match="mine"):
        RunConfiguration.load(str(tmp_path), "mine")
