"""Environments in directories."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.azureml.core import Environment
from runstore.azureml.core.definitions import environment
from runstore.azureml.exceptions import UserErrorException


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    env = Environment.from_dockerfile("mine", "FROM python:3.12\n")
    env.python.user_managed_dependencies = False
    env.python.conda_dependencies.add_pip_package("pandas")
    env.save_to_directory(str(tmp_path / "env"))
    assert sorted(path.name for path in (tmp_path / "env").iterdir()) == [
        "BaseDockerfile", "azureml_environment.json", "conda_dependencies.yml",
    ]  # fmt: skip
    assert environment(Environment.load_from_directory(str(tmp_path / "env"))) == environment(env)


def test_files_that_somebody_edited_win(tmp_path: Path) -> None:
    Environment.from_dockerfile("mine", "FROM a").save_to_directory(str(tmp_path / "env"))
    (tmp_path / "env" / "BaseDockerfile").write_text("FROM b", encoding="utf-8")
    (tmp_path / "env" / "conda_dependencies.yml").write_text("dependencies: [numpy]", encoding="utf-8")
    found = Environment.load_from_directory(str(tmp_path / "env"))
    assert found.docker.base_dockerfile == "FROM b"
    assert list(found.python.conda_dependencies.conda_packages) == ["numpy"]


def test_nothing_is_overwritten_unless_it_is_said(tmp_path: Path) -> None:
    Environment("mine").save_to_directory(str(tmp_path / "env"))
    with pytest.raises(UserErrorException, match="overwrite=True"):
        Environment("other").save_to_directory(str(tmp_path / "env"))
    Environment("other").save_to_directory(str(tmp_path / "env"), overwrite=True)
    assert Environment.load_from_directory(str(tmp_path / "env")).name == "other"


def test_a_directory_without_one_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserErrorException, match="no environment was saved"):
        Environment.load_from_directory(str(tmp_path))
