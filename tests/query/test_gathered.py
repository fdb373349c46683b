"""Points that were read once make the same curves as points read for each of them, or none."""

from __future__ import annotations

import math
import random

import pytest

import runstore
from runstore.query import connect, curves, gathered, sealing, series
from runstore.query.curves import Asked
from runstore.query.gathered import Gathered
from runstore.query.series import COLUMNS
from runstore.query.stopping import Stop


@pytest.fixture(params=["live", "sealed"])
def runs(request: pytest.FixtureRequest, ws: runstore.Workspace) -> list[str]:
    found = []
    for seed in range(3):
        dice = random.Random(seed)
        with ws.experiment("e").start_logging() as run:
            for step in sorted(dice.sample(range(-50, 200), 60)):
                run.log({"loss": dice.uniform(-1, 1), "acc": float(step)}, step=step)
            run.log("nan", math.nan)
            for step in (1, 2, 2):
                run.log("tied", float(step), step=step)
        if request.param == "sealed":
            sealing.seal(ws.path, run.path)
        found.append(run.id)
    return sorted(found)


def made(ws: runstore.Workspace, asks: list[Asked]) -> list[bool]:
    """Which of the curves are made from what was read once."""
    connection = connect.connect()
    curves.bind(connection, ws.path, asks)
    once = gathered.gather(connection, asks)
    return [one in once and once[one].make(connection, one) is not None for one in asks]


def test_curves_are_those_that_are_read_one_by_one(ws: runstore.Workspace, runs: list[str]) -> None:
    asks = [
        Asked(("loss",), tuple(runs), points=7),
        Asked(("acc",), (runs[1],), points=30),
        Asked(("loss",), tuple(runs[:2]), points=9, low=-10, high=77),
        Asked(("loss",), tuple(runs), points=5, x="time"),
        Asked(("acc",), tuple(runs), points=5, x="relative"),
        Asked(("nope",), tuple(runs)),
        Asked(("loss",), ()),
    ]
    assert made(ws, asks) == [True] * 7
    for asked, found in zip(asks, series.answers(ws.path, [(asked, None) for asked in asks]), strict=True):
        assert isinstance(found, list)
        told = ws.curves(asked.metrics, asked.run_ids, x=asked.x, points=asked.points, low=asked.low, high=asked.high)
        place = [told.columns.index(column) for column in ("run_id", "name", *COLUMNS)]
        shown = [(*one.keys.values(), *row) for one in found for row in zip(*one.columns, strict=True)]
        assert shown == [tuple(row[at] for at in place) for row in told.fetchall()]


def test_what_is_not_finite_or_tied_is_left_to_others(ws: runstore.Workspace, runs: list[str]) -> None:
    asks = [Asked((name,), tuple(runs), points=1) for name in ("nan", "tied", "loss")]
    assert made(ws, asks) == [False, False, True]
    nan, tied, _ = series.answers(ws.path, [(asked, None) for asked in asks])
    assert isinstance(nan, list) and [one.totals for one in nan] == [(1, 1, 0)] * 3
    assert isinstance(tied, list) and [one.columns[1] for one in tied] == [[3.0]] * 3


def test_other_axes_and_all_attempts_are_left_to_others(ws: runstore.Workspace, runs: list[str]) -> None:
    asks = [Asked(("loss",), tuple(runs), x="acc"), Asked(("loss",), tuple(runs), attempts="all"), Asked(("loss",))]
    assert [gathered.fits(one) for one in asks] == [False] * 3


def test_too_many_points_are_not_held(ws: runstore.Workspace, runs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathered, "MOST", 179)
    asked = Asked(("loss",), tuple(runs), points=1)
    connection = connect.connect()
    curves.bind(connection, ws.path, [asked])
    assert not Gathered(connection, [asked]).whole
    (found,) = series.answers(ws.path, [(asked, None)])
    assert isinstance(found, list) and [one.totals[0] for one in found] == [60] * 3


def test_a_question_that_is_stopped_leaves_no_table(ws: runstore.Workspace, runs: list[str]) -> None:
    stop = Stop()
    with stop.of_this_thread():
        connection = connect.connect()
        asks = [Asked(("loss",), tuple(runs))]
        curves.bind(connection, ws.path, asks)
        before = tables()
        one = Gathered(connection, asks)
        assert len(tables() - before) == 1
        stop.now()
        del one
    assert tables() <= before


def tables() -> set[str]:
    """The names of all tables that are no temporary ones."""
    found = connect.lasting().execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
    return {name for (name,) in found}
