"""Submitting: checked first, queued once, handed over; what can't be handed over has failed and says why."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk.capabilities import CAN
from runstore.errors import LaunchError, UsageError
from runstore.launch import handover, submit
from runstore.launch import job as jobs
from runstore.launch.config import ScriptRunConfig
from runstore.launch.handover import Queued
from tests.launch.lab import Lab
from tests.launch.scripts import SLEEP, pid, until
from tests.query import blocked


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[Queued]:
    """What was handed over, to nobody."""
    found: list[Queued] = []
    monkeypatch.setattr(handover, "start", lambda launcher, queued: str(found.append(queued) or "4711"))
    return found


def runs(lab: Lab) -> list[str]:
    return [run.id for run in lab.experiment.get_runs(include_children=True)]


def test_what_cant_be_started_leaves_no_run(lab: Lab) -> None:
    config = lab.config("pass")
    config.script = "none.py"
    with pytest.raises(LaunchError, match="no such script"):
        lab.experiment.submit(config)
    with pytest.raises(LaunchError, match="there are local"):
        lab.experiment.submit(lab.config("pass"), launcher="none")
    with pytest.raises(UsageError, match="takes a ScriptRunConfig or a Sweep, not a dict"):
        lab.experiment.submit({"script": "train.py"})  # type: ignore[arg-type]
    with pytest.raises(LaunchError, match="to be the parent"):
        lab.experiment.submit(lab.config("pass"), parent_id="nobody")
    assert runs(lab) == []


def test_a_run_in_a_block_may_be_the_parent(lab: Lab, handed: list[Queued]) -> None:
    above = runstore.start_run("x", workspace=lab.workspace)
    above.complete()
    blocked.put(lab.workspace.path, [above.path])
    run = lab.experiment.submit(lab.config("pass"), parent_id=above.id)
    assert (run.parent_id, len(handed)) == (above.id, 1)


def test_an_id_says_experiment_and_time_and_may_be_given(lab: Lab, handed: list[Queued]) -> None:
    made = lab.experiment.submit(lab.config("pass"))
    assert re.fullmatch(r"lab_\d{10}_[0-9a-f]{8}", made.id)
    assert lab.experiment.submit(lab.config("pass"), run_id="mine").id == "mine"
    with pytest.raises(LaunchError, match="run mine is there already"):
        lab.experiment.submit(lab.config("pass"), run_id="mine")


def test_what_was_changed_after_it_was_submitted_counts_for_the_next_run_only(lab: Lab, handed: list[Queued]) -> None:
    config = lab.config("pass", arguments=["--alpha", 1])
    first = lab.experiment.submit(config)
    config.arguments = ["--alpha", 2]
    second = lab.experiment.submit(config)
    told = [run.get_details()["runDefinition"]["arguments"] for run in (first, second)]
    assert told == [["--alpha", "1"], ["--alpha", "2"]]


def test_what_is_said_of_a_run_is_there_before_it_begins(lab: Lab, handed: list[Queued]) -> None:
    run = lab.experiment.submit(
        lab.config("pass"), {"t": "1"}, name="n", display_name="d", params={"lr": 0.1}, properties={"p": "2"}
    )
    assert (run.status, run.tags, run.params, run.properties) == ("Queued", {"t": "1"}, {"lr": 0.1}, {"p": "2"})
    assert handed == [Queued(lab.workspace.path, run.id, "d", 1, {})]


def test_a_secret_variable_is_in_the_job_only(lab: Lab, handed: list[Queued]) -> None:
    config = lab.config("pass", variables={"API_TOKEN": "hunter2hunter2"}, arguments=["--key", "hunter2hunter2"])
    run = lab.experiment.submit(config)
    job = jobs.read(run.path)
    assert job is not None and job.config is not None and job.config["variables"]["API_TOKEN"] == "hunter2hunter2"
    for path in run.path.iterdir():
        assert b"hunter2" not in path.read_bytes() or path.name == "job.json"


def test_no_path_of_this_machine_is_in_the_definition(lab: Lab, handed: list[Queued]) -> None:
    run = lab.experiment.submit(lab.config("pass"))
    assert str(lab.directory) not in str(run.get_details()["runDefinition"]["environment"])
    assert run.get_details()["runDefinition"]["environment"]["python"]["interpreterPath"] == "python"


def test_the_job_is_gone_when_the_run_has_begun(lab: Lab) -> None:
    run = lab.submit("born(str(out / 'it')); " + SLEEP)
    assert not (run.path / "job.json").exists()


def test_a_run_that_is_refused_has_failed_and_says_why(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(launcher: str, queued: Queued) -> str:
        raise LaunchError("no room")

    monkeypatch.setattr(handover, "start", refuse)
    with pytest.raises(LaunchError, match="no room"):
        lab.experiment.submit(lab.config("pass"))
    (run,) = lab.experiment.get_runs()
    assert (run.status, run.error) == ("Failed", "no room")
    assert jobs.read(run.path) is None


def test_which_scheduler_has_it_is_a_property(lab: Lab, handed: list[Queued]) -> None:
    run = lab.experiment.submit(lab.config("pass"), launcher="echo {command}")
    assert run.properties == {"runstore.scheduler": "template", "runstore.scheduler_job": "4711"}


def test_nothing_is_submitted_where_runstore_is_disabled(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    experiment = runstore.Experiment(runstore.Workspace(lab.workspace.path), "lab")
    with pytest.raises(LaunchError, match="RUNSTORE_MODE=disabled"):
        experiment.submit(lab.config("pass"))


# ---- runs below a sweep


@pytest.fixture
def parent(lab: Lab) -> runstore.Run:
    run = lab.experiment.start_logging(snapshot_directory=lab.config("print('child', sys.argv[1:])").source_directory)
    return run


def child(lab: Lab, parent: runstore.Run, **given: Any) -> runstore.Run:
    config = ScriptRunConfig("/nowhere", "script.py", ["--x", "1"], variables={"OUT": str(lab.out)})
    submit.start_child(parent, config, f"{parent.id}_0", **given)
    run = lab.workspace.get_run(f"{parent.id}_0")
    lab.runs.append(run)
    return run


def test_a_child_runs_its_parents_source_though_that_is_gone(lab: Lab, parent: runstore.Run) -> None:
    (lab.source / "script.py").unlink()
    run = child(lab, parent, params={"x": 1}, tags={"hyperparameters": "{}"}, display_name="first")
    run.wait_for_completion()
    assert lab.log(run) == "child ['--x', '1']\n"
    assert (run.parent_id, run.params, run.display_name) == (parent.id, {"x": 1}, "first")
    parent.complete()


def test_starting_a_child_again_does_nothing_once_it_has_begun(lab: Lab, parent: runstore.Run) -> None:
    run = child(lab, parent)
    child(lab, parent)
    run.wait_for_completion()
    child(lab, parent)
    assert len(run._folded().attempts) == 1 and lab.log(run) == "child ['--x', '1']\n"
    parent.complete()


def test_a_child_that_is_queued_is_only_handed_over(
    lab: Lab, parent: runstore.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(handover, "start", lambda launcher, queued: "")
        run = child(lab, parent)
    assert run.status == "Queued"
    child(lab, parent)
    assert run.wait_for_completion()["status"] == "Completed"
    assert len(run._folded().writers) == 2
    parent.complete()


# ---- going on


def test_a_queued_run_is_started_once_more(lab: Lab) -> None:
    config = lab.config("print('here')")
    run = lab.queued("r", jobs.Job("lab", config.as_dict()))
    assert lab.experiment.resume("r").wait_for_completion()["status"] == "Completed"
    assert lab.log(run) == "here\n"


def test_a_run_whose_launcher_died_with_its_job_goes_on_in_a_second_attempt(lab: Lab) -> None:
    if not CAN.proc:
        return  # there is no proof of its death
    told = "(out / ('mark' + os.environ['RUNSTORE_ATTEMPT'])).write_text(os.environ['RUNSTORE_LAUNCH']); "
    config = lab.config(told + "born(str(out / os.environ['RUNSTORE_ATTEMPT'])); " + SLEEP)
    job = jobs.Job("lab", config.as_dict())
    run = lab.queued("r", job)
    lab.experiment.resume("r")
    pid(lab.out / "1")
    jobs.write(run.path, job)
    os.kill(lab.launcher(run), 9)
    until(lambda: run.status == "Failed")
    lab.experiment.resume("r")
    pid(lab.out / "2")
    assert run.status == "Running" and len(run._folded().attempts) == 2
    assert (lab.out / "mark1").read_text() != (lab.out / "mark2").read_text()  # else the first one's guard may end it


def test_what_was_not_cut_short_is_not_resumed(lab: Lab) -> None:
    run = lab.run("pass")
    with pytest.raises(LaunchError, match="is Completed; only one that was cut short"):
        lab.experiment.resume(run.id)
    with pytest.raises(LaunchError, match="no run nobody"):
        lab.experiment.resume("nobody")
    if not CAN.proc:
        return  # there is no proof of a launcher's death
    killed = lab.submit("born(str(out / 'it')); " + SLEEP)
    pid(lab.out / "it")
    os.kill(lab.launcher(killed), 9)
    until(lambda: killed.status == "Failed")
    with pytest.raises(LaunchError, match="submit it again"):
        lab.experiment.resume(killed.id)


def test_the_source_may_hold_the_workspace(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "lab")
    lab.workspace = runstore.Workspace(lab.source / ".runstore")
    lab.experiment = runstore.Experiment(lab.workspace, "lab")
    run = lab.run("print(sorted(os.listdir('.')))")
    assert lab.log(run) == "['logs', 'outputs', 'script.py']\n"


def test_where_a_script_comes_from_is_found_out_where_it_is_submitted(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNSTORE_PROVENANCE")
    run = lab.run("pass", ["--alpha", 0.4])
    assert run.provenance["argv"] == ["script.py", "--alpha", "0.4"]
    assert run.provenance["packages"]["count"] > 0
    assert run.get_snapshot_id()
