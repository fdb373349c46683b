"""A run that is ended from outside is over when the call returns, and its working copy can be cleaned up."""

from __future__ import annotations

import os
import signal

import pytest

import runstore
from runstore.errors import LaunchError
from runstore.format import names
from runstore.launch import afterwards
from runstore.launch.queue import SWEEP
from tests.launch.lab import Lab
from tests.launch.scripts import SLEEP, lives, pid, until


def test_cancel_returns_when_launcher_and_script_are_gone(lab: Lab) -> None:
    run = lab.submit("born(str(out / 'it')); " + SLEEP)
    script, launcher = pid(lab.out / "it"), lab.launcher(run)
    run.cancel()
    assert not lives(script)
    assert run._folded().settled
    until(lambda: not lives(launcher))


def test_cancel_of_a_run_of_this_process_waits_for_nobody(workspace: object, lab: Lab) -> None:
    run = lab.experiment.start_logging()
    lab.workspace.get_run(run.id).cancel()
    assert run.status == "Canceled"
    run.complete()


def test_the_job_of_a_run_that_never_began_is_not_kept(lab: Lab) -> None:
    run = lab.submit("pass", launcher="true {command}")
    assert (run.path / names.JOB).exists()
    lab.workspace.get_run(run.id).cancel()
    assert not (run.path / names.JOB).exists()


def test_cancel_does_not_wait_for_ever(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    run = lab.submit("born(str(out / 'it')); " + SLEEP)
    pid(lab.out / "it")
    os.kill(lab.launcher(run), signal.SIGSTOP)
    monkeypatch.setattr(afterwards, "PATIENCE", 0.2)
    run.cancel()
    assert run.status == "Canceled" and not run._folded().settled
    os.kill(lab.launcher(run), signal.SIGCONT)
    until(lambda: run._folded().settled)


def test_cancel_of_a_sweep_that_nobody_controls_cancels_its_runs(lab: Lab) -> None:
    sweep = lab.experiment.start_logging(type=SWEEP)
    child = lab.submit("born(str(out / 'it')); " + SLEEP, parent_id=sweep.id)
    script = pid(lab.out / "it")
    sweep.complete()
    again = lab.experiment.start_logging(run_id=sweep.id)
    again._end("Failed", "vanished", explicit=False)
    running = lab.experiment.start_logging(run_id=sweep.id)
    outside = lab.workspace.get_run(sweep.id)
    monkey = afterwards.PATIENCE
    afterwards.PATIENCE = 0.2
    try:
        outside.cancel()
    finally:
        afterwards.PATIENCE = monkey
    until(lambda: not lives(script))
    until(lambda: child._folded().settled)
    assert (child.status, child.error) == ("Canceled", f"sweep {sweep.id} was canceled")
    running.complete()


def test_a_finished_run_has_been_cleaned_already(lab: Lab) -> None:
    run = lab.run("pass")
    assert run.clean() == [f"{lab.copy(run)}: was deleted when the run ended"]
    with pytest.raises(LaunchError, match="cleaned already"):
        run.clean()


def test_what_is_still_there_is_deleted(lab: Lab) -> None:
    run = lab.run("pass")
    lab.copy(run).mkdir(parents=True)
    assert run.clean() == [f"{lab.copy(run)}: deleted"]
    assert not lab.copy(run).exists()


def test_what_runs_is_not_cleaned_up_under_its_feet(lab: Lab) -> None:
    run = lab.submit("born(str(out / 'it')); " + SLEEP)
    pid(lab.out / "it")
    with pytest.raises(LaunchError, match="is Running; wait for its end"):
        run.clean()
    assert lab.copy(run).is_dir()


def test_there_is_nothing_to_clean_of_a_run_that_was_not_submitted(lab: Lab) -> None:
    run: runstore.Run = lab.experiment.start_logging()
    run.complete()
    with pytest.raises(LaunchError, match="was not submitted"):
        run.clean()
