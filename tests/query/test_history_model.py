"""Random histories of a run against a list of what was logged: every view tells the same story, sealed or not."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import Any

import pytest

import runstore
from runstore.query import sealing, summaries
from runstore.runs import stream

NAMES = "abcd"
KEY = "attempt, time, writer, seq"


@dataclass
class Point:
    """One point as it was logged; ``time`` is filled in from what was read."""

    attempt: int
    writer: str
    seq: int
    name: str
    value: Any
    step: int
    indexed: bool
    time: Any = None

    @property
    def key(self) -> tuple[Any, ...]:
        return self.attempt, self.time, self.writer, self.seq


@dataclass
class Writer:
    """One process's part, and what the next index and sequence number are."""

    run: runstore.Run
    attempt: int
    seq: int = 0
    indexes: dict[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        assert self.run._writer is not None
        return self.run._writer.identity.writer

    def point(self, name: str, value: Any, step: int | None) -> Point:
        indexed = step is None
        if step is None:
            step = self.indexes.get(name, 0)
            self.indexes[name] = step + 1
        self.seq += 1
        return Point(self.attempt, self.id, self.seq - 1, name, value, step, indexed)


def value(pick: random.Random) -> Any:
    odd = [True, None, "text", math.nan, math.inf, 2**60 + pick.randrange(9), 10**25, pick.randrange(-5, 5)]
    return pick.choice(odd) if pick.random() < 0.4 else pick.gauss(0, 1)


def live_through(ws: runstore.Workspace, pick: random.Random) -> tuple[list[Point], list[tuple[str, int, int]]]:
    """Log by several writers in several attempts, sealing now and then; the points and the (writer, row, x)."""
    points: list[Point] = []
    rows: list[tuple[str, int, int]] = []
    for attempt in range(1, pick.randint(1, 3) + 1):
        runs = [ws.experiment("e").start_logging(run_id="r") for _ in range(pick.randint(1, 3))]
        writers = [Writer(run, attempt) for run in runs]
        for turn in range(pick.randint(1, 40)):
            writer, kind = pick.choice(writers), pick.random()
            step = pick.randint(-3, 30) if pick.random() < 0.7 else None
            if kind < 0.5:
                points.append(writer.point(pick.choice(NAMES), value(pick), step))
                writer.run.log(points[-1].name, points[-1].value, step=step)
            elif kind < 0.8:
                many = {name: value(pick) for name in pick.sample(NAMES, pick.randint(1, 4))}
                writer.run.log(many, step=step)
                points += [writer.point(name, logged, step) for name, logged in many.items()]
            elif kind < 0.9:
                writer.run.log_row("table", x=turn)
                rows.append((writer.id, sum(one[0] == writer.id for one in rows), turn))
                writer.seq += 1
            else:
                writer.run.flush()
                sealing.seal(ws.path, writer.run.path)
        for run in pick.sample(runs, len(runs)):
            run.complete()
    return points, rows


def counting(points: list[Point]) -> list[Point]:
    """Those that no later attempt overwrote."""
    begun: dict[tuple[str, int], Point] = {}
    for point in points:
        found = begun.get((point.name, point.attempt))
        if not point.indexed and (found is None or point.key < found.key):
            begun[point.name, point.attempt] = point
    return [
        p
        for p in points
        if p.indexed or not any(b.name == p.name and b.attempt > p.attempt and b.step <= p.step for b in begun.values())
    ]


def shown(logged: Any) -> tuple[str, str]:
    return type(logged).__name__, repr(logged)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_every_view_tells_what_was_logged(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(stream, "ROTATE", 1)
    monkeypatch.setattr(stream, "LOOK", 5)
    points, rows = live_through(ws, random.Random(seed))
    if seed % 2:
        sealing.seal(ws.path, ws.get_run("r").path)

    found = ws.sql(f"select {KEY}, name, kind, value, text, step from metrics").fetchall()
    times = {(writer, seq): time for _, time, writer, seq, *_ in found}
    for point in points:
        point.time = times[point.writer, point.seq]
    told = sorted((*row[:5], *shown(summaries.exact(*row[5:8])), row[8]) for row in found)
    assert told == sorted((*p.key, p.name, *shown(p.value), p.step) for p in points)
    found = ws.sql("select writer, row, (data->>'x')::int from rows").fetchall()
    assert sorted(found) == sorted(rows)
    assert ws.sql("select points from runs").fetchall() == [(len(points) + len(rows),)]
    _curves_agree(ws, counting(points))


def _curves_agree(ws: runstore.Workspace, counting: list[Point]) -> None:
    assert sorted(ws.sql(f"select {KEY} from curve_points").fetchall()) == sorted(point.key for point in counting)
    metrics = ws.get_run("r").get_metrics()
    columns = "name, count, min, max, mean, nan_count, inf_count, last_step"
    summary = {row[0]: row[1:] for row in ws.sql(f"select {columns} from metric_summary").fetchall()}
    assert set(summary) == {point.name for point in counting} == set(metrics) - {"table"}
    for name in summary:
        series = sorted((point for point in counting if point.name == name), key=lambda point: point.key)
        logged = metrics[name] if isinstance(metrics[name], list) else [metrics[name]]
        assert list(map(shown, logged)) == [shown(point.value) for point in series]
        assert [row[1] for row in ws.get_run("r").history(name).fetchall()] == [point.step for point in series]
        numbers = [float(point.value) for point in series if isinstance(point.value, int | float)]
        finite = [number for number in numbers if math.isfinite(number)]
        mean = pytest.approx(sum(finite) / len(finite)) if finite else None
        nans, infinities = sum(map(math.isnan, numbers)), sum(map(math.isinf, numbers))
        expected = (len(series), min(finite, default=None), max(finite, default=None), mean, nans, infinities)
        assert summary[name] == (*expected, series[-1].step)
        last = series[-1].value
        ((found,),) = ws.sql(f"select last.{name} from runs").fetchall()
        assert shown(found) == shown(float(last) if isinstance(last, int) and abs(last) > 2**63 else last)
