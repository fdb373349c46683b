"""A run is told whole: what it is, how it goes, what it logged and where it comes from."""

from __future__ import annotations

import math
from typing import Any

import pytest

import runstore
from runstore.errors import RunNotFound
from runstore.view.feed import run as feed
from tests.query import scenes


@pytest.fixture
def run(ws: runstore.Workspace) -> runstore.Run:
    params = {"lr": 0.1, "opt": {"name": "adam"}, "big": 2**60, "list": [1, math.nan]}
    run = ws.experiment("e").start_logging(params=params, tags={"stage": "dev"}, display_name="one")
    for step, value in enumerate((3.0, math.nan, 1.0, math.inf)):
        run.log("loss", value, step=step)
    run.log("Final", 7)
    run.log_row("table", n=1)
    run.log_text("said", "hello")
    return run


def test_a_run_says_what_it_is_and_how_it_goes(ws: runstore.Workspace, run: runstore.Run, as_sent: Any) -> None:
    told = as_sent(feed.run(ws, run.id[:8]))
    assert (told["run_id"], told["name"], told["experiment"], told["number"]) == (run.id, "one", "e", 1)
    assert (told["status"], told["ended"], told["children"], told["parent_id"]) == ("Running", None, 0, None)
    assert 0 <= told["duration_s"] < 3600 and 0 <= told["heartbeat_age_s"] < 3600
    assert told["params"] == {"lr": 0.1, "opt.name": "adam", "big": str(2**60), "list": [1, None]}
    assert told["tags"] == {"stage": "dev"}
    assert (len(told["attempts"]), len(told["writers"]), told["snapshot_id"]) == (1, 1, None)
    run.complete()
    told = as_sent(feed.run(ws, run.id))
    assert (told["status"], told["heartbeat_age_s"]) == ("Completed", None)
    assert told["started"] < told["ended"]


def test_metrics_come_with_their_figures(ws: runstore.Workspace, run: runstore.Run, as_sent: Any) -> None:
    told = as_sent(feed.run(ws, run.id))
    assert [(one["name"], one["kind"]) for one in told["metrics"]] == [
        ("Final", "value"),
        ("loss", "curve"),
        ("table", "table"),
        ("said", "text"),
    ]
    assert told["metrics"][1] == {
        "name": "loss", "kind": "curve", "last": None, "min": 1.0, "max": 3.0, "mean": 2.0, "count": 4, "last_step": 3,
        "nan_count": 1, "inf_count": 1,
    }  # fmt: skip
    assert told["metrics_total"] == 4


def test_only_the_first_of_many_metrics_are_told(
    ws: runstore.Workspace, run: runstore.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "METRICS", 1)
    told = feed.run(ws, run.id)
    assert ([one["name"] for one in told["metrics"]], told["metrics_total"]) == (["Final", "table", "said"], 4)


def test_a_failure_is_told_with_its_trace(ws: runstore.Workspace, as_sent: Any) -> None:
    with pytest.raises(ZeroDivisionError), ws.experiment("e").start_logging() as run:
        1 / 0  # noqa: B018
    told = as_sent(feed.run(ws, run.id))
    assert told["status"] == "Failed" and "ZeroDivisionError" in str(told["failure"])
    assert told["attempts"][0]["failure"] == told["failure"]


def test_warnings_are_told_where_there_are_some(ws: runstore.Workspace, as_sent: Any) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        import logging

        logging.getLogger("train").warning("low on %s", "luck")
    told = as_sent(feed.run(ws, run.id))
    assert [(one["level"], one["logger"], one["text"]) for one in told["warnings"]] == [
        ("WARNING", "train", "low on luck")
    ]
    assert told["warnings_total"] == 1


def test_a_run_tells_where_it_comes_from(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch, as_sent: Any) -> None:
    monkeypatch.delenv("RUNSTORE_PROVENANCE")
    with ws.experiment("e").start_logging() as run:
        pass
    told = as_sent(feed.run(ws, run.id))["provenance"]
    assert told["packages"] > 5 and told["argv"] and told["host"] and told["python"]


def test_children_are_a_table_of_runs(ws: runstore.Workspace, run: runstore.Run) -> None:
    made = [run.child_run(name=f"c{at}") for at in range(3)]
    made[0].child_run().complete()
    found = feed.children(ws, run.id, limit=2)
    assert (found["total"], [row[0] for row in found["rows"]]) == (3, [made[2].id, made[1].id])
    assert feed.run(ws, run.id)["children"] == 3
    for one in made:
        one.complete()


def test_a_deleted_run_is_told_as_deleted(ws: runstore.Workspace, run: runstore.Run) -> None:
    run.complete()
    run.delete()
    assert feed.run(ws, run.id)["deleted"].endswith("Z")
    with pytest.raises(RunNotFound):
        feed.run(ws, "nope")


def test_system_metrics_are_not_among_its_metrics(ws: runstore.Workspace, run: runstore.Run) -> None:
    scenes.log_side(run, 2)
    assert "cpu.percent" not in {one["name"] for one in feed.run(ws, run.id)["metrics"]}


def test_the_last_value_of_a_metric_of_texts_is_its_text(ws: runstore.Workspace, run: runstore.Run) -> None:
    for text in ("first", "last"):
        run.log("verdict", text)
    found = {one["name"]: one for one in feed.run(ws, run.id)["metrics"]}
    assert found["verdict"]["last"] == "last"
