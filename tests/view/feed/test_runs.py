"""A page of runs is rows of plain values under columns that say what they are."""

from __future__ import annotations

import math
from typing import Any

import pytest

import runstore
from runstore.errors import QueryError, UsageError
from runstore.view.feed import runs


@pytest.fixture
def made(ws: runstore.Workspace) -> list[str]:
    found = []
    for lr in (0.1, 0.2, 0.3):
        with ws.experiment("e").start_logging(params={"lr": lr, "big": 2**60}, tags={"stage": "dev"}) as run:
            run.log("loss", math.nan if lr == 0.3 else lr)
        found.append(run.id)
    return found


def test_runs_come_newest_first_with_their_ids(ws: runstore.Workspace, made: list[str], as_sent: Any) -> None:
    found = as_sent(runs.runs(ws))
    assert found["total"] == 3
    assert [row[0] for row in found["rows"]] == made[::-1]
    heads = {one["name"]: one for one in found["columns"]}
    assert [*heads] == list(runs.COLUMNS)
    assert heads["started"] == {"name": "started", "label": "Started", "type": "time", "of": "field"}
    assert heads["duration"]["type"] == "duration"
    assert all(len(row) == len(heads) for row in found["rows"])


def test_columns_are_those_asked_for_after_the_id(ws: runstore.Workspace, made: list[str], as_sent: Any) -> None:
    asked = ["params.lr", "last.loss", "tags.stage", "lr", "params.big"]
    found = as_sent(runs.runs(ws, columns=asked, sort="lr"))
    assert [(one["name"], one["label"], one["type"], one["of"]) for one in found["columns"]] == [
        ("run_id", "Id", "text", "field"),
        ("params.lr", "lr", "number", "param"),
        ("last.loss", "loss", "number", "metric"),
        ("tags.stage", "stage", "text", "tag"),
        ("lr", "lr", "number", "param"),
        ("params.big", "big", "number", "param"),
    ]
    assert found["rows"][0] == [made[0], 0.1, 0.1, "dev", 0.1, str(2**60)]
    assert found["rows"][2][2] is None


def test_a_filter_and_an_order_are_those_of_the_query_floor(ws: runstore.Workspace, made: list[str]) -> None:
    found = runs.runs(ws, "lr > 0.1", sort="lr", desc=True, limit=1, offset=1)
    assert (found["total"], [row[0] for row in found["rows"]]) == (2, [made[1]])
    assert runs.runs(ws, experiment="nope")["total"] == 0
    with pytest.raises(QueryError):
        runs.runs(ws, "nope = 1")
    with pytest.raises(UsageError):
        runs.runs(ws, limit=-1)


def test_a_run_at_work_lasts_until_now(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    ((_, duration),) = runs.runs(ws, columns=["duration"])["rows"]
    assert 0 <= duration < 3600
    run.complete()
    ((_, duration),) = runs.runs(ws, "duration >= 0", columns=["duration"], sort="duration")["rows"]
    assert 0 <= duration < 3600
