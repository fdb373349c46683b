"""Statistics over runs that differ by chance only."""

from __future__ import annotations

import math
import statistics
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runstore
from runstore.errors import QueryError, UsageError

Row = dict[str, Any]


def rows(relation: Any) -> list[Row]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def logged(ws: runstore.Workspace, values: list[Any], **start: Any) -> runstore.Run:
    with runstore.start_run("e", workspace=ws, **start) as run:
        for step, value in enumerate(values):
            run.log("loss", value, step=step)
    return run


def sweep(ws: runstore.Workspace) -> None:
    """Two learning rates of three seeds each; one run diverged, one never logged."""
    for lr, finals in {0.1: [1.0, 2.0, 4.0], 0.2: [5.0, math.nan, 7.0]}.items():
        for seed, final in enumerate(finals):
            logged(ws, [final + 2, final - 1, final], params={"lr": lr, "seed": seed}, tags={"stage": "a"})
    with runstore.start_run("e", workspace=ws, params={"lr": 0.2, "seed": 9}):
        pass


def test_groups_have_a_mean_a_spread_and_an_interval(ws: runstore.Workspace) -> None:
    sweep(ws)
    first, second = rows(ws.groups("loss", by="params.lr"))
    half = 4.302652729749 * statistics.stdev([1, 2, 4]) / math.sqrt(3)
    assert [*first] == ["params.lr", "n", "mean", "std", "ci_low", "ci_high", "min", "max", "nan_count", "inf_count"]
    assert (first["params.lr"], first["n"], first["min"], first["max"], first["nan_count"]) == (0.1, 3, 1.0, 4.0, 0)
    assert (first["mean"], first["std"]) == (pytest.approx(7 / 3), pytest.approx(statistics.stdev([1, 2, 4])))
    assert (first["ci_low"], first["ci_high"]) == (pytest.approx(7 / 3 - half), pytest.approx(7 / 3 + half))
    assert (second["n"], second["mean"], second["nan_count"]) == (2, 6.0, 1)


@pytest.mark.parametrize(("of", "mean"), [("last", 7 / 3), ("min", 4 / 3), ("max", 13 / 3), ("mean", 8 / 3)])
def test_another_value_may_stand_for_a_run(ws: runstore.Workspace, of: str, mean: float) -> None:
    sweep(ws)
    assert rows(ws.groups("loss", by="lr", of=of))[0]["mean"] == pytest.approx(mean)


def test_groups_may_be_by_several_names_of_any_kind_or_by_none(ws: runstore.Workspace) -> None:
    sweep(ws)
    found = rows(ws.groups("loss", by=["experiment", "tags.stage", "params.lr"]))
    assert [(row["experiment"], row["tags.stage"], row["params.lr"], row["n"]) for row in found] == [
        ("e", "a", 0.1, 3),
        ("e", "a", 0.2, 2),
    ]
    assert [(row["n"], row["mean"]) for row in rows(ws.groups("loss"))] == [(5, pytest.approx(19 / 5))]


def test_filters_choose_the_runs_and_a_run_without_the_param_is_a_group_of_its_own(ws: runstore.Workspace) -> None:
    sweep(ws)
    logged(ws, [3.0])
    assert [row["params.lr"] for row in rows(ws.groups("loss", by="params.lr"))] == [0.1, 0.2, None]
    assert [row["n"] for row in rows(ws.groups("loss", by="lr", where="seed < 2"))] == [2, 1]
    assert rows(ws.groups("loss", by="lr", experiment="another")) == []


def test_one_run_has_no_spread_and_text_is_no_number(ws: runstore.Workspace) -> None:
    logged(ws, [1.0, 3.0], params={"lr": 1})
    logged(ws, ["text"], params={"lr": 1})
    (row,) = rows(ws.groups("loss", by="lr"))
    assert (row["n"], row["mean"], row["std"], row["ci_low"], row["ci_high"]) == (1, 3.0, None, None, None)
    assert rows(ws.groups("no such metric", by="lr")) == []


def test_what_means_nothing_is_refused(ws: runstore.Workspace) -> None:
    sweep(ws)
    with pytest.raises(UsageError):
        ws.groups("loss", by="lr", of="median")
    with pytest.raises(QueryError):
        ws.groups("loss", by="no_such_name")


def test_a_run_counts_once_in_a_bucket_however_often_it_logged_there(ws: runstore.Workspace) -> None:
    logged(ws, [1.0, 3.0, 5.0, 7.0], params={"lr": 1})
    with runstore.start_run("e", workspace=ws, params={"lr": 1}) as run:
        run.log("loss", 10.0, step=0)
        run.log("loss", 20.0, step=3)
    found = rows(ws.group_curves("loss", by="lr", points=2))
    assert [*found[0]] == ["lr", "bucket", "x", "n", "mean", "std", "ci_low", "ci_high", "min", "max"]
    assert [(row["n"], row["mean"], row["min"], row["max"]) for row in found] == [
        (2, 6.0, 2.0, 10.0),
        (2, 13.0, 6.0, 20.0),
    ]
    assert found[0]["std"] == pytest.approx(statistics.stdev([2.0, 10.0]))


def test_along_a_curve_the_axis_and_the_filters_are_those_of_curves(ws: runstore.Workspace) -> None:
    sweep(ws)
    found = rows(ws.group_curves("loss", by="lr", points=3, low=0, high=1, where="seed = 0"))
    assert [(row["lr"], row["x"], row["n"], row["mean"]) for row in found] == [
        (0.1, 0.0, 1, 3.0),
        (0.1, 1.0, 1, 0.0),
        (0.2, 0.0, 1, 7.0),
        (0.2, 1.0, 1, 4.0),
    ]
    assert {row["n"] for row in rows(ws.group_curves("loss", by="lr", x="relative", points=1, experiment="e"))} == {
        2,
        3,
    }
    assert rows(ws.group_curves("loss", experiment="another")) == []
    with pytest.raises(UsageError):
        ws.group_curves("loss", points=0)


RUNS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.lists(
            st.tuples(st.integers(0, 9), st.one_of(st.floats(-5, 5), st.sampled_from([math.nan, math.inf]))), max_size=8
        ),
    ),
    max_size=6,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RUNS, st.sampled_from([1, 2, 5, 10]))
def test_group_curves_are_what_plain_python_finds(
    tmp_path_factory: pytest.TempPathFactory, runs: list[tuple[int, list[tuple[int, float]]]], points: int
) -> None:
    ws = runstore.Workspace(tmp_path_factory.mktemp("groups") / "ws")
    for key, curve in runs:
        with runstore.start_run("e", workspace=ws, params={"key": key}) as run:
            for step, value in curve:
                run.log("loss", value, step=step)
    steps = [step for _, curve in runs for step, _ in curve]
    if not steps:
        return
    width, wanted = max(steps) - min(steps) + 1, {}
    for key, curve in runs:
        for bucket in range(points):
            inside = [v for step, v in curve if (step - min(steps)) * points // width == bucket]
            if inside:
                finite = [v for v in inside if math.isfinite(v)]
                wanted.setdefault((key, bucket), []).append(statistics.fmean(finite) if finite else None)
    found = {
        (row["params.key"], row["bucket"]): row
        for row in rows(ws.group_curves("loss", by=["params.key"], points=points))
    }
    assert found.keys() == wanted.keys()
    for place, means in wanted.items():
        there = [mean for mean in means if mean is not None]
        row = found[place]
        assert row["n"] == len(there)
        assert row["mean"] == (pytest.approx(statistics.fmean(there), abs=1e-9) if there else None)
        assert row["std"] == (pytest.approx(statistics.stdev(there), abs=1e-9) if len(there) > 1 else None)
