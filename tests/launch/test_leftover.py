"""The working copy of a run whose launcher was killed goes, unless something in it is nowhere else."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import runstore
from runstore.disk.capabilities import CAN
from runstore.launch import job as jobs
from runstore.launch import leftover
from tests.launch.lab import Lab
from tests.launch.scripts import pid, until

SLEEP = "time.sleep(600)"


def killed(lab: Lab, script: str) -> runstore.Run:
    """A run whose launcher is killed when its script says that it is there."""
    run = lab.submit(f"{script}; born(str(out / 'there')); {SLEEP}")
    pid(lab.out / "there")
    os.kill(lab.launcher(run), signal.SIGKILL)
    return run


def test_a_copy_without_results_goes_with_its_launcher(lab: Lab) -> None:
    run = killed(lab, "open('elsewhere', 'w').write('x')")
    until(lambda: not lab.copy(run).exists())


def test_a_copy_whose_results_are_all_in_the_run_goes_with_its_launcher(lab: Lab) -> None:
    run = lab.submit(f"open('outputs/a', 'w').write('x'); open('logs/b', 'w').write('y\\n'); {SLEEP}")
    until(lambda: {"outputs/a", "logs/b"} <= set(run.get_file_names()))
    os.kill(lab.launcher(run), signal.SIGKILL)
    until(lambda: not lab.copy(run).exists())
    assert run.read_file("outputs/a") == b"x"


def test_a_copy_with_results_that_are_nowhere_else_stays_until_it_is_cleaned(lab: Lab) -> None:
    run = killed(lab, "open('logs/.hidden', 'w').write('x')")  # what is never taken in
    until(lambda: run.status == "Failed" or not CAN.proc)
    if CAN.proc:
        assert run.clean() == [f"{lab.copy(run)}: deleted"]


def test_what_was_taken_in_before_it_changed_is_not_all_there_is(workspace: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    (copy / "outputs" / "deep").mkdir(parents=True)
    (copy / "outputs" / "deep" / "a").write_bytes(b"one")
    with runstore.start_run("e", workspace=workspace, outputs=copy / "outputs") as run:
        pass
    assert leftover.all_taken(workspace, run.id, copy)
    (copy / "outputs" / "deep" / "a").write_bytes(b"two")
    assert not leftover.all_taken(workspace, run.id, copy)
    (copy / "outputs" / "deep" / "a").unlink()
    assert leftover.all_taken(workspace, run.id, copy)
    (copy / "logs").mkdir()
    (copy / "logs" / "new").touch()
    leftover.main([str(workspace), run.id, str(copy)])
    assert copy.exists()

    (copy / "logs" / "new").unlink()
    leftover.main([str(workspace), run.id, str(copy)])
    assert not copy.exists()


def test_the_next_attempt_leaves_what_is_nowhere_else_and_is_left_alone_itself(lab: Lab) -> None:
    if not CAN.proc:
        return  # there is no proof of the first launcher's death
    keeps = "open('logs/.hidden', 'w').write(os.environ['RUNSTORE_ATTEMPT'])"  # what is never taken in
    config = lab.config(f"{keeps}; born(str(out / os.environ['RUNSTORE_ATTEMPT'])); {SLEEP}")
    job = jobs.Job("lab", config.as_dict())
    run = lab.queued("r", job)
    lab.experiment.resume("r")
    pid(lab.out / "1")
    jobs.write(run.path, job)
    os.kill(lab.launcher(run), signal.SIGKILL)
    until(lambda: run.status == "Failed")
    lab.experiment.resume("r")
    pid(lab.out / "2")
    leftover.main([str(lab.workspace.path), "r", str(lab.copy(run))])
    first, second = lab.copy(run), lab.copy(run, 2)
    assert [(copy / "logs" / ".hidden").read_text() for copy in (first, second)] == ["1", "2"]
    run.cancel()
    until(lambda: run._folded().settled and run.status == "Canceled")
    assert run.clean() == [f"{first}: deleted"]
