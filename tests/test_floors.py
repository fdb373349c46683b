"""The floors and the doors are import contracts in pyproject.toml; here they are kept, and shown to have teeth."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def lint(directory: Path) -> subprocess.CompletedProcess[str]:
    program = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    options = ["--no-cache", "--no-logo", "--config", str(ROOT / "pyproject.toml")]
    environment = {"PYTHONPATH": str(directory), "PATH": "", "HOME": str(directory), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-c", program, *options], cwd=directory, env=environment, capture_output=True, text=True
    )


def test_every_import_contract_is_kept() -> None:
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("runs/run.py", "import runstore.query.views", "go down"),
        ("format/lines.py", "from runstore.disk import files", "go down"),
        ("query/run.py", "import runstore.azureml.core", "go down"),
        ("cli/runs.py", "import runstore.azureml.core", "go down"),
        ("azureml/core/run.py", "def late():\n    import click", "click and rich"),
        ("errors.py", "import runstore.format.names", "errors imports nothing"),
        ("format/names.py", "import pathlib", "format opens no file"),
        ("runs/writer.py", "def late():\n    import fcntl", "POSIX-only"),
        ("runs/run.py", "def late():\n    import duckdb", "duckdb"),
        ("query/feed.py", "import pyarrow.parquet", "pyarrow"),
        ("query/feed.py", "import click", "click and rich"),
        ("disk/files.py", "from rich.table import Table", "click and rich"),
        ("query/views.py", "from filelock import FileLock", "filelock"),
        ("disk/tail.py", "import watchdog.observers", "watchdog"),
        ("runs/sampler.py", "def late():\n    import psutil", "psutil"),
        ("runs/uploads.py", "def late():\n    import pathspec", "pathspec"),
        ("query/run.py", "import runstore.launch.config", "go down"),
        ("launch/config.py", "def late():\n    import yaml", "yaml"),
        ("launch/config.py", "def late():\n    import packaging.version", "packaging"),
        ("launch/sweep/config.py", "def late():\n    import optuna", "optuna"),
        ("launch/config.py", "def late():\n    import submitit", "submitit"),
        ("query/feed.py", "import runstore.sync.plan", "go down"),
        ("sync/plan.py", "import runstore.launch.config", "go down"),
        ("sync/plan.py", "def late():\n    import deltalake", "deltalake"),
        ("view/notebook/showing.py", "def late():\n    import anywidget", "anywidget"),
        ("sync/plan.py", "def late():\n    import obstore", "obstore"),
        ("sync/plan.py", "def late():\n    import starlette.applications", "starlette"),
        ("sync/plan.py", "def late():\n    import httpx", "httpx"),
        ("sync/plan.py", "def late():\n    import mlflow.tracking", "mlflow"),
        ("sync/plan.py", "def late():\n    import keyring", "keyring"),
        ("view/feed/runs.py", "def late():\n    import textual.app", "textual"),
    ],
)
def test_an_import_that_breaks_a_contract_is_found(tmp_path: Path, module: str, line: str, contract: str) -> None:
    shutil.copytree(ROOT / "runstore", tmp_path / "runstore", ignore=shutil.ignore_patterns("__pycache__"))
    with open(tmp_path / "runstore" / module, "a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")

    found = lint(tmp_path)

    broken = [text for text in found.stdout.splitlines() if " BROKEN" in text]
    assert found.returncode == 1, found.stdout + found.stderr
    assert [contract in text for text in broken] == [True]
