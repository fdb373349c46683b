"""The example of docs/examples/train_on_local does what it says, as a script and as a notebook, without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import runstore
from benchmarks import wheels

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "train_on_local"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the example, here. What environments are built from leads to what is installed."""
    for name, value in wheels.make(tmp_path / "wheels", ["scikit-learn"]).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RUNSTORE_CACHE", str(tmp_path / "cache"))
    here = tmp_path / "project"
    shutil.copytree(EXAMPLE, here, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(here)
    yield here
    assert not any(tmp_path.glob("copies/*"))


def checked(project: Path) -> None:
    """Two runs of the same numbers, the files of both, and the registered model."""
    ws = runstore.Workspace(project / ".runstore", create=False)
    runs = list(ws.experiments["train-on-local"].get_runs())
    assert [run.status for run in runs] == ["Completed", "Completed"]
    managed = [run.get_details()["runDefinition"]["environment"]["name"] for run in runs]
    assert managed == ["system-managed-env", "user-managed-env"]
    metrics = [run.get_metrics() for run in runs]
    assert metrics[0]["mse"] == pytest.approx(metrics[1]["mse"])
    assert {name: len(values) for name, values in metrics[0].items()} == {"alpha": 20, "mse": 20}
    assert all(f"outputs/ridge_{0.05 * n:.2f}.pkl" in run.get_file_names() for n in range(20) for run in runs)
    ((name, path, run_id),) = ws.sql("select name, path, run_id from models").fetchall()
    assert (name, path, run_id) == ("best_ridge_model", "outputs/ridge_0.40.pkl", runs[1].id)
    assert not (project / "outputs").exists()


def test_the_script_runs(project: Path) -> None:
    done = subprocess.run([sys.executable, "train_on_local.py"], capture_output=True, text=True, cwd=project)
    assert done.returncode == 0, done.stderr
    assert "the best alpha is 0.40: mse 3295.71" in done.stdout
    assert "building environment 'system-managed-env'" in done.stdout
    assert "the two runs differ by 0.000000" in done.stdout
    assert done.stdout.count("alpha is 0.95, and mse is 3369.12") == 2
    checked(project)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the libraries that run notebooks
def test_the_notebook_runs(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    notebook = nbformat.read(project / "train_on_local.ipynb", as_version=4)
    resources = {"metadata": {"path": os.fspath(project)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()
    shown = str([cell.get("outputs") for cell in notebook.cells])
    assert "the best alpha is 0.40: mse 3295.71" in shown
    assert "<table>" in shown
    checked(project)


def test_the_script_runs_without_being_submitted_too(project: Path) -> None:
    done = subprocess.run([sys.executable, "train.py"], capture_output=True, text=True, cwd=project)
    assert done.returncode == 0, done.stderr
    assert "alpha is 0.40, and mse is 3295.71" in done.stdout
