"""The metrics of runs are told by name and kind: searched, counted, page by page."""

from __future__ import annotations

from typing import Any

import pytest

import runstore
from runstore.query import sealing
from runstore.view.feed import metrics


@pytest.fixture(params=["live", "sealed"])
def made(request: pytest.FixtureRequest, ws: runstore.Workspace) -> list[str]:
    found = []
    for at in range(2):
        with ws.experiment("e").start_logging() as run:
            for step in range(3 + at):
                run.log("val/loss", 1.0, step=step * 10)
            run.log("final", 2)
            run.log_row("table", a=1)
            run.log_histogram("weights", [1, 2, 3], step=5)
            run.log_text("notes", "x")
        found.append(run.id)
        if request.param == "sealed":
            sealing.seal(ws.path, run.path)
    ws.experiment("other").start_logging().complete()
    return found


def told(found: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {one["name"]: (one["kind"], one["runs"], one["points"], one["last_step"]) for one in found["metrics"]}


def test_of_few_runs_all_is_counted(ws: runstore.Workspace, made: list[str], as_sent: Any) -> None:
    found = as_sent(metrics.metrics(ws, made))
    assert told(found) == {
        "final": ("value", 2, 2, 0),
        "notes": ("text", 2, 2, None),
        "table": ("table", 2, 2, 0),
        "val/loss": ("curve", 2, 7, 30),
        "weights": ("histogram", 2, 2, 5),
    }
    assert found["total"] == 5


def test_of_an_experiment_names_are_counted_by_run(ws: runstore.Workspace, made: list[str]) -> None:
    found = told(metrics.metrics(ws, experiment="e"))
    assert found["val/loss"] == ("curve", 2, None, None)
    assert found["weights"] == ("histogram", 2, 2, 5)
    assert told(metrics.metrics(ws, experiment="other")) == {}
    assert told(metrics.metrics(ws)) == found


def test_all_words_of_a_search_occur_in_a_name(ws: runstore.Workspace, made: list[str]) -> None:
    assert [*told(metrics.metrics(ws, made, search="LOSS val"))] == ["val/loss"]
    page = metrics.metrics(ws, made, limit=2, offset=1)
    assert ([*told(page)], page["total"]) == (["notes", "table"], 5)
