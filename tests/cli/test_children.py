"""A sweep's runs on one screen, or one by one."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest

import runstore
from runstore.cli import children, follow
from runstore.cli.text import width
from runstore.errors import RunFailed

PRIMARY = json.dumps({"name": "mse", "goal": "minimize"})


@pytest.fixture
def sweep(ws: runstore.Workspace) -> runstore.Run:
    """A sweep of three runs: two have ended, one goes on."""
    run = runstore.start_run("tune", run_id="HD_1", tags={"max_total_jobs": "5"}, workspace=ws)
    run.add_properties({"primary_metric_config": PRIMARY})
    for number, (alpha, losses) in enumerate([(0.5, [3.0, 2.0]), (0.25, [1.5, 1.75]), (0.125, [])]):
        child = runstore.start_run("tune", run_id=f"HD_1_{number}", parent_id=run.id, workspace=ws)
        child.add_properties({"hyperparameters": json.dumps({"--alpha": alpha, "--kind": "a"})})
        for loss in losses:
            child.log("mse", loss)
        if losses:
            child.complete()
    return run


def test_the_runs_that_go_on_come_first_and_then_the_best(
    ws: runstore.Workspace, sweep: runstore.Run, terminal: Callable[[int], None]
) -> None:
    terminal(80)
    head, _, titles, _, *rows = children._Search(ws, sweep).lines()
    assert head == "● Running   2 of 5 runs ended, 1 running   best mse 1.5 in #1"
    assert titles.split() == ["run", "status", "mse", "--alpha", "--kind", "duration"]
    assert [row.split()[:4] for row in rows[1:]] == [["#1", "●", "Completed", "1.5"], ["#0", "●", "Completed", "2.0"]]
    assert rows[0].split()[:3] == ["#2", "●", "Running"]


@pytest.mark.parametrize("columns", [40, 80])
def test_the_table_is_no_wider_than_the_terminal_and_no_longer_than_a_screen(
    ws: runstore.Workspace, sweep: runstore.Run, terminal: Callable[[int], None], columns: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(children, "SHOWN", 2)
    terminal(columns)
    lines = children._Search(ws, sweep).lines()
    assert max(map(width, lines[2:])) <= columns
    assert lines[-1] == "1 run more; `runstore runs` lists them"


def test_the_greatest_is_the_best_where_that_is_the_goal(ws: runstore.Workspace) -> None:
    run = runstore.start_run("tune", run_id="HD_1", workspace=ws)
    run.add_properties({"primary_metric_config": json.dumps({"name": "acc", "goal": "MAXIMIZE"})})
    child = runstore.start_run("tune", parent_id=run.id, workspace=ws)
    child.add_properties({"hyperparameters": "{}"})
    child.log("acc", 0.5)
    child.log("acc", 0.25)
    assert [one["value"] for one in children._Search(ws, run).runs()] == [0.5]


def test_a_sweep_without_runs_yet_has_no_table(ws: runstore.Workspace) -> None:
    run = runstore.start_run("tune", workspace=ws)
    run.add_properties({"primary_metric_config": PRIMARY})
    assert children._Search(ws, run).lines() == ["Running   0 of ? runs ended, 0 running"]


def test_where_nobody_looks_each_run_is_told_once_when_it_has_ended(
    ws: runstore.Workspace, sweep: runstore.Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = iter([lambda: None, runstore.start_run("tune", run_id="HD_1_2", workspace=ws).complete, sweep.complete])
    monkeypatch.setattr(children, "time", SimpleNamespace(sleep=lambda seconds: next(waits)()))
    children.follow(ws, sweep, None)
    assert capsys.readouterr().out.splitlines()[:2] == [
        "HD_1_0  Completed  --alpha=0.5 --kind=a  mse=2", "HD_1_1  Completed  --alpha=0.25 --kind=a  mse=1.5",
    ]  # fmt: skip


def test_for_a_program_each_run_is_an_object_and_then_the_sweep(
    ws: runstore.Workspace, sweep: runstore.Run, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep.fail("no luck")
    with pytest.raises(RunFailed, match="run HD_1 has failed"):
        children.follow(ws, sweep, "json")
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["run_id"] for one in told] == ["HD_1_0", "HD_1_1", "HD_1"]
    assert (told[0]["hyperparameters"], told[0]["value"]) == ({"--alpha": 0.5, "--kind": "a"}, 2.0)
    assert told[-1]["error"] == "no luck"


def test_on_a_terminal_the_last_picture_stays(
    ws: runstore.Workspace, sweep: runstore.Run, terminal: Callable[[int], None], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    terminal(80)
    monkeypatch.setattr(follow, "time", SimpleNamespace(sleep=lambda seconds: sweep.complete()))
    children.follow(ws, sweep, None)
    told = capsys.readouterr()
    assert told.out.count("runs ended") == 2
    assert "run HD_1 is completed" in told.err
