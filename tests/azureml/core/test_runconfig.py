"""Run configurations."""

from __future__ import annotations

import pytest

from runstore.azureml.core import RunConfiguration
from runstore.azureml.core.conda_dependencies import CondaDependencies
from runstore.azureml.core.runconfig import (
    DockerConfiguration,
    MpiConfiguration,
    PyTorchConfiguration,
    TensorflowConfiguration,
)
from runstore.azureml.exceptions import NotYetException


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


@pytest.mark.parametrize("call", ["save", "load", "delete"])
def test_files_of_them_come_later(call: str) -> None:
    with pytest.raises(NotYetException):
        getattr(RunConfiguration(), call)("x")
