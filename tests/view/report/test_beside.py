"""All runs of a report are known against the first, however many there are."""

from __future__ import annotations

from typing import Any

import pytest

import runstore
from runstore.view.feed import compare
from runstore.view.report import beside
from tests.view.report.conftest import logged


def line(told: dict[str, Any], part: str, name: str) -> dict[str, Any]:
    return next(one for one in told[part] if one["name"] == name)


def test_a_single_run_is_compared_with_nothing(ws: runstore.Workspace) -> None:
    assert beside.compared(ws, [logged(ws, "one")]) is None


def test_more_runs_than_are_compared_at_once_have_their_values_in_order(ws: runstore.Workspace) -> None:
    ids = [logged(ws, f"run-{number:02}", lr=number) for number in range(12)]
    with ws.get_run(ids[0]).experiment.start_logging(run_id="odd", params={"only": 1}) as odd:
        odd.log("loss", 7.0)
    told = beside.compared(ws, [*ids, "odd"])
    assert told is not None
    assert [one["run_id"] for one in told["runs"]] == [*ids, "odd"]
    assert line(told, "params", "lr")["values"] == [*range(12), None]
    assert line(told, "params", "lr")["given"] == [True] * 12 + [False]
    assert line(told, "params", "only")["values"] == [None] * 12 + [1]
    assert line(told, "metrics", "loss")["values"] == pytest.approx([1 / 3] * 12 + [7.0])
    assert len(told["first_divergence"]) == compare.MOST - 1


def test_which_end_is_better_is_told(ws: runstore.Workspace) -> None:
    ids = [logged(ws, name, steps=steps) for name, steps in (("a", 2), ("b", 4))]
    told = beside.compared(ws, ids)
    assert told is not None
    assert [line(told, "metrics", name)["better"] for name in ("loss", "best")] == ["min", None]


def test_a_package_that_is_not_told_is_as_in_the_first_run() -> None:
    first = [{"name": "package x", "values": ["1", "2"], "given": [True, True]}]
    (found,) = beside._joined([(first, 1), ([], 2)])
    assert found["values"] == ["1", "2", "1", "1"]
    assert all(found["given"])
