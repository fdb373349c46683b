"""Many curves are answered at once, each as ``Workspace.curves`` has it."""

from __future__ import annotations

import math

import pytest

import runstore
from runstore.errors import QueryError
from runstore.query import series
from runstore.query.curves import Asked
from runstore.query.series import COLUMNS, Group, Series
from tests.query import scenes


@pytest.fixture
def runs(ws: runstore.Workspace) -> list[str]:
    found = []
    for lr, seed in ((0.1, 1), (0.1, 2), (0.2, 3)):
        with ws.experiment("e").start_logging(params={"lr": lr, "seed": seed}) as run:
            for step in range(20):
                run.log({"loss": seed + step / 10, "acc": float(step * 100)}, step=step)
            found.append(run.id)
    return sorted(found)


def only(ws: runstore.Workspace, *questions: series.Question) -> list[list[Series]]:
    answers = [*series.answers(ws.path, questions)]
    assert all(isinstance(one, list) for one in answers), answers
    return [one for one in answers if isinstance(one, list)]


def test_each_question_is_answered_as_curves_does(ws: runstore.Workspace, runs: list[str]) -> None:
    asks = [Asked(("loss",), tuple(runs), points=7), Asked(("acc",), (runs[0],), points=3, x="relative")]
    for asked, found in zip(asks, only(ws, *((asked, None) for asked in asks)), strict=True):
        rows = ws.curves(asked.metrics, asked.run_ids, x=asked.x, points=asked.points).fetchall()
        shown = [
            (one.keys["run_id"], one.keys["name"], *row) for one in found for row in zip(*one.columns, strict=True)
        ]
        names = ws.curves(asked.metrics, asked.run_ids, points=1).columns
        place = [names.index(column) for column in ("run_id", "name", *COLUMNS)]
        assert shown == [tuple(row[at] for at in place) for row in rows]


def test_a_group_is_its_mean_and_standard_deviation(ws: runstore.Workspace, runs: list[str]) -> None:
    ((one, other),) = only(ws, (Asked(("loss",), points=1), Group(("lr",))))
    assert (one.keys, other.keys) == ({"lr": 0.1}, {"lr": 0.2})
    mean = 1.5 + 0.95
    assert [column[0] for column in one.columns[1:6]] == pytest.approx(
        [2, mean, mean - math.sqrt(0.5), mean + math.sqrt(0.5), mean]
    )
    assert [column[0] for column in other.columns[2:5]] == pytest.approx([3.95, 3.95, 3.95])


def test_all_runs_may_be_one_group(ws: runstore.Workspace, runs: list[str]) -> None:
    ((one,),) = only(ws, (Asked(("loss",), points=5), Group((), "seed < 3")))
    assert one.keys == {}
    assert one.columns[1] == [2.0] * 5


def test_what_is_not_finite_is_counted_and_shown_as_nan(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging() as run:
        for value in (math.nan, math.inf, math.nan):
            run.log("loss", value)
    ((one,),) = only(ws, (Asked(("loss",), (run.id,), points=1), None))
    assert one.totals == (3, 2, 1)
    assert one.ends == (None, None)
    assert math.isnan(one.columns[2][0])


def test_the_ends_and_the_smallest_value_are_told(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging() as run:
        for value in (-5.0, 0.0, 0.25, 7.0):
            run.log("loss", value)
    ((one,),) = only(ws, (Asked(("loss",), (run.id,)), None))
    assert (one.ends, one.smallest) == ((-5.0, 7.0), 0.25)


def test_a_wrong_question_leaves_the_others_answered(ws: runstore.Workspace, runs: list[str]) -> None:
    asked = Asked(("loss",), (runs[0],))
    wrong, right = series.answers(ws.path, [(Asked(("loss",)), Group(("nope",))), (asked, None)])
    assert isinstance(wrong, QueryError)
    assert isinstance(right, list) and len(right) == 1


def test_a_metric_that_nobody_logged_has_no_series(ws: runstore.Workspace, runs: list[str]) -> None:
    assert only(ws, (Asked(("nope",), tuple(runs)), None), (Asked(("nope",)), Group(()))) == [[], []]


def test_figures_of_the_machine_are_curves_too(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    run.log("cpu.percent", 99.0)
    scenes.log_side(run, 2)
    run.complete()
    ((one,),) = only(ws, (Asked(("cpu.percent",), (run.id,), x="time", points=1, machine=True), None))
    assert one.columns[1:3] == ([2.0], [pytest.approx(1 / 14)])
