"""What is submitted is what the config objects say at that moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runstore.azureml.core import Environment, RunConfiguration, ScriptRunConfig
from runstore.azureml.core.compute import ComputeTarget
from runstore.azureml.core.conda_dependencies import CondaDependencies
from runstore.azureml.core.runconfig import (
    DockerConfiguration,
    MpiConfiguration,
    PyTorchConfiguration,
    TensorflowConfiguration,
)
from runstore.azureml.core.submitting import converted, environment
from runstore.azureml.exceptions import ExperimentExecutionException, RunConfigurationException
from runstore.launch import config as launch


def script(**given: Any) -> ScriptRunConfig:
    return ScriptRunConfig(".", "train.py", **given)


def launched(env: Environment, docker: DockerConfiguration | None = None) -> launch.Environment:
    return environment(env, docker or DockerConfiguration(), Path())


def test_a_script_alone_runs_in_the_current_interpreter_for_a_month() -> None:
    found = converted(script())
    assert found.argv() == ["python", "train.py"]
    assert found.environment is not None and found.environment.user_managed
    assert (found.processes, found.max_run_duration_seconds, found.target) == (1, 2592000, "local")


def test_numbers_and_paths_become_text() -> None:
    given = ["--alpha", 0.4, np.float64(0.05), np.int64(3), np.array(7), True, Path("data")]
    assert converted(script(arguments=given)).argv()[2:] == ["--alpha", "0.4", "0.05", "3", "7", "True", "data"]
    assert converted(script(arguments="--name 'a b'")).argv()[2:] == ["--name", "a b"]


@pytest.mark.parametrize("given", [[None], [{"a": 1}], [["nested"]], 3, {"a": 1}])
def test_what_is_no_argument_is_refused(given: Any) -> None:
    with pytest.raises(ExperimentExecutionException, match="argument"):
        converted(script(arguments=given))


def test_what_is_said_beside_a_run_configuration_wins_and_is_copied_into_it() -> None:
    run_config = RunConfiguration("other.py", ["--other"])
    assert converted(ScriptRunConfig(".", run_config=run_config)).argv() == ["python", "other.py", "--other"]
    found = converted(ScriptRunConfig(".", "train.py", ["--a", 1], run_config))
    assert found.argv() == ["python", "train.py", "--a", "1"]
    assert (run_config.script, run_config.arguments) == ("train.py", ["--a", 1])


def test_a_command_replaces_a_script_of_the_run_configuration() -> None:
    run_config = RunConfiguration("other.py", ["--other"])
    assert converted(ScriptRunConfig(".", command=["make", "-j", 2], run_config=run_config)).argv() == [
        "make", "-j", "2",
    ]  # fmt: skip
    assert run_config.script is None


def test_a_script_and_a_command_exclude_each_other() -> None:
    with pytest.raises(ExperimentExecutionException, match="both a script and a command"):
        converted(script(command="make"))
    with pytest.raises(ExperimentExecutionException, match="arguments in itself"):
        converted(ScriptRunConfig(".", command="make", arguments=["all"]))


def test_variables_of_the_environment_and_of_the_run_are_told_apart() -> None:
    env = Environment("mine")
    env.environment_variables["A"] = 1  # type: ignore[assignment]
    config = script(environment=env)
    config.run_config.environment_variables = {"B": "2"}
    found = converted(config)
    assert found.environment is not None
    assert (found.environment.variables["A"], found.variables) == ("1", {"B": "2"})


def test_what_is_changed_between_submits_counts_and_what_is_changed_after_one_does_not() -> None:
    config = script()
    first = converted(config)
    config.run_config.environment = Environment("second")
    config.run_config.environment.environment_variables["A"] = "b"
    config.arguments = ["--a"]
    second = converted(config)
    config.run_config.environment.environment_variables["A"] = "changed"
    config.arguments.append("late")
    assert first.environment is not None and second.environment is not None
    assert (first.environment.name, second.environment.name) == ("default-environment", "second")
    assert (first.argv()[2:], second.argv()[2:]) == ([], ["--a"])
    assert second.environment.variables["A"] == "b"


# ---- where it runs, and how often


@pytest.mark.parametrize(
    ("job", "count"),
    [
        (MpiConfiguration(3), 3),
        (PyTorchConfiguration(process_count=2), 2),
        (PyTorchConfiguration("Gloo"), 1),
        (TensorflowConfiguration(4), 4),
    ],
)
def test_a_distributed_job_is_so_many_processes(job: Any, count: int) -> None:
    assert converted(script(distributed_job_config=job)).processes == count


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (MpiConfiguration(1, 2), "2 nodes"),
        (PyTorchConfiguration(process_count=4, node_count=4), "4 nodes"),
        (TensorflowConfiguration(2, 2), "parameter servers"),
    ],
)
def test_more_machines_than_this_one_are_refused(job: Any, words: str) -> None:
    with pytest.raises(ExperimentExecutionException, match=words):
        converted(script(distributed_job_config=job))


def test_this_machine_is_the_only_target() -> None:
    assert converted(script(compute_target=ComputeTarget(None, "local"))).target == "local"
    config = script(compute_target="cpu-cluster")
    with pytest.raises(ExperimentExecutionException, match="'cpu-cluster'"):
        converted(config)


@pytest.mark.parametrize(
    ("name", "value"),
    [("framework", "PySpark"), ("communicator", "Carrier pigeon"), ("node_count", 2), ("data", {"a": 1})],
)
def test_what_there_is_not_here_is_refused(name: str, value: Any) -> None:
    config = script()
    setattr(config.run_config, name, value)
    with pytest.raises(ExperimentExecutionException):
        converted(config)


def test_going_on_from_another_run_is_refused() -> None:
    with pytest.raises(ExperimentExecutionException, match="resume_from"):
        converted(script(resume_from="run"))


# ---- environments


def test_a_user_managed_environment_names_an_interpreter() -> None:
    env = Environment("mine")
    env.python.user_managed_dependencies, env.python.interpreter_path = True, "/opt/python"
    found = launched(env)
    assert (found.name, found.user_managed, found.interpreter) == ("mine", True, "/opt/python")


def test_a_system_managed_environment_names_packages() -> None:
    env = Environment("mine")
    env.python.conda_dependencies = CondaDependencies.create(
        "https://pip.example", ["pandas", "runstore.azureml-defaults"], ["scikit-learn"], "3.12"
    )
    env.python.conda_dependencies.set_pip_option("--pre")
    env.python.conda_dependencies.add_channel("conda-forge")
    found = launched(env)
    assert found.packages == ["--pre", "pandas", "azureml-defaults"]
    assert (found.conda_packages, found.channels) == (["scikit-learn"], ["conda-forge"])
    assert (found.python_version, found.index_url) == ("3.12", "https://pip.example")


def test_the_default_environment_is_built_once_somebody_has_said_what_is_in_it() -> None:
    config = script()
    config.run_config.environment.python.conda_dependencies.add_pip_package("pandas")
    found = converted(config).environment
    assert found is not None and found.packages == ["pandas"]
    packages = CondaDependencies.create(conda_packages=["scikit-learn"])
    config = ScriptRunConfig(".", "train.py", run_config=RunConfiguration(conda_dependencies=packages))
    found = converted(config).environment
    assert found is not None and found.conda_packages == ["scikit-learn"]


def test_an_environment_that_was_named_is_built_even_without_packages() -> None:
    assert launched(Environment("mine")).packages == []


def test_packages_may_lie_in_a_file_of_the_source(tmp_path: Path) -> None:
    (tmp_path / "env.yml").write_text("dependencies: [numpy]", encoding="utf-8")
    env = Environment("mine")
    env.python.conda_dependencies_file = "env.yml"
    assert environment(env, DockerConfiguration(), tmp_path).conda_packages == ["numpy"]


def test_the_name_of_an_environment_is_none() -> None:
    config = script()
    config.run_config.environment = "mine"  # type: ignore[assignment]
    with pytest.raises(RunConfigurationException, match="'mine'"):
        converted(config)


def test_an_environment_on_top_of_one_of_condas_is_refused() -> None:
    env = Environment("mine")
    env.python.base_conda_environment = "base"
    with pytest.raises(RunConfigurationException, match="from_existing_conda_environment"):
        launched(env)


def test_a_container_is_asked_for_in_either_place() -> None:
    env = Environment("mine")
    assert launched(env).docker is None
    env.docker.base_image = "image"
    assert launched(env).docker is None
    run = launched(env, DockerConfiguration(True, False, ["--net", "host"], "4g")).docker
    assert run == launch.Docker("image", None, ["--net", "host"], "4g", False)
    env.docker.enabled, env.docker.arguments = True, ["-v", "a:b"]
    env.docker.base_image_registry.password = "hunter2"
    both = launched(env).docker
    assert both is not None and (both.arguments, both.shm_size, both.shared_volumes) == (["-v", "a:b"], "2g", True)
    assert both.registry.password == "hunter2"


def test_an_image_that_has_everything_is_used_as_it_is() -> None:
    found = launched(Environment.from_docker_image("mine", "image"))
    assert found.user_managed
    assert found.docker is not None and found.docker.image == "image"


def test_the_default_environment_in_a_container_has_its_packages_there() -> None:
    found = converted(script(docker_runtime_config=DockerConfiguration(True))).environment
    assert found is not None and found.docker is not None and found.packages == []
