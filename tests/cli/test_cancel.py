"""Runs ended from a shell."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

import runstore
from runstore.launch import afterwards
from runstore.launch.config import ScriptRunConfig
from tests.cli import scenes
from tests.cli.conftest import Call
from tests.launch.scripts import lives, until

TREE = """
import os, subprocess, sys, time
sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), sleeper.pid, flush=True)
time.sleep(600)
"""


def test_the_processes_of_a_script_are_gone_when_it_returns(ws: runstore.Workspace, call: Call, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text(TREE)
    run = runstore.Experiment(ws, "e").submit(ScriptRunConfig(str(tmp_path / "src"), "train.py"))
    until(lambda: len(call("logs", run.id).stdout.split()) == 2)
    pids = list(map(int, call("logs", run.id).stdout.split()))
    done = call("cancel", run.id[:-3])
    assert (done.exit_code, done.stdout) == (0, f"run {run.id} is canceled\n")
    assert [pid for pid in pids if lives(pid)] == []
    assert run.status == "Canceled"


def test_a_launcher_that_does_not_answer_is_told(
    ws: runstore.Workspace, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(signal, "SIGSTOP"):
        return
    monkeypatch.setattr(afterwards, "PATIENCE", 0.2)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("import time; time.sleep(600)")
    run = runstore.Experiment(ws, "e").submit(ScriptRunConfig(str(tmp_path / "src"), "train.py"))
    (launcher,) = [writer.pid for writer in run._folded().writers if writer.opener and writer.pid]
    os.kill(launcher, signal.SIGSTOP)
    try:
        assert "does not answer" in call("cancel", run.id).stdout
    finally:
        os.kill(launcher, signal.SIGCONT)
    until(lambda: run._folded().settled)


def test_of_a_run_that_was_not_submitted_the_record_ends(ws: runstore.Workspace, call: Call) -> None:
    run = runstore.start_run("mnist", workspace=ws)
    done = call("cancel", run.id[:6])
    assert done.exit_code == 0
    assert done.stdout == f"run {run.id[:8]} is canceled; it was not submitted, so its process goes on until it asks\n"
    assert run.status == "Canceled"


def test_a_run_that_had_ended_is_told_and_the_others_are_canceled(ws: runstore.Workspace, call: Call) -> None:
    ended, failed = scenes.finished(ws), runstore.start_run("mnist", workspace=ws)
    failed.fail("ValueError: no")
    run = runstore.start_run("mnist", workspace=ws)
    done = call("cancel", ended, failed.id, run.id)
    assert done.exit_code == 1
    assert run.status == "Canceled"
    first, second = done.stderr.splitlines()
    assert first.startswith(f"run {ended[:8]} is completed after ")
    assert second.startswith(f"run {failed.id[:8]} has failed after ") and second.endswith(": ValueError: no")


def test_a_run_has_to_be_named(ws: runstore.Workspace, call: Call) -> None:
    assert call("cancel").exit_code == 2
    done = call("cancel", "nothing")
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
