"""Scripts to run."""

from __future__ import annotations

import pytest

from runstore.azureml.core import Environment, RunConfiguration, ScriptRunConfig
from runstore.azureml.core.runconfig import DockerConfiguration, MpiConfiguration


def test_almost_nothing_is_checked() -> None:
    config = ScriptRunConfig(source_directory="./none", script="none.py", arguments=["--a", 1])
    assert (config.source_directory, config.script, config.arguments) == ("./none", "none.py", ["--a", 1])
    assert config.run_config.target == "local"
    assert config.source_directory_data_store is None


def test_what_is_said_goes_into_the_run_configuration() -> None:
    env = Environment("mine")
    config = ScriptRunConfig(
        ".", "a.py", environment=env, compute_target="local", max_run_duration_seconds=60,
        docker_runtime_config=DockerConfiguration(True), distributed_job_config=MpiConfiguration(2, 3),
    )  # fmt: skip
    run_config = config.run_config
    assert run_config.environment is env
    assert (run_config.max_run_duration_seconds, run_config.docker.use_docker) == (60, True)
    assert (run_config.communicator, run_config.node_count, run_config.mpi.process_count_per_node) == ("Mpi", 3, 2)


def test_the_run_configuration_can_be_changed_afterwards() -> None:
    config = ScriptRunConfig(".", "a.py")
    config.run_config.environment = Environment("later")
    assert config.run_config.environment.name == "later"


def test_with_a_run_configuration_what_says_the_same_is_ignored_with_a_warning() -> None:
    run_config = RunConfiguration()
    with pytest.warns(UserWarning, match="environment"):
        config = ScriptRunConfig(".", "a.py", run_config=run_config, environment=Environment("mine"))
    assert config.run_config is run_config
    assert run_config.environment.name == "default-environment"
