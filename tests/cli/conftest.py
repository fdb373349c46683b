"""A workspace to look at, the command line called in this process, and a terminal that is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import runstore
from runstore.cli import style
from runstore.cli.main import cli
from runstore.runs import seal

Call = Callable[..., Result]


@pytest.fixture
def ws(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Workspace:
    """A workspace in which nothing is sealed by itself."""
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    return runstore.Workspace(workspace)


@pytest.fixture
def call(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """``call("runs", "--json")``: the command on the test's workspace."""
    monkeypatch.setenv("RUNSTORE_DIR", str(workspace))

    def one(*args: object, input: str | None = None) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args], input=input)

    return one


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """``terminal(80)``: from now on somebody looks, through so many columns and without colours."""

    def one(columns: int) -> None:
        monkeypatch.setattr(style, "watched", lambda stream=None: True)
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("LINES", "50")
        monkeypatch.setenv("NO_COLOR", "1")

    return one
