"""A stretch of the list of runs: never all of them, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runstore.view.terminal.wanted import Page, Row, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runstore.query.workspace import Workspace

COLUMNS = ("run_id", "experiment", "name", "status", "started", "ended", "points")
MOST_METRICS = 12  # columns that are asked for; a terminal shows fewer
_PLAIN = "length(name) - length(replace(name, '/', ''))"  # those with plain names come first
_LAST = f"""
SELECT run_id, name, last FROM (
    SELECT run_id, name, last, count(*) OVER (PARTITION BY name) AS runs FROM metric_summary
    WHERE run_id IN ({{holes}}) AND last IS NOT NULL{{condition}}
) QUALIFY dense_rank() OVER (ORDER BY runs DESC, {_PLAIN}, name) <= {MOST_METRICS}
ORDER BY runs DESC, {_PLAIN}, name
"""


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
    metrics, values = _values(ws, [row.run_id for row in rows], wanted.given)
    return Page(tuple(rows), wanted.first, total, running, metrics, values)


def _values(
    ws: Workspace, ids: Sequence[str], given: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, dict[str, float]]]:
    """The metrics that most of these runs have, or those given, and their last values by run."""
    values: dict[str, dict[str, float]] = {run_id: {} for run_id in ids}
    names = dict.fromkeys(given)
    if ids:
        condition = f" AND name IN ({_holes(given)})" if given else ""
        query = _LAST.format(holes=_holes(ids), condition=condition)
        for run_id, name, value in ws.sql(query, params=[*ids, *given]).fetchall():
            names.setdefault(name)
            values[run_id][name] = value
    return tuple(names), values


def _holes(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
