"""Packages of an environment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runstore.azureml.core.conda_dependencies import CondaDependencies
from runstore.azureml.exceptions import NotYetException


def test_packages_are_named_at_once_or_one_by_one() -> None:
    found = CondaDependencies.create(conda_packages=["scikit-learn"], pip_packages=["pandas"], python_version="3.12")
    found.add_conda_package("numpy")
    found.add_conda_package("numpy")
    found.add_pip_package("polars==1.0")
    found.add_channel("conda-forge")
    assert list(found.conda_packages) == ["scikit-learn", "numpy"]
    assert list(found.pip_packages) == ["pandas", "polars==1.0"]
    assert list(found.conda_channels) == ["conda-forge"]
    found.remove_conda_package("numpy")
    found.remove_pip_package("pandas")
    assert found.as_dict() == {
        "name": "project_environment",
        "channels": ["conda-forge"],
        "dependencies": ["python=3.12", "scikit-learn", {"pip": ["polars==1.0"]}],
    }


def test_there_is_one_python() -> None:
    found = CondaDependencies.create(python_version="3.11")
    found.set_python_version("3.13")
    assert found.as_dict()["dependencies"] == ["python=3.13"]


def test_an_index_is_no_package() -> None:
    found = CondaDependencies.create(pip_indexurl="https://example.com", pip_packages=["a"])
    assert list(found.pip_packages) == ["a"]
    assert "--index-url https://example.com" in found.serialize_to_string()


def test_as_text_it_is_read_as_a_specification(tmp_path: Path) -> None:
    found = CondaDependencies.create(conda_packages=["a"])
    name = found.save_to_file(str(tmp_path))
    body = json.loads((tmp_path / name).read_text(encoding="utf-8"))
    assert CondaDependencies(_underlying_structure=body).as_dict() == found.as_dict()


def test_files_of_conda_are_read_later() -> None:
    with pytest.raises(NotYetException):
        CondaDependencies("env.yml")
