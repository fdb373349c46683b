"""Runs deleted from a shell."""

from __future__ import annotations

import runstore
from tests.cli import scenes
from tests.cli.conftest import Call


def test_runs_are_deleted_by_the_beginnings_of_their_ids(ws: runstore.Workspace, call: Call) -> None:
    first, second = scenes.finished(ws), scenes.finished(ws)
    done = call("rm", first[:6])
    assert (done.exit_code, done.stdout) == (0, "1 run deleted; `runstore restore RUN` undoes it\n")
    assert [run["run_id"] for run in scenes_json(call)] == [second]
    assert call("show", first).exit_code == 1
    assert "is deleted; `runstore restore" in call("show", first).stderr


def scenes_json(call: Call) -> list[dict[str, object]]:
    import json

    found: list[dict[str, object]] = json.loads(call("runs", "--json").stdout)
    return found


def test_an_experiment_goes_with_its_runs(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws)
    scenes.finished(ws, experiment="other")
    done = call("rm", "--experiment", "mnist")
    assert done.stdout == "experiment mnist with 1 run deleted; `runstore restore --experiment mnist` undoes it\n"
    assert list(ws.experiments) == ["other"]


def test_what_runs_or_has_runs_below_is_refused(ws: runstore.Workspace, call: Call) -> None:
    run = runstore.start_run("mnist", run_id="top", workspace=ws)
    run.child_run(run_id="below").complete()
    done = call("rm", "top")
    assert (done.exit_code, "--children" in done.stderr) == (1, True)
    done = call("rm", "top", "--children")
    assert (done.exit_code, "--force" in done.stderr) == (1, True)
    assert call("rm", "top", "--children", "--force").stdout.startswith("2 runs deleted")
    assert scenes_json(call) == []


def test_something_has_to_be_named_and_only_one_kind_of_thing(ws: runstore.Workspace, call: Call) -> None:
    for command in ("rm", "restore", "archive"):
        assert call(command).exit_code == 2
        assert call(command, "a", "--experiment", "b").exit_code == 2
    assert call("rm", "nothing").exit_code == 1
    assert call("rm", "--experiment", "nothing").exit_code == 1


def test_rules_and_names_are_not_mixed(ws: runstore.Workspace, call: Call) -> None:
    run_id = scenes.finished(ws)
    for args in (
        (run_id, "--keep-last-days", "1"),
        ("--keep-last-days", "1", "--force"),
        ("--keep-best", "1"),
        (run_id, "--yes"),
        (run_id, "--metric", "loss"),
        ("--keep-best", "0", "--metric", "loss"),
    ):
        assert call("rm", *args).exit_code == 2
    assert call("rm", "--keep-best", "1", "--metric", "lost").exit_code == 1
    assert [run["run_id"] for run in scenes_json(call)] == [run_id]
