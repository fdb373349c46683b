"""The curves of the chosen runs, as few points as there are dots to draw them with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runstore.query.listing import short
from runstore.view.terminal.wanted import TIME, Chart, Charts, Series, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runstore.query.workspace import Workspace

_CORNERS = ("first_x", "first_y", "min_x", "min_y", "max_x", "max_y", "last_x", "last_y")
_UNITS = ((3 * 3600, "h", 3600.0), (300, "min", 60.0))  # from so many seconds on, in this unit
_NAMES = """
SELECT name, count(*) OVER () FROM metric_summary WHERE run_id IN ({holes}) AND last IS NOT NULL{condition}
GROUP BY name ORDER BY count(*) DESC, length(name) - length(replace(name, '/', '')), name
LIMIT {limit} OFFSET {skip}
"""
_SUMMARY = """
SELECT name, run_id, count, nan_count + inf_count, last, min, max FROM metric_summary
WHERE run_id IN ({holes}) AND name IN ({names})
"""


def read(
    ws: Workspace, wanted: Wanted, run_ids: Sequence[str], called: Mapping[str, str | None] | None = None
) -> Charts:
    """The charts of these runs, in the order of their colours. ``called``: the names of runs, as far as known."""
    if not run_ids:
        return Charts()
    names, total = _names(ws, wanted, run_ids)
    if not names:
        return Charts((), total)
    labels = _labels(ws, run_ids, called or {})
    charts = {name: Chart(name, [Series(one, labels[one], at) for at, one in enumerate(run_ids)]) for name in names}
    for chart in charts.values():
        _trace(ws, wanted, chart)
    _sum_up(ws, run_ids, charts)
    if wanted.log:
        _hide(ws, run_ids, charts)
    for chart in charts.values():
        chart.series = [one for one in chart.series if one.points]
        if wanted.x == TIME:
            _scale(chart)
    return Charts(tuple(charts.values()), total)


def _names(ws: Workspace, wanted: Wanted, run_ids: Sequence[str]) -> tuple[list[str], int]:
    """The metrics to draw and how many there are; a search finds any part of a name, in whatever case."""
    condition, params = "", list(run_ids)
    if wanted.search:
        condition = " AND contains(lower(name), lower(?))"
        params.append(wanted.search)
    elif wanted.given:
        condition = f" AND name IN ({_holes(wanted.given)})"
        params += wanted.given
    query = _NAMES.format(
        holes=_holes(run_ids), condition=condition, limit=int(wanted.charts), skip=int(wanted.skip)
    )  # fmt: skip
    rows = ws.sql(query, params=params).fetchall()
    return [name for name, _ in rows], rows[0][1] if rows else 0


def _trace(ws: Workspace, wanted: Wanted, chart: Chart) -> None:
    """Fill in the lines: all corners of what is raw, so that peaks are seen; the smoothed means of what isn't.

    One question for each metric: of several in one, the x axis would be cut for the longest of them.
    """
    series = {one.run_id: one for one in chart.series}
    rows = ws.curves(
        chart.metric, list(series), x=wanted.x, points=wanted.pixels, smoothing=wanted.smoothing,
        corners=True, positive=wanted.log,
    )  # fmt: skip
    told = rows.filter("first_x IS NOT NULL").order("run_id, bucket")
    if wanted.smoothing:
        for run_id, x, y in told.select("run_id, x, smoothed").fetchall():
            series[run_id].xs.append(x)
            series[run_id].ys.append(y)
        return
    for run_id, *corners in told.select(", ".join(("run_id", *_CORNERS))).fetchall():
        _append(series[run_id], *corners)


def _append(one: Series, *corners: float) -> None:
    """The points of one column of dots: no line through all of it differs from that through these."""
    first, *middle, last = zip(corners[::2], corners[1::2], strict=True)
    for x, y in dict.fromkeys([first, *sorted(set(middle) - {first, last}), last]):
        one.xs.append(x)
        one.ys.append(y)


def _sum_up(ws: Workspace, run_ids: Sequence[str], charts: dict[str, Chart]) -> None:
    series = {(name, one.run_id): one for name, chart in charts.items() for one in chart.series}
    query = _SUMMARY.format(holes=_holes(run_ids), names=_holes(list(charts)))
    for name, run_id, *told in ws.sql(query, params=[*run_ids, *charts]).fetchall():
        one = series[name, run_id]
        one.points, one.odd, one.last, one.low, one.high = told


def _hide(ws: Workspace, run_ids: Sequence[str], charts: dict[str, Chart]) -> None:
    """Count what isn't above 0."""
    rows = ws.curves(charts, list(run_ids), points=1, positive=True).select("name, count - nan_count - inf_count")
    drawn: dict[str, int] = {}
    for name, count in rows.fetchall():
        drawn[name] = drawn.get(name, 0) + count
    for name, chart in charts.items():
        chart.hidden = sum(one.points - one.odd for one in chart.series) - drawn.get(name, 0)


def _scale(chart: Chart) -> None:
    """Seconds become minutes or hours where that gives shorter numbers."""
    longest = max((x for one in chart.series for x in one.xs), default=0.0)
    chart.unit, length = next(((unit, length) for least, unit, length in _UNITS if longest >= least), ("s", 1.0))
    for one in chart.series:
        one.xs = [x / length for x in one.xs]


def _labels(ws: Workspace, run_ids: Sequence[str], called: Mapping[str, str | None]) -> dict[str, str]:
    names, missing = dict(called), [run_id for run_id in run_ids if run_id not in called]
    if missing:
        query = f"SELECT run_id, name FROM runs WHERE run_id IN ({_holes(missing)})"
        names |= dict(ws.sql(query, params=missing).fetchall())
    return {run_id: f"{short(run_id)} {names.get(run_id) or ''}".strip() for run_id in run_ids}


def _holes(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
