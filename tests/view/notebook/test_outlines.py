"""What is told of a run, an experiment and a workspace where nothing runs."""

from __future__ import annotations

import json

import runstore
from runstore.view.notebook import outlines


def test_a_run_is_told_with_its_params_values_and_curves(ws: runstore.Workspace, run: runstore.Run) -> None:
    told = outlines.of_run(ws, run.id[:8])
    assert (told.kind, told.status) == ("Run", "Running")
    assert told.facts == [("lr", "0.1"), ("model.name", "cnn"), ("final", "3")]
    assert [(one.name, len(one.lines)) for one in told.charts] == [("accuracy", 1), ("loss", 1)]
    assert f"Running · mnist · {run.id} · " in told.note
    assert "  loss: 0.0186856" in told.text().splitlines()


def test_of_many_params_the_first_are_told_and_how_many_more_there_are(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", params={f"p{at:02}": "x" * 200 for at in range(20)}, workspace=ws) as run:
        pass
    told = outlines.of_run(ws, run.id)
    assert (len(told.facts), told.more) == (12, 8)
    assert all(len(value) <= 60 for _, value in told.facts)
    assert "… and 8 more" in told.text()


def test_why_a_run_failed_is_told(ws: runstore.Workspace, run: runstore.Run) -> None:
    run.fail("out of memory")
    told = outlines.of_run(ws, run.id)
    assert (told.status, told.error) == ("Failed", "out of memory")
    assert "out of memory" in told.text()


def test_an_experiments_newest_runs_are_told_with_their_curves_over_each_other(ws: runstore.Workspace) -> None:
    for number in range(10):
        with runstore.start_run("e", name=f"run {number}", workspace=ws) as run:
            run.log({"loss": 1.0}, step=0)
            run.log({"loss": 0.5}, step=1)
    told = outlines.of_experiment(ws, "e")
    assert told.note == "10 runs, the newest 8 shown"
    assert [row[0] for row in told.table[1:]] == [f"run {number}" for number in range(9, 1, -1)]
    assert [line.place for line in told.charts[0].lines] == list(range(8))


def test_what_is_empty_is_told_too(ws: runstore.Workspace) -> None:
    assert outlines.of_workspace(ws).table == []
    ws.experiment("nothing")
    told = outlines.of_experiment(ws, "nothing")
    assert (told.note, told.table, told.charts) == ("0 runs", [], [])
    assert told.text().splitlines() == ["Experiment nothing", "  0 runs"]


def test_a_workspace_is_told_with_its_newest_runs(ws: runstore.Workspace, run: runstore.Run) -> None:
    told = outlines.of_workspace(ws)
    assert told.note == f"{ws.path} · 1 experiment · 1 run · 1 running"
    assert told.table[1][:3] == [run.id[:8], "mnist", "Running"]


def test_a_sweep_is_told_by_its_best_runs_and_what_they_were_given(ws: runstore.Workspace) -> None:
    about = {"primary_metric_config": json.dumps({"name": "acc", "goal": "maximize"})}
    with runstore.start_run("e", type="hyperdrive", workspace=ws) as sweep:
        sweep.add_properties(about)
        for at, (lr, acc) in enumerate([(0.1, 0.5), (0.2, 0.9), (0.3, None)]):
            with runstore.start_run("e", run_id=f"{sweep.id}_{at}", parent_id=sweep.id, workspace=ws) as child:
                child.add_properties({"hyperparameters": json.dumps({"lr": lr})})
                for value in (acc, acc) if acc is not None else ():
                    child.log("acc", value)
    told = outlines.of_run(ws, sweep.id)
    assert told.kind == "Sweep"
    assert told.table == [
        ["run", "status", "acc", "lr"], ["1", "Completed", "0.9", "0.2"], ["0", "Completed", "0.5", "0.1"],
        ["2", "Completed", "", "0.3"],
    ]  # fmt: skip
    assert [(one.name, one.value) for one in told.charts] == [("best acc by run", 0.9), ("acc", None)]
