"""Runs as a wide table: a row each, a column for every metric and param whose name is chosen."""

from __future__ import annotations

import fnmatch
import re
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from runstore.errors import QueryError
from runstore.query import connect, feed, fields, history, leaderboard, listing
from runstore.query.connect import DuckDBPyRelation
from runstore.query.filters import Names
from runstore.query.moment import Moment, number
from runstore.query.statement import Statement

Chosen: TypeAlias = str | Iterable[str] | None

WIDEST = 20_000  # columns; DuckDB takes 1.5 s for these, 15 s and more memory than a query may for 100,000
_FIXED = ("run_id", "experiment", "name", "status")
_GLOB = re.compile(r"[*?\[]")


def pivot(
    workspace: Path, names: Chosen, *, of: str, experiment: str | None, where: str | None, params: Chosen
) -> DuckDBPyRelation:
    """The wide table; see ``Workspace.pivot``."""
    leaderboard.chosen(of, leaderboard.OF, "of")
    every = listing.runs(workspace)
    which = history.which(Names(every), experiment, where)
    query = f"SELECT {', '.join(f'runs.{one}' for one in _FIXED)} FROM runs{which} ORDER BY started DESC, run_id"
    rows = [dict(zip(_FIXED, row, strict=True)) for row in history.ask(workspace, query, every=every).fetchall()]
    of_run = {run.run_id: run for run in every}
    runs = [of_run[row["run_id"]] for row in rows]

    connection = connect.connect()
    exact = None if names is None or isinstance(names, str) else frozenset(names := [*names])
    asked = Statement(views={"metric_summary"}, names=exact, columns=frozenset())
    found = Moment(connection, workspace, asked, runs).values(of)
    metrics = _names([found.get(run.run_id, {}) for run in runs], names)
    given = [run.params if params is not None else {} for run in runs]
    leaves = _names(given, params) if params is not None else []
    _fits(len(metrics) + len(leaves))

    columns: dict[str, str] = dict.fromkeys(_FIXED, "VARCHAR") | {"v": "DOUBLE[]"}
    for at, leaf in enumerate(leaves):
        columns[f"p{at}"], values = fields.typed([listing.value(one.get(leaf)) for one in given])
        for row, value in zip(rows, values, strict=True):
            row[f"p{at}"] = value
    for row in rows:
        of_metric = found.get(row["run_id"], {})
        row["v"] = [number(of_metric.get(metric)) for metric in metrics]  # one list: as quick as it gets
    feed.rows(connection, "pivoted", columns, rows)
    titles = _titles(leaves, metrics, of)
    cells = [f"p{at}" for at in range(len(leaves))] + [f"v[{at}]" for at in range(1, len(metrics) + 1)]
    shown = [*_FIXED, *(f"{cell} AS {connect.name(title)}" for cell, title in zip(cells, titles, strict=True))]
    with connect.refusals():
        return connection.sql(f"SELECT {', '.join(shown)} FROM pivoted")


def _names(given: Sequence[Mapping[str, Any]], wanted: Chosen) -> list[str]:
    """The names that are chosen: of a list in its order, else as they were met."""
    known = dict.fromkeys(name for one in given for name in one)
    if isinstance(wanted, str):
        found = [*filter(chosen(wanted, known), known)]
    else:
        found = [*(known if wanted is None else dict.fromkeys(wanted))]
    odd = [name for name in found if "\0" in name]
    for name in odd:
        warnings.warn(
            f"{name!r} holds a NUL; it can't be a column, see the views params and metric_summary", stacklevel=2
        )
    return [name for name in found if name not in odd]


def chosen(pattern: str, known: Collection[str]) -> Callable[[str], bool]:
    """What tells whether a name is meant: a name that there is, else a glob (``*``, ``?``, ``[``) or a LIKE (``%``)."""
    if pattern in known:
        return pattern.__eq__
    if _GLOB.search(pattern):
        return lambda name: fnmatch.fnmatchcase(name, pattern)
    if "%" in pattern:
        wild = {"%": ".*", "_": "."}
        regex = re.compile("".join(wild.get(one) or re.escape(one) for one in pattern), re.DOTALL)
        return lambda name: regex.fullmatch(name) is not None
    return pattern.__eq__


def _titles(params: Sequence[str], metrics: Sequence[str], of: str) -> list[str]:
    """What the columns are called; a name that another column has says what it is."""
    taken = {*_FIXED}
    both = {name.lower() for name in params} & {name.lower() for name in metrics} | taken
    titles = [f"params.{name}" if name.lower() in both else name for name in params]
    return titles + [f"{of}.{name}" if name.lower() in both else name for name in metrics]


def _fits(width: int) -> None:
    if width > WIDEST:
        raise QueryError(
            f"{width:,} names are more than the {WIDEST:,} columns a table may have here; choose with names=, such as "
            "'val/*', or ask for rows: select run_id, name, last from metric_summary"
        )
