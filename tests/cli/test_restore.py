"""Runs brought back from a shell."""

from __future__ import annotations

import runstore
from tests.cli import scenes
from tests.cli.conftest import Call


def test_what_was_deleted_comes_back(ws: runstore.Workspace, call: Call) -> None:
    run_id = scenes.finished(ws)
    before = call("runs", "--json").stdout
    call("rm", run_id)
    assert call("restore", run_id[:8]).stdout == "1 run restored\n"
    assert call("runs", "--json").stdout == before
    assert call("restore", run_id).stdout == "nothing to restore: not deleted\n"
    assert call("restore", "nothing").exit_code == 1


def test_an_experiment_comes_back_with_its_runs(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws)
    call("rm", "--experiment", "mnist")
    assert call("restore", "--experiment", "mnist").stdout == "experiment mnist is there with 1 restored run\n"
    assert list(ws.experiments) == ["mnist"]
    assert call("restore", "--experiment", "other").exit_code == 1


def test_runs_below_come_back_if_that_is_said(ws: runstore.Workspace, call: Call) -> None:
    with runstore.start_run("mnist", run_id="top", workspace=ws) as run:
        run.child_run(run_id="below").complete()
    call("rm", "top", "--children")
    assert call("restore", "top", "--children").stdout == "2 runs restored\n"
