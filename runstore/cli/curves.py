"""The curves of a chart: few enough points to draw, chosen so that the line looks as if all were drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runstore.cli import figures, listing
from runstore.cli.ticks import Axis, axis

if TYPE_CHECKING:
    from runstore import Run, Workspace

STEP, TIME = "step", "time"

# Of every column of pixels the first, the lowest, the highest and the last point: no line through all of them differs.
_SHAPE = """
WITH placed AS (SELECT x, y, floor((x - $low) * $scale)::BIGINT AS pixel FROM points WHERE isfinite(y))
SELECT min(x), arg_min(y, x), arg_min(x, y), min(y), arg_max(x, y), max(y), max(x), arg_max(y, x)
FROM placed GROUP BY pixel ORDER BY pixel
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
    """One metric of several runs. ``hidden``: drawn points that a logarithmic axis has no place for."""

    metric: str
    x: str
    unit: str
    curves: list[Curve]
    log: bool = False
    hidden: int = 0

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
        return "step" if self.x == STEP else f"time since the start, {self.unit}"


def chart(ws: Workspace, runs: Sequence[Run], metric: str, x: str, pixels: int, log: bool = False) -> Chart:
    """Read one metric of several runs.

    Args:
        ws: the workspace.
        runs: the runs, in the order of their colours.
        metric: the metric's name.
        x: ``STEP`` or ``TIME`` (seconds since the run's start).
        pixels: how many columns there are to draw in.
        log: whether the y axis is logarithmic: what isn't positive has no place there.
    """
    labels = _labels(ws, runs)
    heads = _heads(ws, runs, metric, x)
    low = min((head[1] for head in heads.values() if head[1] is not None), default=0.0)
    high = max((head[2] for head in heads.values() if head[2] is not None), default=0.0)
    found = Chart(metric, x, "s", [], log)
    for run in runs:
        curve = Curve(run.id, labels[run.id])
        head = heads.get(run.id)
        if head is not None:
            curve.points, curve.odd = head[0], head[3]
            curve.low, curve.high, curve.last = (math.nan if v is None else float(v) for v in head[4:7])
            _fill(ws, run, curve, metric, x, low, pixels / (high - low) if high > low else 0.0)
        found.curves.append(curve)
    if log:
        _positive(found)
    _scaled(found)
    return found


def metrics(ws: Workspace, runs: Sequence[Run]) -> list[str]:
    """The metrics with numbers that these runs have, those of most runs first."""
    found = listing.last(ws, [run.id for run in runs])
    counts: dict[str, int] = {}
    for values in found.values():
        for name, value in values.items():
            counts[name] = counts.get(name, 0) + (value is not None)
    return sorted((name for name, count in counts.items() if count), key=lambda name: -counts[name])


def _heads(ws: Workspace, runs: Sequence[Run], metric: str, x: str) -> dict[str, Sequence[Any]]:
    """Of each run: points, least x, greatest x, points not finite, least y, greatest y, last y."""
    holes = ", ".join("?" * len(runs))
    relation = ws.sql(
        "SELECT run_id, step, time, value, (attempt, time, writer, seq) AS key FROM curve_points "
        f"WHERE run_id IN ({holes}) AND name = ?",
        params=[*(run.id for run in runs), metric],
    )
    ends = relation.query(
        "points",
        "SELECT run_id, count(*), min(step) FILTER (isfinite(value)), max(step) FILTER (isfinite(value)), "
        "count(*) FILTER (NOT isfinite(value) OR value IS NULL), min(value) FILTER (isfinite(value)), "
        "max(value) FILTER (isfinite(value)), arg_max(value, key), "
        "date_diff('microsecond', min(time), max(time)) / 1e6 FROM points GROUP BY run_id",
    )
    heads: dict[str, Sequence[Any]] = {}
    for run_id, count, low, high, odd, least, most, last, seconds in ends.fetchall() if ends is not None else ():
        span = (low, high) if x == STEP else (0.0, seconds)
        heads[run_id] = (count, *span, odd, least, most, last)
    return heads


def _fill(ws: Workspace, run: Run, curve: Curve, metric: str, x: str, low: float, scale: float) -> None:
    along = "step::DOUBLE" if x == STEP else "date_diff('microsecond', min(time) OVER (), time) / 1e6"
    points = ws.sql(
        "SELECT step, time, value AS y FROM curve_points WHERE run_id = ? AND name = ?", params=[run.id, metric]
    ).query("found", f"SELECT {along} AS x, y FROM found")
    if points is None:
        return
    shape = _SHAPE.replace("$low", repr(float(low))).replace("$scale", repr(float(scale)))
    columns = points.query("points", shape)
    for row in columns.fetchall() if columns is not None else ():
        middle = sorted({(row[2], row[3]), (row[4], row[5])} - {(row[0], row[1]), (row[6], row[7])})
        for px, py in dict.fromkeys([(row[0], row[1]), *middle, (row[6], row[7])]):
            curve.xs.append(float(px))
            curve.ys.append(float(py))


def _positive(found: Chart) -> None:
    for curve in found.curves:
        kept = [(px, py) for px, py in zip(curve.xs, curve.ys, strict=True) if py > 0]
        found.hidden += len(curve.xs) - len(kept)
        curve.xs, curve.ys = [px for px, _ in kept], [py for _, py in kept]


def _scaled(found: Chart) -> None:
    """Seconds become minutes or hours where that gives shorter numbers."""
    longest = max((px for curve in found.curves for px in curve.xs), default=0.0)
    if found.x == STEP or longest < 300:
        return
    found.unit, length = ("h", 3600.0) if longest >= 3 * 3600 else ("min", 60.0)
    for curve in found.curves:
        curve.xs = [px / length for px in curve.xs]


def _labels(ws: Workspace, runs: Sequence[Run]) -> dict[str, str]:
    """What a run is called beside its line: its id, its name, and up to three params that differ."""
    ids = [run.id for run in runs]
    holes = ", ".join("?" * len(ids))
    names = dict(ws.sql(f"SELECT run_id, name FROM runs WHERE run_id IN ({holes})", params=ids).fetchall())
    page = listing.Page([{"run_id": run_id} for run_id in ids], len(ids), listing.params(ws, ids))
    changed = page.changed()[:3] if len(runs) > 1 else []
    labels = {}
    for run_id in ids:
        parts = [run_id[:8], names.get(run_id) or ""]
        parts += [f"{name}={_short(page.params[run_id].get(name))}" for name in changed]
        labels[run_id] = " ".join(filter(None, parts))
    return labels


def _short(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return figures.number(value, 4)
    return str(value)
