"""Run configurations as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.azureml.core import Environment, RunConfiguration
from runstore.azureml.core import runconfig_files as files
from runstore.azureml.core.definitions import run_configuration
from runstore.azureml.core.runconfig import PyTorchConfiguration
from runstore.azureml.exceptions import RunConfigurationException
from runstore.launch import specification


def test_everything_in_it_comes_back(tmp_path: Path) -> None:
    config = RunConfiguration("train.py", ["--alpha", "0.4"])
    config.environment = Environment("mine")
    config.environment.python.conda_dependencies.add_conda_package("scikit-learn")
    config.environment_variables["A"] = "grün"
    config.docker.use_docker, config.history.directories_to_watch = True, ["logs", "more"]
    config.distribute(PyTorchConfiguration("Gloo", 4))
    files.save(config, str(tmp_path), "mine")
    assert (tmp_path / ".azureml" / "mine.runconfig").is_file()
    assert run_configuration(files.load(str(tmp_path), "mine")) == run_configuration(config)


def test_the_file_has_the_keys_of_the_sdk(tmp_path: Path) -> None:
    files.save(RunConfiguration("train.py"), str(tmp_path), None)
    body = specification.read(tmp_path / ".azureml" / "runconfig.runconfig")
    assert {"script", "arguments", "target", "framework", "communicator", "nodeCount", "environment"} <= set(body)
    assert body["docker"]["useDocker"] is False
    assert body["environment"]["python"]["userManagedDependencies"] is False


@pytest.mark.parametrize("place", ["mine.runconfig", "aml_config/mine.runconfig", ".azureml/mine", "aml_config/mine"])
def test_it_is_found_where_the_sdk_writes_it(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text("script: train.py\nnodeCount: 1\n", encoding="utf-8")
    assert files.load(str(tmp_path), "mine").script == "train.py"
    assert files.load(str(tmp_path / place)).script == "train.py"


def test_a_file_is_named_as_such(tmp_path: Path) -> None:
    files.save(RunConfiguration("train.py"), str(tmp_path / "some.yml"), "ignored")
    assert files.load(str(tmp_path / "some.yml")).script == "train.py"
    files.delete(str(tmp_path / "some.yml"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["script: [", "- a", "environment: {python: {}}", "environment: 3", "docker: 3", "mpi: [1]"]
)
def test_what_is_none_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "mine.runconfig").write_text(text, encoding="utf-8")
    with pytest.raises(RunConfigurationException):
        files.load(str(tmp_path), "mine")
    with pytest.raises(RunConfigurationException, match="no run configuration 'other'"):
        files.delete(str(tmp_path), "other")
