"""Curves are there for each run along both axes, the commonest metrics first where there are too many."""

from __future__ import annotations

from typing import Any

import pytest

import runstore
from runstore.view.report import curves
from tests.view.feed.frames import decode
from tests.view.report.conftest import logged


def metric(name: str, kind: str = "curve") -> dict[str, Any]:
    return {"name": name, "kind": kind, "points": 3}


def test_rare_metrics_are_left_off_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curves, "MOST", 3)
    there = {"a": [metric("rare"), metric("usual")], "b": [metric("usual"), metric("a table", "table")]}
    assert curves.wanted(there, ["a", "b"]) == (["usual", "rare"], 0)
    monkeypatch.setattr(curves, "MOST", 2)
    assert curves.wanted(there, ["a", "b"]) == (["usual"], 1)


def test_a_curve_is_asked_along_both_axes_beside_each_other() -> None:
    asked = curves.requests({"a": [metric("loss"), metric("left off")]}, ["a"], ["loss"], {"a": ["cpu"]}, 500)
    told = [(one["metric"], one["x"], one["points"], one.get("source")) for one in asked]
    assert told == [("loss", "step", 500, None), ("loss", "time", 500, None), ("cpu", "time", 100, "system")]


def test_each_run_has_buckets_of_its_own(ws: runstore.Workspace) -> None:
    logged(ws, "short", steps=4)
    logged(ws, "long", steps=400)
    there = {run: [metric("loss")] for run in ("short", "long")}
    asked = curves.requests(there, ["short", "long"], ["loss"], {}, 4)
    said: list[tuple[int, int]] = []
    (frame,) = curves.frames(ws, asked, lambda done, total: said.append((done, total)))
    _, series = decode(frame)
    short, _, long, by_time = [one["count"] for one in series]
    assert short == [1, 1, 1, 1]
    assert long == [100, 100, 100, 100]
    assert sum(by_time) == 400
    assert said == [(4, 4)]
