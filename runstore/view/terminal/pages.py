"""A stretch of the list of runs: never all of them, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runstore.view.terminal.wanted import Page, Row, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runstore.query.workspace import Workspace

COLUMNS = ("run_id", "experiment", "name", "status", "started", "ended", "points")
MOST_METRICS = 12  # columns that are asked for; a terminal shows fewer
_NAMES = """
SELECT name FROM metric_summary WHERE run_id IN ({holes}) AND last IS NOT NULL
GROUP BY name ORDER BY count(*) DESC, length(name) - length(replace(name, '/', '')), name LIMIT {most}
"""
_LAST = "SELECT run_id, name, last FROM metric_summary WHERE run_id IN ({holes}) AND name IN ({names})"


def read(ws: Workspace, wanted: Wanted) -> Page:
    """The runs from ``wanted.first`` on, with the last values of their main metrics.

    Raises:
        QueryError: the filter or the order means nothing.
    """
    found = ws.runs(
        wanted.where or None, wanted.sort or None, COLUMNS, desc=wanted.desc, experiment=wanted.experiment
    )  # fmt: skip
    rows = [Row(*row) for row in found.limit(wanted.limit, wanted.first).fetchall()]
    counted = "count(*), count(*) FILTER (status = 'Running')"
    ((total, running),) = found.aggregate(counted).fetchall()
    ids = [row.run_id for row in rows]
    metrics = _metrics(ws, ids, wanted.given)
    return Page(tuple(rows), wanted.first, total, running, metrics, _values(ws, ids, metrics))


def _metrics(ws: Workspace, ids: Sequence[str], given: Sequence[str]) -> tuple[str, ...]:
    """The metrics that most of these runs have, those with plain names first."""
    if given or not ids:
        return tuple(given)
    query = _NAMES.format(holes=_holes(ids), most=MOST_METRICS)
    return tuple(name for (name,) in ws.sql(query, params=list(ids)).fetchall())


def _values(ws: Workspace, ids: Sequence[str], names: Sequence[str]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {run_id: {} for run_id in ids}
    if ids and names:
        query = _LAST.format(holes=_holes(ids), names=_holes(names))
        for run_id, name, value in ws.sql(query, params=[*ids, *names]).fetchall():
            if value is not None:
                found[run_id][name] = value
    return found


def _holes(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
