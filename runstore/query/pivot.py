"""Runs as a wide table: a row each, a column for every metric and param whose name is chosen."""

from __future__ import annotations

import fnmatch
import itertools
import re
import warnings
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from runstore.errors import QueryError
from runstore.query import catalog, connect, feed, fields, history, indexed_views, leaderboard, listing
from runstore.query.catalog import Catalog, Indexed
from runstore.query.connect import DuckDBPyConnection, DuckDBPyRelation
from runstore.query.fact_rows import number
from runstore.query.filters import Names
from runstore.query.index_tables import METRIC, PARAM
from runstore.query.moment import Moment
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
    every, connection = catalog.of(workspace), connect.connect()
    with connect.refusals():
        _choose(connection, workspace, every, experiment, where)
    rows = _rows(connection, every.indexed)
    of_run = {run.run_id: run for run in every.loose}
    runs = [of_run[row["run_id"]] for row in rows]
    exact = None if names is None or isinstance(names, str) else frozenset(names := [*names])
    asked = Statement(views={"metric_summary"}, names=exact, columns=frozenset())
    found = Moment(connection, workspace, asked, Catalog(workspace, runs)).values(of)
    kinds = every.indexed.kinds_of(_CHOSEN, connection) if every.indexed is not None else {}
    logged = itertools.chain(*(found.get(run.run_id, ()) for run in runs), kinds.get(METRIC, ()))
    metrics = _names(sorted({*logged}), names)  # in one order, wherever the runs are stored
    given = [run.params if params is not None else {} for run in runs]
    leaves = _names(itertools.chain(*given, kinds.get(PARAM, ())), params) if params is not None else []
    _fits(len(metrics) + len(leaves))

    types, columns = {}, {leaf: f"p{at}" for at, leaf in enumerate(leaves)}
    for leaf, column in columns.items():
        given_values = [listing.value(one.get(leaf)) for one in given]
        types[column], values = fields.typed(given_values, kinds.get(PARAM, {}).get(leaf, ()))
        for row, value in zip(rows, values, strict=True):
            row[column] = value
    for row in rows:
        of_metric = found.get(row["run_id"], {})
        row["v"] = [number(of_metric.get(metric)) for metric in metrics]  # one list: as quick as it gets
    kept = {"place": "BIGINT"} | dict.fromkeys(_FIXED, "VARCHAR") | {"v": "DOUBLE[]"} | types
    feed.rows(connection, "pivoted", kept, rows)
    titles = _titles(leaves, metrics, of)
    cells = [*types] + [f"v[{at}]" for at in range(1, len(metrics) + 1)]
    shown = [*_FIXED, *(f"{cell} AS {connect.name(title)}" for cell, title in zip(cells, titles, strict=True))]
    with connect.refusals():
        if every.indexed is not None:
            joins = indexed_views.gathered(every.indexed, PARAM, columns, types, kinds.get(PARAM, ()))
            _add(connection, every.indexed, of, metrics, joins, [*kept])
        ordered = "(FROM pivoted ORDER BY place)"  # beside thousands of columns it costs the square of them
        return connection.sql(f"SELECT {', '.join(shown)} FROM {ordered}")


_CHOSEN = "run_id IN (SELECT run_id FROM chosen)"


def _choose(
    connection: DuckDBPyConnection, workspace: Path, every: Catalog, experiment: str | None, where: str | None
) -> None:
    """Make the table ``chosen`` of the runs that are meant, in their order."""
    which = history.which(Names(every), experiment, where)
    query = f"SELECT {', '.join(f'runs.{one}' for one in _FIXED)} FROM runs{which} ORDER BY started DESC, run_id"
    history.bind(connection, workspace, query, every=every)
    connection.execute(f"CREATE TEMP TABLE chosen AS SELECT row_number() OVER () AS place, * FROM ({query})")


def _rows(connection: DuckDBPyConnection, indexed: Indexed | None) -> list[dict[str, Any]]:
    """Those of them that are folded."""
    columns = ("place", *_FIXED)
    others = f"run_id NOT IN (SELECT run_id FROM {indexed.table('runs')})" if indexed is not None else "true"
    query = f"SELECT {', '.join(columns)} FROM chosen WHERE {others} ORDER BY place"
    return [dict(zip(columns, row, strict=True)) for row in connection.execute(query).fetchall()]


def _add(
    connection: DuckDBPyConnection, indexed: Indexed, of: str, metrics: Sequence[str], params: str, columns: list[str]
) -> None:
    """Add those of them that an index tells of to the table ``pivoted``."""
    numbered = ({"place": place, "name": metric} for place, metric in enumerate(metrics))
    feed.rows(connection, "pivoted_names", {"place": "BIGINT", "name": "VARCHAR"}, numbered)
    whose = f"SELECT run_id FROM {indexed.table('runs', _CHOSEN)}"
    lists = indexed_views.figures(indexed, of, whose, "pivoted_names")
    told = f"(SELECT run_id, id FROM {indexed.table('runs', _CHOSEN)})"
    source = f"chosen JOIN {told} USING (run_id) LEFT JOIN ({lists}) USING (run_id) {params}"
    connection.execute(f"INSERT INTO pivoted BY NAME SELECT {', '.join(columns)} FROM {source}")


def _names(met: Iterable[str], wanted: Chosen) -> list[str]:
    """The names that are chosen: of a list in its order, else as they were met."""
    known = dict.fromkeys(met)
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
