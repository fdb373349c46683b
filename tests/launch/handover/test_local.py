"""A launcher on this machine: begun before the call returns, and no burden to the process that called."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import runstore
from runstore.errors import LaunchError
from runstore.launch import handover
from runstore.launch.environments import own
from runstore.launch.handover import Queued, local
from tests.launch.lab import Lab, descriptors
from tests.launch.scripts import SLEEP, lives, pid, until

SUBMIT = """
import os, sys, runstore
from runstore.launch.config import ScriptRunConfig
run = runstore.Experiment(runstore.Workspace(sys.argv[1]), "lab").submit(
    ScriptRunConfig(sys.argv[2], "script.py", variables={"OUT": sys.argv[3]}))
print(run.id, flush=True)
os.kill(os.getpid(), 9)
"""


def submitted_elsewhere(lab: Lab, script: str) -> tuple[runstore.Run, subprocess.CompletedProcess[str]]:
    """A run that another process submits, which is killed right after."""
    lab.config(script)
    command = [sys.executable, "-c", SUBMIT, *map(str, (lab.workspace.path, lab.source, lab.out))]
    done = subprocess.run(command, capture_output=True, text=True)
    run = lab.workspace.get_run(done.stdout.strip())
    lab.runs.append(run)
    return run, done


def test_a_run_goes_on_though_its_submitter_is_killed(lab: Lab) -> None:
    run, done = submitted_elsewhere(lab, "time.sleep(0.5); print('still here')")
    assert done.returncode == -signal.SIGKILL
    assert run.wait_for_completion()["status"] == "Completed"
    assert lab.log(run) == "still here\n"


def test_what_the_submitters_output_goes_to_is_closed_when_it_ends(lab: Lab) -> None:
    """Nobody who waits for the end of the submitter's output waits for the launcher: ``capture_output`` returned."""
    run, _ = submitted_elsewhere(lab, "born(str(out / 'it')); " + SLEEP)
    assert run.status not in ("Completed", "Failed")


def test_the_run_has_begun_when_the_call_returns(lab: Lab) -> None:
    run = lab.submit("born(str(out / 'it')); " + SLEEP)
    assert run.status in ("Preparing", "Starting", "Running")
    assert lives(lab.launcher(run))


def test_a_launcher_that_cant_begin_says_why(workspace: Path) -> None:
    made = runstore.Workspace(workspace)
    with pytest.raises(LaunchError, match="did not start: runstore: no run nothing in"):
        local.start("local", Queued(made.path, "nothing", "exp"))


def test_a_launcher_that_dies_at_once_is_told_by_its_exit_code(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = runstore.Workspace(workspace)
    monkeypatch.setattr(Queued, "command", [sys.executable, "-c", "raise SystemExit(7)"])
    with pytest.raises(LaunchError, match="did not start: exit code 7"):
        local.start("local", Queued(made.path, "r", "exp"))


def test_an_interpreter_that_is_not_there_is_told(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = runstore.Workspace(workspace)
    monkeypatch.setattr(Queued, "command", [str(workspace / "none")])
    with pytest.raises(LaunchError, match="can't be started"):
        local.start("local", Queued(made.path, "r", "exp"))


def test_there_are_no_options(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LaunchError, match="has no options; leave out 'partition'"):
        local.check("local", {"partition": "gpu"}, 1)
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(LaunchError, match="no Python interpreter"):
        local.check("local", {}, 1)


def leaves_nothing(lab: Lab, temporary: Path, count: int) -> None:
    lab.run("pass")  # what the first one loads stays
    before = descriptors(), threading.active_count()
    runs = [lab.submit("pass") for _ in range(count)]
    for run in runs:
        assert run.wait_for_completion()["status"] == "Completed"
    pids = [writer.pid for run in runs for writer in run._folded().writers if writer.opener and writer.pid]
    until(lambda: not any(lives(one) for one in pids))
    until(lambda: threading.active_count() <= before[1])
    assert descriptors() <= before[0]
    if os.path.isdir("/proc/self/task"):  # not even a zombie
        until(lambda: not set(_children()) & set(pids))
    until(lambda: not list(temporary.iterdir()))  # of the processes that seal, too


def _children() -> list[int]:
    return [int(one) for one in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def test_several_submits_leave_no_process_descriptor_or_directory(lab: Lab, temporary: Path) -> None:
    leaves_nothing(lab, temporary, 8)


@pytest.mark.soak
def test_a_hundred_submits_leave_no_process_descriptor_or_directory(lab: Lab, temporary: Path) -> None:
    leaves_nothing(lab, temporary, 100)


def test_a_launcher_inherits_no_descriptor(lab: Lab, tmp_path: Path) -> None:
    with open(tmp_path / "secret", "w") as file:
        os.set_inheritable(file.fileno(), True)
        run = lab.submit("born(str(out / 'it')); " + SLEEP)
        if os.path.isdir("/proc"):
            for process in (lab.launcher(run), pid(lab.out / "it")):
                links = [os.readlink(entry) for entry in Path(f"/proc/{process}/fd").iterdir()]
                assert str(tmp_path / "secret") not in links


def test_modules_beside_the_submitter_stand_in_for_none(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    (lab.source / "queue.py").write_text("raise SystemExit('not this one')")
    (lab.directory / "signal.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(lab.directory)
    (lab.workspace.path / "tempfile.py").write_text("raise SystemExit('not this one')")
    assert lab.run("pass").status == "Completed"


@pytest.mark.parametrize("launcher", ["locl", "", "Slurm"])
def test_a_launcher_that_there_is_not_is_refused_with_those_there_are(launcher: str) -> None:
    with pytest.raises(LaunchError, match="there are local, slurm, ray"):
        handover.check(launcher)


def test_a_launcher_finds_the_runstore_that_submits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = str(own.package().parent)
    queued = Queued(tmp_path, "r", "exp")
    monkeypatch.setenv("PYTHONPATH", "relative")
    monkeypatch.setattr(own, "installed", lambda: False)
    assert queued.environment["PYTHONPATH"] == f"{place}{os.pathsep}relative"
    monkeypatch.setattr(own, "installed", lambda: True)
    assert queued.environment["PYTHONPATH"] == "relative"
    monkeypatch.delenv("PYTHONPATH")
    assert "PYTHONPATH" not in queued.environment
