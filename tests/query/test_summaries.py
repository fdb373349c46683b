"""A summary is the same however it was come by: from records, from the tail, from the points themselves."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from typing import Any

import pytest

import runstore
from runstore.query import sealing, summaries
from runstore.runs import stream

COLUMNS = "name, count, first, last, min, max, mean, last_step, nan_count, inf_count"


def summary(ws: runstore.Workspace) -> dict[str, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in ws.sql(f"select {COLUMNS} from metric_summary order by name").fetchall()}


def expected(logged: Iterable[tuple[str, Any, int]]) -> dict[str, tuple[Any, ...]]:
    """The same, told from the list of what was logged."""
    found = {}
    series: dict[str, list[tuple[Any, int]]] = {}
    for name, value, step in logged:
        series.setdefault(name, []).append((value, step))
    for name, points in series.items():
        numbers = [float(v) if isinstance(v, int | float) else None for v, _ in points]
        finite = [v for v in numbers if v is not None and math.isfinite(v)]
        found[name] = (
            len(points), numbers[0], numbers[-1], min(finite, default=None), max(finite, default=None),
            pytest.approx(sum(finite) / len(finite)) if finite else None, points[-1][1],
            sum(v is not None and math.isnan(v) for v in numbers),
            sum(v is not None and math.isinf(v) for v in numbers),
        )  # fmt: skip
    return found


def some(seed: int, count: int) -> list[tuple[str, Any, int]]:
    pick = random.Random(seed)
    odd = [math.nan, math.inf, -math.inf, True, None, "x", 2**60]
    values = [pick.choice(odd) if pick.random() < 0.2 else pick.gauss(0, 10) for _ in range(count)]
    names = [pick.choice(["loss", "acc", "only text"]) for _ in range(count)]
    return [
        (name, "t" if name == "only text" else value, at)
        for at, (name, value) in enumerate(zip(names, values, strict=True))
    ]


def same(found: dict[str, tuple[Any, ...]], wanted: dict[str, tuple[Any, ...]]) -> bool:
    plain = {name: tuple("nan" if v != v else v for v in row) for name, row in found.items()}
    return plain == {name: tuple("nan" if v != v else v for v in row) for name, row in wanted.items()}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("stage", ["live", "half sealed", "sealed in parts", "sealed"])
def test_every_way_gives_the_same_summary(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch, seed: int, stage: str
) -> None:
    if stage != "sealed":
        monkeypatch.setattr(stream, "ROTATE", 1)  # as soon as a journal's first pages are full
        monkeypatch.setattr(stream, "LOOK", 1000)
    run = ws.experiment("e").start_logging()
    logged = some(seed, 4000)
    for at, (name, value, step) in enumerate(logged):
        run.log(name, value, step=step)
        if stage == "sealed in parts" and at % 1500 == 0:
            run.flush()
            sealing.seal(ws.path, run.path)
    if stage == "half sealed":
        run.flush()
        sealing.seal(ws.path, run.path)
    if stage == "sealed":
        run.complete()
        sealing.seal(ws.path, run.path)
    records = len(list(run.path.glob("seal-*.json")))
    assert records == {"live": 0, "half sealed": 1, "sealed in parts": 2, "sealed": 1}[stage]
    assert same(summary(ws), expected(logged))
    if stage != "sealed":
        run.cancel()


@pytest.mark.parametrize("sealed", [False, True])
def test_what_a_later_attempt_overwrote_is_not_in_the_summary(ws: runstore.Workspace, sealed: bool) -> None:
    with ws.experiment("e").start_logging(run_id="r") as run:
        for step in range(10):
            run.log("loss", step, step=step)
    with ws.experiment("e").start_logging(run_id="r") as run:
        for step in range(5, 8):
            run.log("loss", 100 + step, step=step)
    if sealed:
        sealing.seal(ws.path, run.path)
    kept = [("loss", step, step) for step in range(5)] + [("loss", 100 + step, step) for step in range(5, 8)]
    assert summary(ws) == expected(kept)


def test_the_last_value_is_that_of_the_greatest_attempt_and_time(ws: runstore.Workspace) -> None:
    first = ws.experiment("e").start_logging(run_id="r")
    second = ws.experiment("e").start_logging(run_id="r")
    second.log("loss", 1.0, step=9)
    first.log("loss", 2.0, step=3)
    assert ws.sql("select last.loss from runs").fetchall() == [(2.0,)]
    first.complete()
    second.complete()


def part(*, first: int, last: int, finite: int, mean: Any = 1.0, least: float | None = 1.0) -> dict[str, Any]:
    return {
        "count": finite + 1, "finite": finite, "nan_count": 1, "inf_count": 0, "first": first, "last": last,
        "min": least, "max": least, "mean": mean if finite else None, "last_step": last, "last_time": last,
        "first_time": first, "first_key": [1, first, "w", first], "last_key": [1, last, "w", last],
    }  # fmt: skip


def test_parts_add_up_in_any_order() -> None:
    one, other = (
        part(first=0, last=3, finite=3, mean=2.0, least=1.0),
        part(first=4, last=9, finite=1, mean=6.0, least=6.0),
    )
    for parts in ([{"m": one}, {"m": other}], [{"m": other}, {"m": one}]):
        total = summaries.merged(parts)["m"]
        assert (total["count"], total["finite"], total["nan_count"]) == (6, 4, 2)
        assert (total["first"], total["last"], total["min"], total["max"], total["mean"]) == (0, 9, 1.0, 6.0, 3.0)


def test_parts_without_finite_values_add_nothing_to_the_mean() -> None:
    nothing = part(first=0, last=1, finite=0, least=None)
    total = summaries.merged([{"m": nothing}, {"m": part(first=2, last=3, finite=2, mean={"f": "inf"})}])["m"]
    assert total["mean"] == {"f": "inf"}
    assert summaries.merged([{"m": nothing}, {"m": nothing}])["m"]["mean"] is None


@pytest.mark.parametrize("value", [0.5, -0.0, 3, 2**60, True, False, None, "x", ""])
def test_the_exact_value_comes_back_from_its_columns(value: Any) -> None:
    kind = {float: "float", int: "int", bool: "bool", str: "str"}.get(type(value), "none")
    double = None if value is None or isinstance(value, str) else float(value)
    text = value if isinstance(value, str) else str(value) if value == 2**60 else None
    back = summaries.exact(kind, double, text)
    assert (type(back), repr(back)) == (type(value), repr(value))
