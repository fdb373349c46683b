"""A stretch of the list of runs: never all of them, however many there are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runstore.view.terminal.wanted import Page, Row, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runstore.query.workspace import Workspace

COLUMNS = ("run_id", "experiment", "name", "status", "started", "ended", "points")
MOST_METRICS = 12  # columns that are asked for; a terminal shows fewer
_LAST = """
SELECT name, list(run_id), list(last) FROM metric_summary WHERE run_id IN ({holes}) AND last IS NOT NULL{condition}
GROUP BY name ORDER BY count(*) DESC, length(name) - length(replace(name, '/', '')), name LIMIT {most}
"""


def read(ws: Workspace, wanted: Wanted) -> Page:
    """The runs from ``wanted.first`` on.

    Raises:
        QueryError: the filter or the order means nothing.
    """
    found = ws.runs(
        wanted.where or None, wanted.sort or None, COLUMNS, desc=wanted.desc, experiment=wanted.experiment
    )  # fmt: skip
    rows = [Row(*row) for row in found.limit(wanted.limit, wanted.first).fetchall()]
    counted = "count(*), count(*) FILTER (status = 'Running')"
    ((total, running),) = found.aggregate(counted).fetchall()
    return Page(tuple(rows), wanted.first, total, running)


def values(ws: Workspace, page: Page, given: Sequence[str]) -> Page:
    """The page with the last values of the metrics that most of its runs have, those with plain names first.

    Args:
        ws: the workspace.
        page: what was read; as long as its rows are the same, so are the values.
        given: the metrics, where some were named.
    """
    ids = [row.run_id for row in page.rows]
    if not ids:
        return page
    condition = f" AND name IN ({_holes(given)})" if given else ""
    query = _LAST.format(holes=_holes(ids), condition=condition, most=max(MOST_METRICS, len(given)))
    found: dict[str, dict[str, float]] = {run_id: {} for run_id in ids}
    names = dict.fromkeys(given)
    for name, runs, last in ws.sql(query, params=[*ids, *given]).fetchall():
        names.setdefault(name)
        for run_id, value in zip(runs, last, strict=True):
            found[run_id][name] = value
    return replace(page, metrics=tuple(names), values=found)


def _holes(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
