"""The curves of a chart: few enough points to draw, chosen so that the line looks as if all were drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runstore.cli import figures, listing
from runstore.view.terminal.ticks import Axis, axis

if TYPE_CHECKING:
    from runstore import Run, Workspace

STEP, TIME = "step", "time"
_UNITS = ((3 * 3600, "h", 3600.0), (300, "min", 60.0))  # from so many seconds on, in this unit

_CORNERS = ("first_x", "first_y", "min_x", "min_y", "max_x", "max_y", "last_x", "last_y")
_SUMMARY = "SELECT run_id, count, last, min, max FROM metric_summary WHERE name = ? AND run_id IN ({holes})"


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
    along = "relative" if x == TIME else x
    rows = ws.curves(metric, list(curves), x=along, points=pixels, corners=True, positive=log)
    columns = ", ".join(("run_id", *_CORNERS))
    for run_id, *corners in rows.filter("first_x IS NOT NULL").order("run_id, bucket").select(columns).fetchall():
        _append(curves[run_id], *corners)
    numbers = _finite(ws, metric, list(curves))
    for run_id, points, last, low, high in _summaries(ws, metric, list(curves)):
        curve = curves[run_id]
        curve.points, curve.odd = points, points - numbers.get(run_id, 0)
        curve.last, curve.low, curve.high = (math.nan if v is None else v for v in (last, low, high))
    total = sum(numbers.values())
    found.hidden = total - sum(_finite(ws, metric, list(curves), positive=True).values()) if log else 0
    found.apart = total - sum(_finite(ws, metric, list(curves), x=x).values()) if x not in (STEP, TIME, metric) else 0
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


def _finite(ws: Workspace, metric: str, run_ids: list[str], x: str = STEP, positive: bool = False) -> dict[str, int]:
    """How many finite numbers of each run have a place on the axes."""
    rows = ws.curves(metric, run_ids, x=x, points=1, positive=positive)
    return dict(rows.select("run_id, count - nan_count - inf_count").fetchall())


def _summaries(ws: Workspace, metric: str, run_ids: list[str]) -> list[tuple[Any, ...]]:
    holes = ", ".join("?" * len(run_ids))
    return ws.sql(_SUMMARY.format(holes=holes), params=[metric, *run_ids]).fetchall()


def _append(curve: Curve, *corners: float) -> None:
    """The points of one column of pixels: no line through all of it differs from that through these."""
    first, *middle, last = zip(corners[::2], corners[1::2], strict=True)
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
