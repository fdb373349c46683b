"""A workspace, an experiment and a run under the SDK's names, in a directory of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.azureml.core import Experiment, Run, Workspace


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """Where the working copies of submitted scripts are made."""
    return tmp_path / "copies"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory: empty, and nothing above it names a workspace."""
    directory = tmp_path / "project"
    directory.mkdir()
    monkeypatch.chdir(directory)
    return directory


@pytest.fixture
def ws(here: Path) -> Workspace:
    return Workspace.create("lab", exist_ok=True)


@pytest.fixture
def exp(ws: Workspace) -> Experiment:
    return Experiment(workspace=ws, name="first-steps")


@pytest.fixture
def run(exp: Experiment) -> Run:
    return exp.start_logging(snapshot_directory=None)
