"""Questions with one answer each: any statement, the list of runs, a run's history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from runstore.errors import QueryError, UsageError
from runstore.query import catalog, connect, listing, statement
from runstore.query.catalog import Catalog
from runstore.query.connect import DuckDBPyConnection, DuckDBPyRelation, quoted
from runstore.query.filters import Names, order
from runstore.query.macros import MACROS
from runstore.query.moment import Moment
from runstore.query.statement import Parameters
from runstore.query.views import VIEWS


def ask(
    workspace: Path,
    query: str,
    parameters: Parameters = None,
    *,
    every: Catalog | None = None,
    numbers: bool = True,
    names: Collection[str] | None = None,
    until: int | None = None,
    page: Mapping[str, int] | None = None,
) -> DuckDBPyRelation:
    """Bind what a statement needs, of one moment, and give its relation.

    Args:
        workspace: the workspace's directory.
        query: SQL.
        parameters: values for its ``?`` or ``$name``.
        every: all runs, where they are listed already.
        numbers: False where sequence numbers only give the order.
        names: the only metrics whose rows can matter, where the statement doesn't tell.
        until: as of this time (``query.past``); None for now.
        page: the numbers of the only runs that will be shown, which are folded all; None for all.

    Raises:
        QueryError: DuckDB refuses the statement.
    """
    connection = connect.connect()
    with connect.refusals():
        bind(
            connection, workspace, query, parameters,
            every=every, numbers=numbers, names=names, until=until, page=page,
        )  # fmt: skip
        try:
            found = connection.sql(query, params=parameters) if parameters else connection.sql(query)
        except connect.NotInCatalog as problem:
            raise QueryError(_unknown(connect.one_line(str(problem)))) from None
        return found if found is not None else connection.sql("SELECT true AS done")


def bind(
    connection: DuckDBPyConnection,
    workspace: Path,
    query: str,
    parameters: Parameters = None,
    *,
    every: Catalog | None = None,
    numbers: bool = True,
    names: Collection[str] | None = None,
    until: int | None = None,
    page: Mapping[str, int] | None = None,
) -> None:
    """Make on a connection what a statement needs, as ``ask`` does, without running it."""
    wanted = statement.parse(connection, query, VIEWS, parameters)
    wanted.numbers = wanted.numbers and numbers
    wanted.names = frozenset(names) if names is not None else wanted.names
    wanted.run_ids = wanted.run_ids if page is None else None  # what fields there are, of what types, all runs tell
    Moment(connection, workspace, wanted, every, until, page).bind()


def _unknown(text: str) -> str:
    """What DuckDB doesn't know, with what there is of its kind."""
    kinds: dict[str, tuple[str, Iterable[str]]] = {
        "Table with name": ("views", VIEWS), "Table Function with name": ("macros", MACROS)
    }  # fmt: skip
    for begin, (kind, names) in kinds.items():
        if begin in text:
            return f"{text.partition(' Did you mean')[0]}; the {kind} are {', '.join(names)}"
    return text


def runs(
    workspace: Path,
    *,
    where: str | None = None,
    sort: str | Sequence[str] | None = None,
    columns: Iterable[str] | None = None,
    limit: int | None = None,
    offset: int = 0,
    desc: bool = False,
    experiment: str | None = None,
    until: int | None = None,
    every: Catalog | None = None,
) -> DuckDBPyRelation:
    """The runs as a relation; see ``Workspace.runs``. ``every``: all runs, where they are listed already."""
    every = every or catalog.of(workspace, until)
    names = Names(every)
    chosen = [f"{names.expression(one)} AS {connect.name(one)}" for one in columns] if columns is not None else _ALL
    by = []
    for one in [sort] if isinstance(sort, str) else sort or []:
        expression, down = order(one, names.expression)
        if down or (down is None and desc):  # DuckDB has NaN above every number; a run that diverged is not the best
            by += [f"coalesce(({expression})::VARCHAR = 'nan', false)", f"{expression} DESC NULLS LAST"]
        else:
            by.append(f"{expression} ASC NULLS LAST")
    tail = f" ORDER BY {', '.join([*by, 'runs.started DESC', 'runs.run_id'])}"
    rest, shown = f"{which(names, experiment, where)}{tail}{page(limit, offset)}", None
    if every.indexed is not None and columns is None and limit is not None and limit <= _PAGE:
        found = ask(workspace, f"SELECT runs.run_id, runs.number FROM runs{rest}", every=every, until=until)
        shown = dict(found.fetchall())
        told = listing.some(workspace, shown.keys() - {run.run_id for run in every.loose}, until=until)
        every = replace(every, loose=[*every.loose, *told])  # folded, they have their fields at hand
        rest = f"{which(names, experiment, _SHOWN.format(', '.join(map(quoted, shown)) or 'NULL'))}{tail}"
    return ask(workspace, f"SELECT {', '.join(chosen)} FROM runs{rest}", every=every, until=until, page=shown)


def count(workspace: Path, every: Catalog, where: str | None = None, experiment: str | None = None) -> int:
    """How many runs ``runs`` gives without a limit."""
    if experiment is None and not (where and where.strip()):
        return len(every.loose) + (every.indexed.ask("count(*)")[0][0] if every.indexed is not None else 0)
    query = f"SELECT count(*) FROM runs{which(Names(every), experiment, where)}"
    return int(ask(workspace, query, every=every).fetchall()[0][0])


def which(names: Names, experiment: str | None, where: str | None) -> str:
    """The WHERE over ``runs`` of an experiment and a filter; empty without both."""
    conditions = [f"runs.experiment = {quoted(experiment)}"] if experiment is not None else []
    if where is not None and where.strip():
        conditions.append(names.condition(connect.connect(), where))
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def page(limit: int | None, offset: int = 0) -> str:
    """The LIMIT and OFFSET of a page.

    Raises:
        UsageError: one of them is negative.
    """
    if offset < 0 or (limit is not None and limit < 0):
        raise UsageError(f"limit and offset are at least 0, not {limit} and {offset}")
    return (f" LIMIT {int(limit)}" if limit is not None else "") + (f" OFFSET {int(offset)}" if offset else "")


_SHOWN = "runs.run_id IN ({})"
_PAGE = 500  # runs that are sooner folded than gathered from an index
_ALL = [f"runs.{connect.name(column)}" for column in VIEWS["runs"]]
_HISTORY = ("name", "step", "time", "value", "kind", "text", "attempt", "writer")


def history(workspace: Path, run_id: str, names: Iterable[str] | None = None) -> DuckDBPyRelation:
    """A run's points that count, in the order of logging; see ``Run.history``."""
    query = f"SELECT {', '.join(_HISTORY)} FROM curve_points WHERE run_id = {quoted(run_id)}"
    if names is not None:
        query += f" AND name IN ({', '.join(map(quoted, names)) or 'NULL'})"
    return ask(workspace, f"{query} ORDER BY attempt, time, writer, seq", numbers=False)
