"""The curves of a chart: few enough points to draw, chosen so that the line looks as if all were drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runstore.cli import figures, listing
from runstore.cli.ticks import Axis, axis

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

    from runstore import Run, Workspace

STEP, TIME = "step", "time"
_UNITS = ((3 * 3600, "h", 3600.0), (300, "min", 60.0))  # from so many seconds on, in this unit

_READ = """
SELECT run_id, step, time, value, attempt, writer, seq, name = ? AS drawn FROM curve_points
WHERE run_id IN ({holes}) AND name IN ({names})
"""
# What stands at x: the step, the seconds since the run's start, or another metric's value of the same step.
_BY_STEP = "SELECT run_id, step::DOUBLE AS x, value AS y, attempt, time, writer, seq FROM points WHERE drawn"
_BY_TIME = """
SELECT run_id, date_diff('microsecond', begun, time) / 1e6 AS x, value AS y, attempt, time, writer, seq
FROM points JOIN (VALUES {begun}) AS starts(run_id, begun) USING (run_id) WHERE drawn
"""
_BY_METRIC = """
SELECT run_id, x, value AS y, attempt, time, writer, seq FROM points LEFT JOIN (
    SELECT run_id, attempt, writer, step, arg_max(value, seq) AS x FROM points
    WHERE NOT drawn AND isfinite(value) GROUP BY ALL
) USING (run_id, attempt, writer, step) WHERE drawn
"""
_PLACED = """
WITH found AS ({along}),
usable AS (SELECT run_id, x, y FROM found WHERE isfinite(y) AND x IS NOT NULL AND (y > 0 OR NOT {log}))
"""
_ENDS = """
SELECT run_id, count(*), count(*) FILTER (y IS NULL OR NOT isfinite(y)), arg_max(y, (attempt, time, writer, seq)),
    min(y) FILTER (isfinite(y)), max(y) FILTER (isfinite(y)), count(*) FILTER (isfinite(y) AND y <= 0),
    count(*) FILTER (isfinite(y) AND x IS NULL)
FROM found GROUP BY run_id
"""
# Of every column of pixels the first, the lowest, the highest and the last point: no line through all of them differs.
_SHAPE = """
SELECT run_id, min(x), arg_min(y, x), arg_min(x, y), min(y), arg_max(x, y), max(y), max(x), arg_max(y, x)
FROM usable, (SELECT min(x) AS low, greatest(max(x) - min(x), 1e-300) AS span FROM usable)
GROUP BY run_id, floor((x - low) * ({pixels} / span)) ORDER BY run_id, min(x)
"""


@dataclass(slots=True)
class Curve:
    """One run's line. ``points`` counts all of them, ``odd`` those that are no finite number, which no line shows."""

    run_id: str
    label: str
    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)
    points: int = 0
    odd: int = 0
    last: float = math.nan
    low: float = math.nan
    high: float = math.nan


@dataclass(slots=True)
class Chart:
    """One metric of several runs.

    ``hidden``: points that a logarithmic axis has no place for. ``apart``: points at whose step the metric that runs
    along was not logged.
    """

    metric: str
    x: str
    unit: str
    curves: list[Curve]
    log: bool = False
    hidden: int = 0
    apart: int = 0

    def axes(self, room: float = 0.0) -> tuple[Axis, Axis]:
        """The x and the y axis; there must be a point. ``room``: the share left free above and below the curves."""
        xs = [x for curve in self.curves for x in curve.xs]
        ys = [y for curve in self.curves for y in curve.ys]
        return axis(min(xs), max(xs)), axis(min(ys), max(ys), self.log).widened(room)

    def empty(self) -> bool:
        """Whether there is no point to draw."""
        return not any(curve.xs for curve in self.curves)

    @property
    def whole(self) -> bool:
        """Whether only whole numbers make sense on the x axis."""
        return self.x == STEP

    @property
    def x_title(self) -> str:
        """What stands at the x axis."""
        return f"time since the start, {self.unit}" if self.x == TIME else self.x

    def notes(self) -> list[str]:
        """What is not drawn, and why."""
        found = [
            (sum(curve.odd for curve in self.curves), "not finite"),
            (self.hidden, "not above 0: a log axis has no place for them"),
            (self.apart, f"without a {self.x!r} at the same step"),
        ]
        return [f"not drawn: {figures.plural(count, 'point')} {why}" for count, why in found if count]


def chart(ws: Workspace, runs: Sequence[Run], metric: str, x: str, pixels: int, log: bool = False) -> Chart:
    """Read one metric of several runs.

    Args:
        ws: the workspace.
        runs: the runs, in the order of their colours.
        metric: the metric's name.
        x: ``STEP``, ``TIME`` (seconds since the run's start) or a metric logged at the same steps.
        pixels: how many columns there are to draw in.
        log: whether the y axis is logarithmic: what isn't positive has no place there.
    """
    labels = _labels(ws, runs)
    found = Chart(metric, x, "s", [Curve(run.id, labels[run.id]) for run in runs], log)
    curves = {curve.run_id: curve for curve in found.curves}
    points = _points(ws, list(curves), metric, x)
    placed = _PLACED.format(along=_along(ws, list(curves), metric, x), log=log)
    for run_id, count, odd, last, low, high, below, apart in _rows(points, placed + _ENDS):
        curve = curves[run_id]
        curve.points, curve.odd = count, odd
        curve.last, curve.low, curve.high = (math.nan if v is None else v for v in (last, low, high))
        found.hidden += below if log else 0
        found.apart += apart
    for run_id, *ends in _rows(points, placed + _SHAPE.format(pixels=float(pixels))):
        _append(curves[run_id], *ends)
    if x == TIME:
        _scale(found)
    return found


def metrics(ws: Workspace, runs: Sequence[Run]) -> list[str]:
    """The metrics with numbers that these runs have, those of most runs first."""
    found = listing.last(ws, [run.id for run in runs])
    counts: dict[str, int] = {}
    for values in found.values():
        for name, value in values.items():
            counts[name] = counts.get(name, 0) + (value is not None)
    return sorted((name for name, count in counts.items() if count), key=lambda name: -counts[name])


def _points(ws: Workspace, run_ids: list[str], metric: str, x: str) -> DuckDBPyRelation:
    names = [metric] if x in (STEP, TIME, metric) else [metric, x]
    holes = [", ".join("?" * len(some)) for some in (run_ids, names)]
    return ws.sql(_READ.format(holes=holes[0], names=holes[1]), params=[metric, *run_ids, *names])


def _along(ws: Workspace, run_ids: list[str], metric: str, x: str) -> str:
    if x == metric:
        return _BY_STEP.replace("step::DOUBLE", "value")
    if x == STEP:
        return _BY_STEP
    if x != TIME:
        return _BY_METRIC
    holes = ", ".join("?" * len(run_ids))
    rows = ws.sql(f"SELECT run_id, started FROM runs WHERE run_id IN ({holes})", params=run_ids).fetchall()
    quoted = ((run_id.replace("'", "''"), begun) for run_id, begun in rows)
    return _BY_TIME.format(begun=", ".join(f"('{run_id}', TIMESTAMP '{begun}')" for run_id, begun in quoted))


def _rows(points: DuckDBPyRelation, query: str) -> list[tuple[Any, ...]]:
    found = points.query("points", query)
    return found.fetchall() if found is not None else []


def _append(curve: Curve, *ends: float) -> None:
    """The points of one column of pixels: first, lowest, highest, last."""
    first, *middle, last = zip(ends[::2], ends[1::2], strict=True)
    for x, y in dict.fromkeys([first, *sorted(set(middle) - {first, last}), last]):
        curve.xs.append(x)
        curve.ys.append(y)


def _scale(found: Chart) -> None:
    """Seconds become minutes or hours where that gives shorter numbers."""
    longest = max((x for curve in found.curves for x in curve.xs), default=0.0)
    for least, unit, length in _UNITS:
        if longest >= least:
            found.unit = unit
            for curve in found.curves:
                curve.xs = [x / length for x in curve.xs]
            return


def _labels(ws: Workspace, runs: Sequence[Run]) -> dict[str, str]:
    """What a run is called beside its line: its id, its name, and up to three params that differ."""
    ids = [run.id for run in runs]
    holes = ", ".join("?" * len(ids))
    names = dict(ws.sql(f"SELECT run_id, name FROM runs WHERE run_id IN ({holes})", params=ids).fetchall())
    page = listing.Page([{"run_id": run_id} for run_id in ids], len(ids), listing.params(ws, ids))
    changed = page.changed()[:3] if len(runs) > 1 else []
    labels = {}
    for run_id, short in zip(ids, listing.shortened(ids), strict=True):
        parts = [short, names.get(run_id) or ""]
        parts += [f"{name}={_short(page.params[run_id].get(name))}" for name in changed]
        labels[run_id] = " ".join(filter(None, parts))
    return labels


def _short(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return figures.number(value, 4)
    return str(value)
