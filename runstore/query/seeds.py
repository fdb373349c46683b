"""Statistics over runs that differ by chance only: of final values, and along curves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from runstore.errors import UsageError
from runstore.query import catalog, connect, curves, history, intervals
from runstore.query.connect import DuckDBPyConnection, DuckDBPyRelation, name, quoted
from runstore.query.curves import Asked
from runstore.query.filters import Names
from runstore.query.moment import Moment
from runstore.query.statement import Statement

LAST, MIN, MAX, MEAN = "last", "min", "max", "mean"
VALUES = (LAST, MIN, MAX, MEAN)
"""Which number of a metric stands for a run."""


def groups(
    workspace: Path, metric: str, by: str | Iterable[str], of: str, experiment: str | None, where: str | None
) -> DuckDBPyRelation:
    """See ``Workspace.groups``."""
    connection = connect.connect()
    with connect.refusals():
        keys = keyed(connection, workspace, by, experiment, where)
        values(connection, workspace, metric, of)
        return connection.sql(
            f"SELECT {_named(keys)}{intervals.aggregates('v')}, {intervals.odd('v')} "
            f"FROM keyed JOIN run_values USING (run_id) WHERE v IS NOT NULL {_grouped(keys)}"
        )


def group_curves(workspace: Path, asked: Asked, by: str | Iterable[str], where: str | None) -> DuckDBPyRelation:
    """See ``Workspace.group_curves``."""
    connection = connect.connect()
    with connect.refusals():
        return connection.sql(grouped(connection, workspace, asked, by, where)[1])


def grouped(
    connection: DuckDBPyConnection,
    workspace: Path,
    asked: Asked,
    by: str | Iterable[str],
    where: str | None,
    more: Callable[[str], str] | None = None,
) -> tuple[list[str], str]:
    """What ``group_curves`` asks of a connection, and the names before it that tell groups apart.

    ``more``: what else is told of the numbers that an expression gives, beside ``intervals.aggregates``.
    """
    keys = keyed(connection, workspace, by, asked.experiment, where)
    if where is not None:
        rows = connection.execute("SELECT run_id FROM keyed").fetchall()
        asked = replace(asked, run_ids=tuple(run_id for (run_id,) in rows))
    curves.into(connection, workspace, asked, "curve_buckets")
    told = intervals.aggregates("mean") + (f", {more('mean')}" if more else "")
    return [*keys.values()], (
        f"SELECT {_named(keys)}bucket, list_avg(list(x ORDER BY x)) AS x, {told} "
        f"FROM keyed JOIN curve_buckets USING (run_id) {_grouped(keys, 'bucket')}"
    )


def keyed(
    connection: DuckDBPyConnection, workspace: Path, by: str | Iterable[str], experiment: str | None, where: str | None
) -> dict[str, str]:
    """Make the table ``keyed`` of runs and what they are grouped by.

    Returns:
        Its columns beside ``run_id``: to each, the name that was given.

    Raises:
        QueryError: a name means nothing or two things, or the filter is no boolean.
    """
    every = catalog.of(workspace)
    names = Names(every)
    given = {f"key_{place}": one for place, one in enumerate([by] if isinstance(by, str) else by)}
    columns = "".join(f", {names.expression(one)} AS {key}" for key, one in given.items())
    conditions = [f"runs.experiment = {quoted(experiment)}"] if experiment is not None else []
    if where is not None and where.strip():
        conditions.append(names.condition(connection, where))
    query = f"SELECT runs.run_id{columns} FROM runs WHERE {' AND '.join(conditions) or 'true'}"
    history.bind(connection, workspace, query, every=every)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE keyed AS {query}")
    return given


def values(connection: DuckDBPyConnection, workspace: Path, metric: str, of: str) -> None:
    """Make the view ``run_values``: of every run that logged a metric its number ``v``.

    Raises:
        UsageError: ``of`` is none of ``VALUES``.
    """
    if of not in VALUES:
        raise UsageError(f"of {of!r}; it is one of {', '.join(VALUES)}")
    columns = frozenset({"run_id", "name", of})
    Moment(connection, workspace, Statement({"metric_summary"}, columns=columns, names=frozenset({metric}))).bind()
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW run_values AS SELECT run_id, {name(of)} AS v FROM metric_summary "
        f"WHERE name = {quoted(metric)}"
    )


def _named(keys: dict[str, str]) -> str:
    return "".join(f"{key} AS {name(given)}, " for key, given in keys.items())


def _grouped(keys: dict[str, str], *more: str) -> str:
    listed = ", ".join([*keys, *more])
    return f"GROUP BY {listed} ORDER BY {listed}" if listed else ""
