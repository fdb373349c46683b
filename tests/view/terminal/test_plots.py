"""Curves of few points that show all peaks; what can't be drawn is counted."""

from __future__ import annotations

import math

import runstore
from runstore.view.terminal import plots
from runstore.view.terminal.wanted import TIME, Wanted
from tests.view.terminal.scenes import finished


def spiky(ws: runstore.Workspace) -> str:
    with runstore.start_run("mnist", run_id="spiky", workspace=ws) as run:
        for step in range(5000):
            run.log("loss", 100.0 if step == 3333 else 1.0, step=step)
    return run.id


def test_a_peak_is_kept_in_few_points(ws: runstore.Workspace) -> None:
    (chart,) = plots.read(ws, Wanted(pixels=100), [spiky(ws)]).charts
    (one,) = chart.series
    assert (max(one.ys), one.points, one.last) == (100.0, 5000, 1.0)
    assert len(one.xs) <= 400


def test_smoothing_is_over_all_points(ws: runstore.Workspace) -> None:
    (chart,) = plots.read(ws, Wanted(pixels=100, smoothing=0.99), [spiky(ws)]).charts
    assert 1.0 < max(chart.series[0].ys) < 3.0


def test_charts_are_a_stretch_of_the_metrics_that_are_found(ws: runstore.Workspace) -> None:
    run_id = finished(ws, "a")
    found = plots.read(ws, Wanted(charts=1, skip=1), [run_id])
    assert ([chart.metric for chart in found.charts], found.total) == (["loss"], 3)
    found = plots.read(ws, Wanted(charts=4, search="LOSS"), [run_id])
    assert ([chart.metric for chart in found.charts], found.total) == (["loss", "val/loss"], 2)
    found = plots.read(ws, Wanted(charts=4, given=("val/loss",)), [run_id])
    assert [chart.metric for chart in found.charts] == ["val/loss"]


def test_each_run_is_a_line_in_the_order_that_is_asked_for(ws: runstore.Workspace) -> None:
    finished(ws, "a")
    finished(ws, "b")
    (chart,) = plots.read(ws, Wanted(given=("loss",)), ["b", "a"]).charts
    assert [one.label for one in chart.series] == ["b name of b", "a name of a"]


def test_a_short_metric_beside_a_long_one_has_all_its_dots(ws: runstore.Workspace) -> None:
    with runstore.start_run("mnist", run_id="long", workspace=ws) as run:
        run.log("far", 1.0, step=0)
        run.log("far", 2.0, step=1_000_000)
        for step in range(50):
            run.log("near", float(step), step=step)
    charts = {chart.metric: chart for chart in plots.read(ws, Wanted(charts=2, pixels=100), ["long"]).charts}
    assert len(charts["near"].series[0].xs) == 50


def test_a_run_without_a_metric_leaves_the_numbers_of_the_others(ws: runstore.Workspace) -> None:
    finished(ws, "a")
    with runstore.start_run("mnist", run_id="b", workspace=ws) as run:
        run.log("other", 1.0)
    (chart,) = plots.read(ws, Wanted(given=("acc",)), ["b", "a"]).charts
    assert [(one.run_id, one.number) for one in chart.series] == [("a", 1)]


def test_what_is_no_number_or_has_no_place_is_counted(ws: runstore.Workspace) -> None:
    with runstore.start_run("mnist", run_id="odd", workspace=ws) as run:
        for step, value in enumerate([1.0, 0.0, -2.0, math.nan, math.inf, 10.0]):
            run.log("loss", value, step=step)
    (chart,) = plots.read(ws, Wanted(log=True), ["odd"]).charts
    assert (chart.hidden, chart.series[0].odd, chart.series[0].ys) == (2, 2, [1.0, 10.0])
    (chart,) = plots.read(ws, Wanted(), ["odd"]).charts
    assert (chart.hidden, chart.series[0].ys) == (0, [1.0, 0.0, -2.0, 10.0])


def test_time_is_told_in_the_unit_that_keeps_it_short(ws: runstore.Workspace) -> None:
    (chart,) = plots.read(ws, Wanted(x=TIME, given=("loss",)), [finished(ws, "a")]).charts
    assert chart.unit == "s"
    assert 0 <= min(chart.series[0].xs) <= max(chart.series[0].xs) < 300


def test_texts_are_no_curves(ws: runstore.Workspace) -> None:
    with runstore.start_run("mnist", run_id="t", workspace=ws) as run:
        run.log("verdict", "good")
    assert plots.read(ws, Wanted(), ["t"]) == plots.Charts((), 0)


def test_without_runs_there_are_no_charts(ws: runstore.Workspace) -> None:
    assert plots.read(ws, Wanted(), []) == plots.Charts()
