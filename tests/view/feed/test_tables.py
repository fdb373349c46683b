"""Tables of several runs are told side by side, as plain values."""

from __future__ import annotations

from typing import Any

import pytest

import runstore
from runstore.errors import RunNotFound, UsageError
from runstore.view.feed import tables


@pytest.fixture
def ids(ws: runstore.Workspace) -> list[str]:
    made = []
    for shift in (0, 1):
        with ws.experiment("e").start_logging() as run:
            for at in range(3 - shift):
                run.log_row("t", id=f"s{at}", score=float("nan") if at == 1 else at + shift)
        made.append(run.id)
    return made


def test_cells_stand_in_the_order_of_the_columns(ws: runstore.Workspace, ids: list[str], as_sent: Any) -> None:
    found = as_sent(tables.joined(ws, ids, "t"))
    assert (found["key"], found["columns"], found["runs"], found["total"]) == ("id", ["score"], ids, 3)
    assert found["rows"] == [["s0", [0], [1]], ["s1", [None], [None]], ["s2", [2], None]]


def test_rows_are_chosen_and_sorted(ws: runstore.Workspace, ids: list[str]) -> None:
    found = tables.joined(ws, ids, "t", where=[["score", ">", "1"]], sort="score", desc=True, limit=1)
    assert (found["total"], [row[0] for row in found["rows"]]) == (1, ["s2"])


def test_what_is_no_condition_or_no_run_is_refused(ws: runstore.Workspace, ids: list[str]) -> None:
    for where in (["a"], [["a", "="]], [["a", "=", 1]]):
        with pytest.raises(UsageError, match="condition"):
            tables.joined(ws, ids, "t", where=where)
    with pytest.raises(UsageError, match="1 to 10"):
        tables.joined(ws, None, "t")
    with pytest.raises(RunNotFound):
        tables.joined(ws, ["nope"], "t")
