"""What a block keeps by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import runstore
from runstore.runs.capture import Capture
from runstore.runs.console import Console

LATE = """
import time, runstore
with runstore.start_run("x", workspace="ws") as run:
    import logging, sys
    assert "runstore.runs.logrecords" not in sys.modules
    while "runstore.runs.logrecords" not in sys.modules:
        time.sleep(0.01)
    time.sleep(0.05)
    logging.warning("heard")
"""


def test_logging_that_is_loaded_inside_the_block_is_heard_soon_after(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", LATE], cwd=tmp_path, check=True, timeout=60)
    rows = runstore.Workspace(tmp_path / "ws").sql("SELECT text FROM logs WHERE level = 'WARNING'")
    assert rows.fetchall() == [("heard",)]


def test_a_console_that_listens_before_it_is_there_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Console.start

    def start(console: Console) -> bool:
        console._alive()
        return real(console)

    monkeypatch.setattr(Console, "start", start)
    run = runstore.start_run("x", workspace=tmp_path / "ws")
    Capture(run).close()
    run.complete()


def test_closing_twice_is_once(tmp_path: Path) -> None:
    run = runstore.start_run("x", workspace=tmp_path / "ws")
    held = Capture(run)
    held.close()
    held.close()
    run.complete()


def test_capture_inside_a_block_adds_nothing(tmp_path: Path) -> None:
    with runstore.start_run("x", workspace=tmp_path / "ws") as run, run.capture() as same:
        assert same is run
        print("once")
    assert run.experiment.workspace.sql("SELECT text FROM logs").fetchall() == [("once",)]  # type: ignore[attr-defined]


def test_where_runstore_is_disabled_nothing_is_kept_and_everything_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    with runstore.start_run("x", workspace=tmp_path / "ws") as run:
        print("shown")
        run.attach_log("a", b"x")
    assert capsys.readouterr().out == "shown\n"
    assert not (tmp_path / "ws").exists()
