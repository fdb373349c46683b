"""Runs by how well they did: the final value of a metric, or its least, greatest, mean or first. Never from points."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from runstore.errors import UsageError
from runstore.query import catalog, connect, history
from runstore.query.connect import DuckDBPyRelation, quoted
from runstore.query.filters import Names

MODES = ("min", "max")
OF = ("last", "min", "max", "mean", "first")

_FIXED = ("run_id", "experiment", "name", "status")
_BOARD = """
WITH chosen AS (SELECT {chosen} FROM runs{which}),
valued AS (
    SELECT {kept}, s.{of} AS value, {sign}nullif(s.{of}, 'nan'::DOUBLE) AS key
    FROM chosen LEFT JOIN metric_summary s ON s.run_id = chosen.run_id AND s.name = {metric}
)
SELECT CASE WHEN v.key IS NOT NULL THEN rank() OVER (ORDER BY v.key NULLS LAST) END AS rank, {shown}
FROM valued v ORDER BY v.key NULLS LAST, v.started DESC, v.run_id{page}
"""


def leaderboard(
    workspace: Path,
    metric: str,
    mode: str,
    *,
    of: str,
    experiment: str | None,
    where: str | None,
    columns: Iterable[str] | None,
    limit: int | None,
    offset: int,
) -> DuckDBPyRelation:
    """The runs, the best first; see ``Workspace.leaderboard``."""
    chosen(mode, MODES, "mode")
    chosen(of, OF, "of")
    every = catalog.of(workspace)
    names = Names(every)
    metric = names.metric(metric)
    others = {f"c{at}": (one, names.expression(one)) for at, one in enumerate(columns or ())}
    inner = [f"runs.{one}" for one in (*_FIXED, "started")]
    inner += [f"{expression} AS {alias}" for alias, (_, expression) in others.items()]
    shown = [f"v.{one}" for one in (*_FIXED, "value")]
    shown += [f"v.{alias} AS {connect.name(one)}" for alias, (one, _) in others.items()]
    query = _BOARD.format(
        chosen=", ".join(inner),
        kept=", ".join(f"chosen.{one}" for one in (*_FIXED, "started", *others)),  # a star would name every figure
        which=history.which(names, experiment, where),
        of=of,
        sign="-" if mode == "max" else "",
        metric=quoted(metric),
        shown=", ".join(shown),
        page=history.page(limit, offset),
    )
    return history.ask(workspace, query, every=every, names={metric})


def chosen(given: str, among: Iterable[str], what: str) -> None:
    """Refuse what is none of these.

    Raises:
        UsageError: that.
    """
    if given not in among:
        raise UsageError(f"{what} is one of {', '.join(map(repr, among))}, not {given!r}")
