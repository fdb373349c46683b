"""Many charts are answered in one frame; one that was asked wrongly is told, and the others are there."""

from __future__ import annotations

import math
from typing import Any

import pytest

import runstore
from runstore.errors import UsageError
from runstore.view.feed import curves
from tests.query import scenes
from tests.view.feed import frames


@pytest.fixture
def made(ws: runstore.Workspace) -> list[str]:
    found = []
    for lr, seed in ((0.1, 1), (0.1, 2), (0.2, 3)):
        with ws.experiment("e").start_logging(params={"lr": lr}) as run:
            for step in range(50):
                run.log({"loss": seed + step / 8, "epoch": step // 10}, step=step)
            run.log("once", 1e300, step=9)
        found.append(run.id)
    return found


def asked(ws: runstore.Workspace, *requests: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return frames.decode(curves.curves(ws, requests, cursor="c7"))


def test_every_request_has_its_series(ws: runstore.Workspace, made: list[str]) -> None:
    header, found = asked(
        ws,
        {"key": "a", "metric": "loss", "runs": made[:2], "points": 5},
        {"key": "b", "metric": "once", "runs": [made[0][:8]]},
    )
    assert (header["cursor"], header["errors"], header["left_off"]) == ("c7", [], {})
    assert sorted((one["key"], one["run_id"]) for one in found) == sorted(
        [("a", made[0]), ("a", made[1]), ("b", made[0])]
    )
    first = next(one for one in found if one["key"] == "a" and one["run_id"] == made[0])
    rows = ws.curves("loss", made[0], points=5).fetchall()
    names = ws.curves("loss", made[0], points=5).columns
    for told, column in (("x", "x"), ("count", "count"), ("mean", "mean"), ("min", "min"), ("last", "last")):
        assert first[told] == [row[names.index(column)] for row in rows]
    assert {key: first[key] for key in ("metric", "x", "low", "high", "points", "count_total", "band", "wide")} | {
        "x": "step"
    } == {"metric": "loss", "x": "step", "low": 0, "high": 49, "points": 5, "count_total": 50, "band": "minmax",
          "wide": False}  # fmt: skip


def test_what_float32_can_not_hold_is_wide(ws: runstore.Workspace, made: list[str]) -> None:
    _, (one,) = asked(ws, {"key": "b", "metric": "once", "runs": [made[0]]})
    assert (one["wide"], one["mean"], one["x"]) == (True, [1e300], [9.0])


def test_without_runs_the_newest_that_the_filters_leave_are_shown(
    ws: runstore.Workspace, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, found = asked(ws, {"key": "a", "metric": "loss", "experiment": "e", "where": "lr < 0.15"})
    assert {one["run_id"] for one in found} == {*made[:2]}
    monkeypatch.setattr(curves, "LINES", 1)
    header, found = asked(ws, {"key": "a", "metric": "loss"}, {"key": "b", "metric": "loss", "runs": made})
    assert {one["run_id"] for one in found if one["key"] == "a"} == {made[2]}
    assert header["left_off"] == {"a": 2, "b": 2}


def test_a_group_is_a_mean_with_a_band_of_the_standard_deviation(ws: runstore.Workspace, made: list[str]) -> None:
    _, found = asked(ws, {"key": "g", "metric": "loss", "group": ["params.lr"], "points": 1})
    assert [(one["group"], one["band"], one["count"]) for one in found] == [
        ({"params.lr": 0.1}, "std", [2.0]),
        ({"params.lr": 0.2}, "std", [1.0]),
    ]
    assert found[0]["mean"][0] - found[0]["min"][0] == pytest.approx(0.5**0.5, rel=1e-6)


@pytest.mark.parametrize(("band", "told"), [("minmax", (3, 1, 7)), ("quantile", (2, 1.75, 3.25))])
def test_a_group_has_the_band_that_is_asked_for(
    ws: runstore.Workspace, band: str, told: tuple[float, float, float]
) -> None:
    for value in (1.0, 2.0, 2.0, 7.0):
        with ws.experiment("e").start_logging() as run:
            run.log("loss", value)
    _, (one,) = asked(ws, {"key": "g", "metric": "loss", "group": ["experiment"], "band": band})
    assert (one["band"], one["mean"][0], one["min"][0], one["max"][0]) == (band, *told)


def test_the_seeds_of_a_group_are_told_beside_it(ws: runstore.Workspace, made: list[str]) -> None:
    _, found = asked(ws, {"key": "g", "metric": "loss", "group": ["params.lr"], "seeds": made[:2]})
    assert [one.get("run_id") for one in found] == [None, None, *sorted(made[:2])]
    assert {one["key"] for one in found} == {"g"}


def test_a_group_without_a_finite_value_somewhere_has_a_gap_there(ws: runstore.Workspace) -> None:
    with ws.experiment("gap").start_logging(params={"lr": 1}) as run:
        for step, value in enumerate((1.0, float("nan"), 3.0)):
            run.log("odd", value, step=step)
    (found,) = asked(ws, {"key": "g", "metric": "odd", "group": ["params.lr"], "experiment": "gap", "points": 3})[1]
    assert [found["mean"][0], found["mean"][2]] == [1, 3]
    assert [math.isnan(found[column][1]) for column in ("mean", "min", "max", "last")] == [True] * 4


def test_of_many_groups_the_first_are_shown(
    ws: runstore.Workspace, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curves, "LINES", 1)
    header, found = asked(ws, {"key": "g", "metric": "loss", "group": ["run_id"]})
    assert ([one["group"] for one in found], header["left_off"]) == ([{"run_id": min(made)}], {"g": 2})


def test_part_of_an_axis_is_asked_for_in_its_own_unit(ws: runstore.Workspace, made: list[str]) -> None:
    _, found = asked(
        ws,
        {"key": "s", "metric": "loss", "runs": [made[0]], "low": 10, "high": 19, "points": 10},
        {"key": "m", "metric": "loss", "runs": [made[0]], "x": "epoch", "low": 1, "high": 1},
        {"key": "t", "metric": "loss", "runs": [made[0]], "x": "time"},
    )
    by_key = {one["key"]: one for one in found}
    assert by_key["s"]["x"] == [float(step) for step in range(10, 20)]
    assert (by_key["m"]["count_total"], {*by_key["m"]["x"]}) == (10, {1.0})
    assert by_key["t"]["x"][0] > 1e9


def test_figures_of_the_machine_are_asked_for_by_their_source(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    scenes.log_side(run, 2)
    run.complete()
    _, (one,) = asked(ws, {"key": "c", "metric": "cpu.percent", "runs": [run.id], "x": "time", "source": "system"})
    assert one["count_total"] == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"metric": 3},
        {"metric": "loss", "points": 0},
        {"metric": "loss", "points": "many"},
        {"metric": "loss", "runs": ["no such run"]},
        {"metric": "loss", "runs": "abc"},
        {"metric": "loss", "low": "x"},
        {"metric": "loss", "where": "nope = 1"},
        {"metric": "loss", "group": ["nope"]},
        {"metric": "loss", "group": ["lr"], "band": "wide"},
        {"metric": "loss", "low": 9, "high": 1},
    ],
)
def test_a_wrong_request_is_told_and_the_others_are_answered(
    ws: runstore.Workspace, made: list[str], wrong: dict[str, Any]
) -> None:
    header, found = asked(ws, {"key": "bad", **wrong}, {"key": "good", "metric": "loss", "runs": [made[0]]})
    assert [one["key"] for one in header["errors"]] == ["bad"]
    assert [one["key"] for one in found] == ["good"]


@pytest.mark.parametrize("requests", [{}, [3], [{"metric": "loss"}], [{"key": "a"}] * 1000])
def test_what_is_no_list_of_requests_is_refused(ws: runstore.Workspace, requests: Any) -> None:
    with pytest.raises(UsageError):
        curves.curves(ws, requests)
