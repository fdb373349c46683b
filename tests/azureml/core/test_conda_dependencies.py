"""Packages of an environment."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from runstore.azureml.core.conda_dependencies import CondaDependencies
from runstore.azureml.exceptions import UserErrorException


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
    found.set_pip_index_url("https://other.example")
    assert list(found.pip_options) == ["--index-url https://other.example"]
    found.set_pip_index_url("https://example.com")
    assert "--index-url https://example.com" in found.serialize_to_string()


def test_as_text_it_is_read_as_a_specification(tmp_path: Path) -> None:
    found = CondaDependencies.create(conda_packages=["a"])
    name = found.save_to_file(str(tmp_path))
    assert CondaDependencies(str(tmp_path / name)).as_dict() == found.as_dict()
    assert CondaDependencies(_underlying_structure=found.as_dict()).as_dict() == found.as_dict()
    assert CondaDependencies(found.save(str(tmp_path / "other.yml"))).as_dict() == found.as_dict()


def test_python_is_the_one_that_is_running_unless_it_is_said(tmp_path: Path) -> None:
    assert CondaDependencies.create().python_version == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert CondaDependencies().python_version is None
    found = CondaDependencies(_underlying_structure={"dependencies": ["python>=3.11,<3.13"]})
    assert found.python_version == ">=3.11,<3.13"


def test_a_file_of_condas_is_read(tmp_path: Path) -> None:
    text = "name: env\nchannels: [conda-forge]\ndependencies:\n- python=3.12\n- numpy\n- pip:\n  - pandas\n  - --pre\n"
    (tmp_path / "env.yml").write_text(text, encoding="utf-8")
    found = CondaDependencies(str(tmp_path / "env.yml"))
    assert (found.python_version, list(found.conda_packages)) == ("3.12", ["numpy"])
    assert list(found.conda_channels) == ["conda-forge"]
    assert (list(found.pip_packages), list(found.pip_options)) == (["pandas"], ["--pre"])


@pytest.mark.parametrize("text", ["a: [", "- x", "dependencies: 3", "channels: {a: 1}", "dependencies: [1]"])
def test_what_is_no_specification_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "env.yml").write_text(text, encoding="utf-8")
    with pytest.raises(UserErrorException, match=r"env\.yml"):
        CondaDependencies(str(tmp_path / "env.yml"))


def test_a_file_that_is_missing_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserErrorException, match=r"none\.yml"):
        CondaDependencies(str(tmp_path / "none.yml"))
