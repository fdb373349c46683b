"""A run goes on in one process; another one keeps a container's log in it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import runstore
from runstore.errors import InvalidValue, RunClosed
from runstore.runs import attached, bystander
from runstore.runs.experiment import start_fact

NAME = "system_logs/container/main.txt"
LOGS = (
    "import sys, runstore\n"
    "run = runstore.start_run('x', run_id='a', workspace=sys.argv[1])\n"
    "print('on', flush=True)\n"
    "sys.stdin.read()\n"
    "run.log('loss', 1.0)\n"
    "run.complete()\n"
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attached, "POLL", 0.01)
    monkeypatch.setattr(bystander, "LOOK", 0.01)


@pytest.fixture
def training(workspace: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", LOGS, str(workspace)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"on"
    return process


def ended(process: subprocess.Popen[bytes]) -> None:
    process.communicate()
    assert process.returncode == 0


def lines(run: runstore.Run) -> list[str]:
    query = "SELECT text FROM logs WHERE run_id = ? AND stream = ? ORDER BY line"
    return [text for (text,) in run.experiment.workspace.sql(query, params=[run.id, NAME]).fetchall()]  # type: ignore[attr-defined]


def writers(run: runstore.Run) -> list[str]:
    return [writer.state for writer in run._folded().writers]


def soon(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_one_who_looks_on_keeps_a_log_until_its_source_ends_and_the_run_goes_on(
    workspace: Path, training: subprocess.Popen[bytes]
) -> None:
    run = runstore.Workspace(workspace).get_run("a")
    tool = subprocess.Popen([sys.executable, "-c", "print('one')\nprint('two')"], stdout=subprocess.PIPE)
    held = run.attach_log(NAME, tool.stdout)
    assert held.wait(30)
    tool.communicate()
    assert lines(run) == ["one", "two"]
    assert run.status == "Running"
    assert sorted(writers(run)) == ["Completed", "Running"]
    ended(training)
    assert run.status == "Completed"
    assert run.get_metrics() == {"loss": 1.0}


def test_a_path_is_followed_until_the_run_ends(
    workspace: Path, training: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    run = runstore.Workspace(workspace).get_run("a")
    held = run.attach_log(NAME, tmp_path / "later.txt")
    assert not held.wait(0)
    (tmp_path / "later.txt").write_text("one\n", encoding="utf-8")
    soon(lambda: lines(run) == ["one"])
    ended(training)
    assert held.wait(30)
    assert writers(run) == ["Completed", "Completed"]


def test_a_source_that_says_nothing_more_is_left_when_the_run_ends(
    workspace: Path, training: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attached, "PATIENCE", 0.05)
    run = runstore.Workspace(workspace).get_run("a")
    reading, writing = os.pipe()
    with open(reading, "rb") as source:
        held = run.attach_log(NAME, source)
        ended(training)
        assert held.wait(30)
        os.close(writing)
    assert writers(run) == ["Completed", "Completed"]


def test_closing_it_keeps_what_is_there_and_ends_its_writer_only(
    workspace: Path, training: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    run = runstore.Workspace(workspace).get_run("a")
    (tmp_path / "tool.txt").write_text("one\n", encoding="utf-8")
    held = run.attach_log(NAME, tmp_path / "tool.txt")
    held.close()
    held.close()
    assert held.wait(0)
    assert lines(run) == ["one"]
    assert run.status == "Running"
    with pytest.raises(RunClosed):
        run.log("loss", 2.0)  # that object still only reads
    ended(training)


def test_a_run_that_has_ended_takes_no_log(workspace: Path, training: subprocess.Popen[bytes]) -> None:
    ended(training)
    with pytest.raises(RunClosed, match="start_run"):
        runstore.Workspace(workspace).get_run("a").attach_log(NAME, b"late")


def test_a_run_that_is_queued_takes_none_and_stays_queued(workspace: Path) -> None:
    experiment = runstore.Experiment(runstore.Workspace(workspace), "x")
    queued = experiment.workspace.run_class(experiment, "q")
    queued._open({**start_fact(), "queued": True}, attempt=1, opener=False)
    queued._end("Queued", None, explicit=False)
    run = runstore.Workspace(workspace).get_run("q")
    with pytest.raises(RunClosed, match="is queued"):
        run.attach_log(NAME, b"early")
    assert run.status == "Queued"


def test_what_is_no_source_leaves_no_writer_behind(workspace: Path, training: subprocess.Popen[bytes]) -> None:
    run = runstore.Workspace(workspace).get_run("a")
    with pytest.raises(InvalidValue, match="not int"):
        run.attach_log(NAME, 7)
    assert sorted(writers(run)) == ["Completed", "Running"]
    ended(training)
