"""Few points, the same line."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

import runstore
from runstore.cli import curves
from runstore.cli.curves import STEP, TIME


def logged(ws: runstore.Workspace, values: list[Any], metric: str = "loss", **start: Any) -> runstore.Run:
    with runstore.start_run("e", workspace=ws, **start) as run:
        for step, value in enumerate(values):
            run.log(metric, value, step=step)
    return run


def test_a_short_curve_keeps_every_point(ws: runstore.Workspace) -> None:
    run = logged(ws, [3.0, 1.0, 2.0])
    (curve,) = curves.chart(ws, [run], "loss", STEP, 100).curves
    assert (curve.xs, curve.ys) == ([0.0, 1.0, 2.0], [3.0, 1.0, 2.0])
    assert (curve.points, curve.odd, curve.last, curve.low, curve.high) == (3, 0, 2.0, 1.0, 3.0)


def test_a_long_curve_keeps_the_ends_and_extremes_of_every_pixel(ws: runstore.Workspace) -> None:
    source = random.Random(1)
    values = [source.gauss(0.0, 1.0) for _ in range(5000)]
    run = logged(ws, values)
    (curve,) = curves.chart(ws, [run], "loss", STEP, 50).curves
    assert len(curve.xs) <= 4 * 51
    drawn = set(zip(curve.xs, curve.ys, strict=True))
    assert drawn <= {(float(step), value) for step, value in enumerate(values)}
    for pixel in range(50):
        steps = [step for step in range(5000) if step * 50 // 5000 == pixel]
        part = [values[step] for step in steps]
        assert {(float(steps[0]), part[0]), (float(steps[-1]), part[-1])} <= drawn
        assert {min(part), max(part)} <= {y for _, y in drawn}


def test_points_stand_in_the_order_of_steps(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        for step in (5, 1, 3, 1, -2):
            run.log("loss", float(step), step=step)
    (curve,) = curves.chart(ws, [run], "loss", STEP, 10).curves
    assert curve.xs == sorted(curve.xs)
    assert curve.xs[0] == -2.0


def test_what_is_no_finite_number_is_counted_and_not_drawn(ws: runstore.Workspace) -> None:
    run = logged(ws, [1.0, math.nan, math.inf, "text", None, 2.0])
    (curve,) = curves.chart(ws, [run], "loss", STEP, 10).curves
    assert (curve.ys, curve.points, curve.odd) == ([1.0, 2.0], 6, 4)


def test_a_curve_without_any_number_is_empty(ws: runstore.Workspace) -> None:
    run = logged(ws, [math.nan, "text"])
    chart = curves.chart(ws, [run], "loss", STEP, 10)
    assert chart.empty()
    assert chart.curves[0].odd == 2
    assert curves.chart(ws, [run], "no such metric", STEP, 10).empty()


def test_a_log_axis_counts_what_it_has_no_place_for(ws: runstore.Workspace) -> None:
    run = logged(ws, [1.0, 0.0, -1.0, 10.0])
    chart = curves.chart(ws, [run], "loss", STEP, 10, log=True)
    assert (chart.curves[0].ys, chart.hidden) == ([1.0, 10.0], 2)
    assert chart.axes()[1].log


def test_time_runs_from_the_start_of_the_run(ws: runstore.Workspace) -> None:
    run = logged(ws, [1.0, 2.0, 3.0])
    query = "select epoch_us(time) - epoch_us(started) from metrics join runs using (run_id) order by time"
    offsets = [row[0] / 1e6 for row in ws.sql(query).fetchall()]
    chart = curves.chart(ws, [run], "loss", TIME, 100_000_000)
    assert chart.curves[0].xs == pytest.approx(sorted(set(offsets)))
    assert chart.unit == "s"


def test_runs_share_one_x_axis(ws: runstore.Workspace) -> None:
    short, long = logged(ws, [1.0] * 3), logged(ws, [2.0] * 9)
    x_axis, y_axis = curves.chart(ws, [short, long], "loss", STEP, 10).axes()
    assert (x_axis.low, x_axis.high, y_axis.low, y_axis.high) == (0.0, 8.0, 1.0, 2.0)


def test_a_curve_is_named_by_id_name_and_what_differs(ws: runstore.Workspace) -> None:
    runs = [logged(ws, [1.0], run_id=f"run-{lr}", name=name, params={"lr": lr, "same": 1}) for name, lr in
            (("first", 0.1), ("second", 0.25))]  # fmt: skip
    labels = [curve.label for curve in curves.chart(ws, runs, "loss", STEP, 10).curves]
    assert labels == ["run-0.1 first lr=0.1", "run-0.25 second lr=0.25"]
    assert curves.chart(ws, runs[:1], "loss", STEP, 10).curves[0].label == "run-0.1 first"


def test_metrics_that_most_runs_have_come_first(ws: runstore.Workspace) -> None:
    runs = [
        logged(ws, [1.0], "rare"),
        logged(ws, [1.0], "usual"),
        logged(ws, [1.0], "usual"),
        logged(ws, ["a"], "note"),
    ]
    assert curves.metrics(ws, runs) == ["usual", "rare"]


def test_a_metric_along_x_is_that_of_the_same_step(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        for step, (x, y) in enumerate([(3.0, 30.0), (math.nan, 1.0), (1.0, 10.0)]):
            run.log({"it's x": x, "y": y}, step=step)
        run.log("y", 5.0, step=7)
    chart = curves.chart(ws, [run], "y", "it's x", 100)
    assert (chart.curves[0].xs, chart.curves[0].ys, chart.apart) == ([1.0, 3.0], [10.0, 30.0], 2)
    assert chart.x_title == "it's x"


def test_a_metric_may_run_along_itself(ws: runstore.Workspace) -> None:
    run = logged(ws, [2.0, 1.0, math.inf])
    (curve,) = curves.chart(ws, [run], "loss", "loss", 10).curves
    assert (curve.xs, curve.ys) == ([1.0, 2.0], [1.0, 2.0])


def test_one_spike_among_many_points_is_drawn(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        for step in range(20_000):
            run.log("loss", 99.0 if step == 12_345 else 1.0, step=step)
    (curve,) = curves.chart(ws, [run], "loss", STEP, 80).curves
    assert (12345.0, 99.0) in zip(curve.xs, curve.ys, strict=True)
    assert len(curve.xs) <= 4 * 81


def test_values_as_far_apart_as_there_are_can_be_placed(ws: runstore.Workspace) -> None:
    run = logged(ws, [-1.7e308, 0.0, 1.7e308, 5e-324])
    chart = curves.chart(ws, [run], "loss", STEP, 10)
    places = [chart.axes()[1].place(y) for y in chart.curves[0].ys]
    assert 0.0 <= min(places) < 0.1
    assert 0.9 < max(places) <= 1.0
