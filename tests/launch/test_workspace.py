"""The public names are launch's, and hand out objects that can submit."""

from __future__ import annotations

from pathlib import Path

import runstore
from runstore.launch import experiment, run, workspace


def test_the_public_classes_are_those_that_submit() -> None:
    assert runstore.Workspace is workspace.Workspace
    assert runstore.Experiment is experiment.Experiment
    assert runstore.Run is run.Run


def test_whatever_a_workspace_hands_out_can_submit(tmp_path: Path) -> None:
    made = runstore.Workspace(tmp_path / "ws")
    begun = runstore.start_run("exp", workspace=made)
    begun.complete()
    assert type(made.get_run(begun.id)) is runstore.Run
    assert type(made.experiments["exp"]) is runstore.Experiment
    assert type(made.experiment("exp")) is runstore.Experiment
    assert [type(one) for one in made.experiment("exp").get_runs()] == [runstore.Run]


def test_start_run_takes_the_workspaces_own_classes(tmp_path: Path) -> None:
    class Mine(runstore.Run):
        pass

    class Special(runstore.Workspace):
        run_class = Mine

    assert type(runstore.start_run("exp", workspace=Special(tmp_path / "ws"))) is Mine


def test_outside_of_a_script_each_start_run_is_a_run_of_its_own(tmp_path: Path) -> None:
    first, second = (runstore.start_run("exp", workspace=tmp_path / "ws") for _ in range(2))
    assert first.id != second.id and second.parent_id is None


def test_two_workspaces_meet_at_a_remote(tmp_path: Path) -> None:
    from runstore.sync import remotes

    ours, theirs = runstore.Workspace(tmp_path / "ours"), runstore.Workspace(tmp_path / "theirs")
    with runstore.start_run("exp", run_id="r", workspace=theirs) as begun:
        begun.log("loss", 0.5)
    for ws in (ours, theirs):
        remotes.add(ws.path, "lake", str(tmp_path / "lake"))
    theirs.sync("lake", verify=True)
    assert ours.pull(dry_run=True).runs == 1
    assert ours.pull().runs == 1 and ours.get_run("r").get_metrics() == {"loss": 0.5}
    assert theirs.sync()["lake"].asked is False
