"""Curves of few rows against a reader in plain Python that goes through every point."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runstore
from runstore.errors import QueryError, RunNotFound, UsageError
from runstore.query import sealing

Row = dict[str, Any]
SINCE = datetime.fromtimestamp(0, UTC).replace(tzinfo=None)


def rows(relation: Any) -> list[Row]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def logged(ws: runstore.Workspace, values: Sequence[Any], metric: str = "loss", **start: Any) -> runstore.Run:
    with runstore.start_run("e", workspace=ws, **start) as run:
        for step, value in enumerate(values):
            run.log(metric, value, step=step)
    return run


# ---- the reader in plain Python


def resolved(points: list[Row]) -> list[Row]:
    """Without what a later attempt has overwritten, for each name by itself."""
    begun: dict[tuple[str, int], Row] = {}
    for point in sorted(points, key=lambda p: (p["time"], p["writer"], p["seq"])):
        if not point["indexed"]:
            begun.setdefault((point["name"], point["attempt"]), point)
    return [
        point
        for point in points
        if point["indexed"]
        or all(
            attempt <= point["attempt"] or name != point["name"] or first["step"] > point["step"]
            for (name, attempt), first in begun.items()
        )
    ]


def placed(points: list[Row], names: Sequence[str], x: str) -> Iterator[tuple[Any, Row]]:
    """The numbers of some metrics, each with its x."""
    beside: dict[tuple[Any, ...], Row] = {}
    for point in sorted(points, key=lambda p: (p["time"], p["seq"])):
        if point["name"] == x and point["value"] is not None and math.isfinite(point["value"]):
            beside[point["attempt"], point["writer"], point["step"]] = point
    for point in points:
        if point["value"] is None or point["name"] not in names:
            continue
        key = point["attempt"], point["writer"], point["step"]
        if x == "step":
            yield point["step"], point
        elif x == "time":
            yield (point["time"] - SINCE) // timedelta(microseconds=1), point
        elif point["name"] == x:
            if math.isfinite(point["value"]):
                yield point["value"], point
        elif key in beside:
            yield beside[key]["value"], point


def expected(points: list[Row], names: Sequence[str], x: str, count: int, attempts: str) -> list[Row]:
    """What the rows should say, without what is smoothed."""
    found = [*placed(points if attempts == "all" else resolved(points), names, x)]
    if not found:
        return []
    low, high = (end(x for x, _ in found) for end in (min, max))
    width = Fraction(high) - Fraction(low) + (x in ("step", "time"))
    members: dict[tuple[Any, ...], list[tuple[Any, Row]]] = defaultdict(list)
    for at, point in found:
        bucket = min(math.floor((Fraction(at) - Fraction(low)) * count / width), count - 1) if width else 0
        members[point["name"], point["attempt"] if attempts == "all" else 0, bucket].append((at, point))
    unit = 1_000_000 if x == "time" else 1
    return [_row(key, members[key], unit) for key in sorted(members)]


def _row(key: tuple[Any, ...], members: list[tuple[Any, Row]], unit: int) -> Row:
    values = [point["value"] for _, point in members]
    finite = [value for value in values if math.isfinite(value)]
    order = ("attempt", "time", "writer", "seq")
    last = max(members, key=lambda member: (member[0], *(member[1][part] for part in order)))
    return {
        "name": key[0],
        "attempt": key[1],
        "bucket": key[2],
        "count": len(members),
        "x": float(sum(Fraction(at) for at, _ in members) / len(members) / unit),
        "mean": float(sum(map(Fraction, finite)) / len(finite)) if finite else None,
        "min": min(finite, default=None),
        "max": max(finite, default=None),
        "last": last[1]["value"],
        "nan_count": sum(map(math.isnan, values)),
        "inf_count": sum(map(math.isinf, values)),
    }


def smoothed(found: list[Row], weight: float) -> list[float | None]:
    """The exponential mean, point by point: as many points of a bucket's mean as it has."""
    told: list[float | None] = []
    total = mean = 0.0
    for row in found:
        for _ in range(row["count"] - row["nan_count"] - row["inf_count"]):
            total = weight * total + 1 - weight
            mean = weight * mean + (1 - weight) * row["mean"]
        told.append(None if row["mean"] is None else mean / total)
    return told


NUMBERS = st.one_of(
    st.floats(-10, 10), st.integers(-3, 3), st.sampled_from([math.nan, math.inf, -math.inf, True, None, "text", 1e308])
)
BATCHES = st.lists(st.tuples(NUMBERS, st.integers(-6, 12), st.integers(0, 4)), min_size=1, max_size=12)
WRITERS = st.lists(
    st.lists(st.tuples(st.sampled_from("yzx"), st.booleans(), BATCHES), min_size=1, max_size=4), min_size=1, max_size=2
)


def lived(ws: runstore.Workspace, attempts: list[Any], seal: bool) -> list[Row]:
    """A run of several attempts by several writers, whose points repeat steps and times in any order."""
    indexed: dict[str, list[bool]] = defaultdict(list)
    for attempt in attempts:
        with ExitStack() as stack:
            runs = [ws.experiment("e").start_logging(run_id="r") for _ in attempt]
            for run, batches in zip(runs, attempt, strict=True):
                stack.callback(run.complete)
                for name, stepped, batch in batches:
                    values, steps, times = map(list, zip(*batch, strict=True))
                    run.log_batch(name, values, steps if stepped else None, [time * 1_000_000 for time in times])
                    assert run._writer is not None
                    indexed[run._writer.identity.writer] += [not stepped] * len(values)
    if seal:
        for path in ws.path.glob("runs/*/*"):
            sealing.seal(ws.path, path)
    points = rows(ws.sql("select name, step, time, value, attempt, writer, seq from metrics"))
    return [{**point, "indexed": indexed[point["writer"]][point["seq"]]} for point in points]


def close(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return bool(one == pytest.approx(other, rel=1e-9, abs=1e-9, nan_ok=True))
    return bool(one == other)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("runstore.runs.seal.request", lambda workspace, run_dir: None)
        yield tmp_path_factory.mktemp("curves")


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    attempts=st.lists(WRITERS, min_size=1, max_size=3),
    names=st.sampled_from(["y", "z", "yz", "x"]),
    x=st.sampled_from(["step", "step", "time", "x"]),
    points=st.sampled_from([1, 2, 3, 7, 100]),
    which=st.sampled_from(["resolved", "all"]),
    smoothing=st.sampled_from([0.0, 0.5, 0.9]),
    seal=st.booleans(),
)
def test_curves_are_what_a_reader_of_every_point_finds(
    place: Path, attempts: list[Any], names: str, x: str, points: int, which: str, smoothing: float, seal: bool
) -> None:
    ws = runstore.Workspace(place / str(len(list(place.iterdir()))))
    history = lived(ws, attempts, seal)
    asked = ws.curves([*names], ["r"], x=x, points=points, attempts=which, smoothing=smoothing)
    found = rows(asked)
    wanted = expected(history, names, x, points, which)
    assert asked.columns == [
        "run_id", "name", *(["attempt"] if which == "all" else []), "bucket", "count", "x", "mean", "min", "max",
        "last", "nan_count", "inf_count", "smoothed",
    ]  # fmt: skip
    assert len(found) == len(wanted)
    series: dict[Any, list[int]] = defaultdict(list)
    for place_, (row, want) in enumerate(zip(found, wanted, strict=True)):
        series[want["name"], want["attempt"]].append(place_)
        assert {key: row[key] for key in want if key in row and not close(row[key], want[key])} == {}, want
        assert row["mean"] is None or row["min"] <= row["mean"] <= row["max"]
    for places in series.values():
        told = smoothed([wanted[i] for i in places], smoothing)
        assert all(close(found[i]["smoothed"], one) for i, one in zip(places, told, strict=True))


# ---- one thing at a time


def test_every_point_of_a_short_curve_is_a_row(ws: runstore.Workspace) -> None:
    run = logged(ws, [3.0, 1.0, 2.0])
    (first, second, third) = rows(ws.curves("loss", run))
    assert [row["mean"] for row in (first, second, third)] == [3.0, 1.0, 2.0]
    assert [row["x"] for row in (first, second, third)] == [0.0, 1.0, 2.0]
    assert first == {
        "run_id": run.id, "name": "loss", "bucket": 0, "count": 1, "x": 0.0, "mean": 3.0, "min": 3.0, "max": 3.0,
        "last": 3.0, "nan_count": 0, "inf_count": 0, "smoothed": 3.0,
    }  # fmt: skip


def test_a_spike_survives_and_nan_and_inf_are_counted_apart(ws: runstore.Workspace) -> None:
    values = [1.0] * 1000
    values[123], values[500], values[501], values[999] = 99.0, math.nan, -math.inf, math.nan
    run = logged(ws, values)
    found = rows(ws.curves("loss", run, points=10))
    assert [row["count"] for row in found] == [100] * 10
    assert (found[1]["max"], found[1]["mean"]) == (99.0, pytest.approx(1.98))
    assert (found[5]["nan_count"], found[5]["inf_count"], found[5]["mean"], found[5]["min"]) == (1, 1, 1.0, 1.0)
    assert math.isnan(found[9]["last"])


def test_one_point_and_an_x_that_never_changes_are_one_bucket(ws: runstore.Workspace) -> None:
    assert [row["x"] for row in rows(ws.curves("loss", logged(ws, [5.0])))] == [0.0]
    with runstore.start_run("e", workspace=ws) as run:
        for value in (1.0, 2.0, 6.0):
            run.log({"y": value, "same": 4.0}, step=7)
    for x in ("step", "same"):
        (row,) = rows(ws.curves("y", run, x=x))
        assert (row["count"], row["mean"], row["last"], row["x"]) == (3, 3.0, 6.0, 7.0 if x == "step" else 4.0)


def test_the_asked_stretch_is_cut_from_edge_to_edge(ws: runstore.Workspace) -> None:
    run = logged(ws, [float(step) for step in range(100)])
    found = rows(ws.curves("loss", run, points=5, low=10, high=19.9))
    assert [(row["bucket"], row["min"], row["max"]) for row in found] == [
        (bucket, 10.0 + 2 * bucket, 11.0 + 2 * bucket) for bucket in range(5)
    ]
    found = rows(ws.curves("loss", run, points=4, low=-100, high=299))
    assert [(row["bucket"], row["count"]) for row in found] == [(1, 100)]
    assert rows(ws.curves("loss", run, low=500, high=600)) == []
    assert rows(ws.curves("loss", run, low=0.2, high=0.8)) == []
    assert [row["count"] for row in rows(ws.curves("loss", run, points=1, high=9))] == [10]


def test_steps_as_far_apart_as_there_are_find_their_buckets(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        for step in (-(2**63), 0, 2**63 - 1):
            run.log("loss", float(step), step=step)
    assert [row["bucket"] for row in rows(ws.curves("loss", run, points=3))] == [0, 1, 2]
    assert len(rows(ws.curves("loss", run, points=3, low=-(2**63), smoothing=0.5))) == 3


def test_values_as_large_as_there_are_have_a_mean(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        for step, value in enumerate([1.7e308, 1.7e308, -1.7e308, 1.7e308]):
            run.log({"y": value, "x": value}, step=step)
    (row,) = rows(ws.curves("y", run, points=1))
    assert row["mean"] == pytest.approx(0.85e308)
    assert [row["x"] for row in rows(ws.curves("y", run, x="x", points=2))] == [-1.7e308, pytest.approx(1.7e308)]


def test_time_is_told_in_seconds_and_relative_time_from_the_start_of_the_run(ws: runstore.Workspace) -> None:
    run = logged(ws, [1.0, 2.0])
    times = ws.sql(
        "select epoch_us(time) / 1e6, epoch_us(time) - epoch_us(started) from metrics join runs using (run_id)"
    )
    absolute, relative = zip(*times.fetchall(), strict=True)
    assert sorted(row["x"] for row in rows(ws.curves("loss", run, x="time", points=10**6))) == sorted(absolute)
    found = [row["x"] for row in rows(ws.curves("loss", run, x="relative", points=10**6))]
    assert sorted(found) == [since / 1e6 for since in sorted(relative)]
    start = datetime.fromtimestamp(absolute[0], UTC)
    assert len(rows(ws.curves("loss", run, x="time", low=start - timedelta(days=1), high=start))) >= 1
    naive = (start + timedelta(days=1)).replace(tzinfo=None)
    assert rows(ws.curves("loss", run, x="time", low=naive)) == []


def test_points_without_the_metric_that_runs_along_are_left_out(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        for step, (x, y) in enumerate([(3.0, 30.0), (math.nan, 1.0), (1.0, 10.0)]):
            run.log({"it's x": x, "y": y}, step=step)
        run.log("y", 5.0, step=7)
    assert [(row["x"], row["mean"]) for row in rows(ws.curves("y", run, x="it's x"))] == [(1.0, 10.0), (3.0, 30.0)]


def test_a_resumed_run_is_one_curve_or_with_all_attempts_two(ws: runstore.Workspace) -> None:
    for steps in (range(6), range(3, 9)):
        with ws.experiment("e").start_logging(run_id="r") as run:
            for step in steps:
                run.log("loss", float(steps[0]), step=step)
    assert [row["mean"] for row in rows(ws.curves("loss", "r"))] == [0.0] * 3 + [3.0] * 6
    found = rows(ws.curves("loss", "r", attempts="all"))
    assert [(row["attempt"], row["x"]) for row in found] == [(1, float(step)) for step in range(6)] + [
        (2, float(step)) for step in range(3, 9)
    ]


def test_smoothing_of_buckets_is_near_that_of_points(ws: runstore.Workspace) -> None:
    values = [math.sin(step / 300) + (step * 7919 % 13) / 13 for step in range(5000)]
    run, weight, mean, total, exact = logged(ws, values), 0.99, 0.0, 0.0, []
    for value in values:
        total, mean = weight * total + 1 - weight, weight * mean + (1 - weight) * value
        exact.append(mean / total)
    found = rows(ws.curves("loss", run, points=500, smoothing=weight))
    assert max(abs(row["smoothed"] - exact[row["bucket"] * 10 + 9]) for row in found) < 0.01
    assert max(abs(row["mean"] - exact[row["bucket"] * 10 + 9]) for row in found) > 0.3


@pytest.mark.parametrize("x", ["step", "copy"])
def test_a_stretch_is_smoothed_with_what_lies_before_it(ws: runstore.Workspace, x: str) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        for step in range(1000):
            run.log({"loss": float(step < 500), "copy": step / 1}, step=step)
    whole = {row["x"]: row["smoothed"] for row in rows(ws.curves("loss", run, x=x, points=1000, smoothing=0.9))}
    part = rows(ws.curves("loss", run, x=x, points=20, low=505, high=524, smoothing=0.9))
    assert [row["bucket"] for row in part] == [*range(20)]
    assert all(row["smoothed"] == pytest.approx(whole[row["x"]], abs=1e-3) for row in part)


def test_corners_are_points_that_were_logged(ws: runstore.Workspace) -> None:
    run = logged(ws, [5.0, 9.0, -2.0, 7.0, math.nan])
    (row,) = rows(ws.curves("loss", run, points=1, corners=True))
    corners = [(row[f"{which}_x"], row[f"{which}_y"]) for which in ("first", "min", "max", "last")]
    assert corners == [(0.0, 5.0), (2.0, -2.0), (1.0, 9.0), (3.0, 7.0)]


def test_a_logarithmic_axis_has_place_for_what_is_above_zero(ws: runstore.Workspace) -> None:
    run = logged(ws, [1.0, 0.0, -1.0, 10.0, math.nan])
    found = rows(ws.curves("loss", run, points=1, positive=True))
    assert [(row["count"], row["min"], row["max"], row["nan_count"]) for row in found] == [(3, 1.0, 10.0, 1)]


def test_runs_and_metrics_share_one_axis_and_filters_choose_runs(ws: runstore.Workspace) -> None:
    one = logged(ws, [1.0] * 10, params={"lr": 0.1})
    other = logged(ws, [2.0] * 5, params={"lr": 0.2})
    found = rows(ws.curves(["loss", "no such"], points=2))
    assert {row["run_id"]: row["count"] for row in found if row["bucket"] == 0} == {one.id: 5, other.id: 5}
    assert {row["run_id"] for row in rows(ws.curves("loss", where="lr > 0.15"))} == {other.id}
    assert {row["run_id"] for row in rows(ws.curves("loss", experiment="e"))} == {one.id, other.id}
    assert rows(ws.curves("loss", experiment="another")) == []
    assert {row["run_id"] for row in rows(ws.curves("loss", [one, other.id[:12]], where="lr < 0.15"))} == {one.id}
    assert rows(ws.curves("loss", [])) == []
    assert rows(ws.curves([], one)) == []


def test_a_curve_is_answered_while_its_run_goes_on(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        run.log("loss", 1.0, step=0)
        assert [row["mean"] for row in rows(ws.curves("loss", run))] == [1.0]
        run.log({"loss": 2.0, "other": 1}, step=1)
        assert [row["mean"] for row in rows(ws.curves("loss", run))] == [1.0, 2.0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"points": 0}, {"points": 1.5}, {"smoothing": 1.0}, {"smoothing": -0.1}, {"attempts": "both"},
        {"low": 2, "high": 1}, {"low": math.nan}, {"high": "end"},
        {"low": datetime.fromtimestamp(0, UTC)},
    ],
    ids=str,
)  # fmt: skip
def test_an_argument_out_of_its_range_is_refused_in_one_line(ws: runstore.Workspace, wrong: Row) -> None:
    run = logged(ws, [1.0])
    with pytest.raises(UsageError) as refused:
        ws.curves("loss", run, **wrong)
    assert "\n" not in str(refused.value)


def test_an_unknown_run_and_a_filter_that_means_nothing_are_refused(ws: runstore.Workspace) -> None:
    logged(ws, [1.0])
    with pytest.raises(RunNotFound):
        ws.curves("loss", "nobody")
    with pytest.raises(QueryError):
        ws.curves("loss", where="nothing > 1")
