"""Environments that conda has, asked of a program that stands in for conda."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from runstore.azureml.core import Environment
from runstore.azureml.core import conda as asked
from runstore.azureml.exceptions import UserErrorException

CONDA = """
import sys
assert sys.argv[1:5] == ["env", "export", "--no-builds", "--name"], sys.argv
if sys.argv[5] == "odd":
    print("- no mapping")
elif sys.argv[5] != "mine":
    sys.exit("EnvironmentLocationNotFound: not there")
else:
    print("name: mine\\nchannels: [conda-forge]")
    print("dependencies: [python=3.12.1, numpy=1.2, {pip: [pandas==2.2]}]")
"""


@pytest.fixture
def conda(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that answers as conda does."""
    (tmp_path / "conda.py").write_text(CONDA, encoding="utf-8")
    if sys.platform == "win32":
        program = tmp_path / "conda.bat"
        program.write_text(f'@"{sys.executable}" "{tmp_path / "conda.py"}" %*\n', encoding="utf-8")
    else:
        program = tmp_path / "conda"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{tmp_path / "conda.py"}" "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=";" if sys.platform == "win32" else ":")


@pytest.mark.usefixtures("conda")
def test_its_packages_are_taken_over() -> None:
    env = Environment.from_existing_conda_environment("copy", "mine")
    found = env.python.conda_dependencies
    assert (env.name, found.python_version, list(found.conda_channels)) == ("copy", "3.12.1", ["conda-forge"])
    assert (list(found.conda_packages), list(found.pip_packages)) == (["numpy=1.2"], ["pandas==2.2"])


@pytest.mark.usefixtures("conda")
@pytest.mark.parametrize(("name", "reason"), [("none", "EnvironmentLocationNotFound"), ("odd", "names with values")])
def test_one_that_conda_does_not_give_is_an_error_with_its_reason(name: str, reason: str) -> None:
    with pytest.raises(UserErrorException, match=reason):
        asked.exported(name)


def test_without_conda_the_other_way_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CONDA_EXE", raising=False)
    with pytest.raises(UserErrorException, match="from_conda_specification"):
        asked.exported("mine")
