"""A question has one answer, exactly what was logged; a refusal is one line."""

from __future__ import annotations

import gc
import random
from typing import Any

import pytest

import runstore
from runstore.errors import QueryError
from runstore.query import catalog, history, sealing


@pytest.fixture(params=["live", "sealed"])
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def settle(ws: runstore.Workspace, place: str, run: runstore.Run) -> None:
    run.complete()
    if place == "sealed":
        sealing.seal(ws.path, run.path)


def test_history_is_in_the_order_of_logging(ws: runstore.Workspace, place: str) -> None:
    steps = random.Random(1).sample(range(-50, 50), 60)
    run = ws.experiment("e").start_logging()
    for step in steps:
        run.log("loss", float(step), step=step)
        run.log("other", 1.0)
    settle(ws, place, run)
    found = run.history("loss")
    assert found.columns == ["name", "step", "time", "value", "kind", "text", "attempt", "writer"]
    assert [(row[1], row[3]) for row in found.fetchall()] == [(step, float(step)) for step in steps]
    assert len(run.history().fetchall()) == 120
    assert len(run.history(["other", "nope"]).fetchall()) == 60
    assert run.history([]).fetchall() == []


def test_history_of_a_metric_among_many_live_ones_is_in_order(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    for step in range(300):
        run.log(f"m{step % 7}", step, step=step)
        if step % 11 == 0:
            run.log({"m3": -step, "wide": 0}, step=step)
    wanted = [v for step in range(300) for v in ([step] if step % 7 == 3 else []) + ([-step] if step % 11 == 0 else [])]
    assert [row[3] for row in run.history("m3").fetchall()] == wanted
    assert ws.sql("select last.m3 from runs").fetchall() == [(wanted[-1],)]
    run.complete()


def test_a_relation_outlives_its_workspace(ws: runstore.Workspace) -> None:
    run = runstore.Workspace(ws.path).experiment("e").start_logging()
    run.log("loss", 1.0)
    relation = runstore.Workspace(ws.path).sql("select value from metrics")
    gc.collect()
    assert relation.fetchall() == [(1.0,)]
    run.complete()
    sealing.seal(ws.path, run.path)
    assert relation.fetchall() == [(1.0,)]


def test_each_question_sees_its_own_moment(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    run.log("loss", 1.0)
    before = ws.sql("select count(*) from metrics")
    run.log("loss", 2.0)
    assert (before.fetchall(), ws.sql("select count(*) from metrics").fetchall()) == ([(1,)], [(2,)])
    run.complete()


@pytest.mark.parametrize(
    ("query", "params", "answer"),
    [
        ("select ? + 1", [2], [(3,)]),
        ("select $a || $b", {"a": "x", "b": "y"}, [("xy",)]),
        ("select run_id from runs where run_id = ?", ["r"], [("r",)]),
        (
            "select value from metrics where name = $name and run_id in ($id, 'x')",
            {"name": "loss", "id": "r"},
            [(1.0,)],
        ),
    ],
)
def test_parameters_are_values(ws: runstore.Workspace, query: str, params: Any, answer: list[Any]) -> None:
    with ws.experiment("e").start_logging(run_id="r") as run:
        run.log("loss", 1.0)
        run.log("acc", 2.0)
    assert ws.sql(query, params).fetchall() == answer


@pytest.mark.parametrize(
    "query",
    [
        "selec 1",
        "select nope from runs",
        "select * from nope",
        "select nope(1)",
        "select 'x",
        "select 1 +",
        "from runs limit x",
    ],
)
def test_a_refused_statement_is_one_line(ws: runstore.Workspace, query: str) -> None:
    with pytest.raises(QueryError) as refused:
        ws.sql(query)
    assert "\n" not in str(refused.value)


def test_an_unknown_table_is_answered_with_the_views_there_are(ws: runstore.Workspace) -> None:
    with pytest.raises(QueryError, match=r"metrcs does not exist.*the views are runs, experiments, .*metrics"):
        ws.sql("select * from metrcs")


def test_other_statements_than_select_work_over_the_views(ws: runstore.Workspace, tmp_path: Any) -> None:
    with ws.experiment("e").start_logging(params={"lr": 0.5}) as run:
        run.log("loss", 1.0)
    target = tmp_path / "out.csv"
    assert ws.sql(f"copy (select params.lr, last.loss from runs) to '{target}'").fetchall() == [(True,)]
    assert target.read_text() == "lr,loss\n0.5,1.0\n"
    assert ws.sql("describe runs").fetchall()[0][0] == "run_id"
    assert ws.sql("pivot metrics on name using max(value)").columns[-1] == "loss"
    assert ws.sql("with r as (select * from runs) select params.lr from r").fetchall() == [(0.5,)]
    assert len(ws.sql("summarize metrics").fetchall()) == 11
    assert ws.sql("select 1; select params.lr from runs").fetchall() == [(0.5,)]


def test_runs_are_counted_as_they_are_listed(ws: runstore.Workspace) -> None:
    for lr in (1, 2, 3):
        ws.experiment("e").start_logging(params={"lr": lr}).complete()
    ws.experiment("other").start_logging().complete()
    every = catalog.of(ws.path)
    assert history.count(ws.path, every) == 4
    assert history.count(ws.path, every, experiment="e") == 3
    assert history.count(ws.path, every, "lr > 1", "e") == len(history.runs(ws.path, where="lr > 1", every=every)) == 2


def test_reading_a_missing_workspace_makes_nothing(tmp_path: Any) -> None:
    assert history.ask(tmp_path / "none", "select * from runs").fetchall() == []
    assert list(tmp_path.iterdir()) == []
