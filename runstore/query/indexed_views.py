"""What the views say of runs that indexes tell of, as SELECTs over the index's files."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping

from runstore.format.values import EXACT_INT
from runstore.query import views
from runstore.query.catalog import Indexed
from runstore.query.connect import name, quoted
from runstore.query.index_tables import METRIC, PARAM, PROPERTY, TAG

_APART = 40  # names that are joined one by one: each reads its own stretch of the file; more are taken in groups
_GROUP = 64

_EXACT = quoted(str(EXACT_INT)), quoted(str(-EXACT_INT))
_BEYOND = f"kind = 'int' AND abs(value) >= {EXACT_INT} AND text NOT IN ({', '.join(_EXACT)})"
_FROM_LABELS = {"text": f"CASE WHEN kind IN ('str', 'json') OR ({_BEYOND}) THEN text END"}
_TEXTS = {"value": "text"}

_VALUES = {
    PARAM: ("labels", f"of = '{PARAM}' AND holds", "value", "text"),
    METRIC: ("summary", "true", "last", "last_text"),
}
"""Where the values of params and metrics stand: table, condition, number, text."""


def select(view: str, indexed: Indexed) -> str:
    """A view over facts or ``metric_summary``, of the runs in indexes."""
    table, condition, special = {
        "params": ("labels", f"of = '{PARAM}'", _FROM_LABELS),
        "tags": ("labels", f"of = '{TAG}'", _TEXTS),
        "properties": ("labels", f"of = '{PROPERTY}'", _TEXTS),
        "metric_summary": ("summary", "true", {}),
    }.get(view, (view, "true", {}))
    return f"SELECT {_columns(view, special)} FROM {indexed.table(table, condition)}"


def _columns(view: str, special: Mapping[str, str]) -> str:
    shown = []
    for column, kind in views.VIEWS[view].items():
        expression = special.get(column, name(column))
        shown.append(f"{f'make_timestamp({expression})' if kind == 'TIMESTAMP' else expression} AS {name(column)}")
    return ", ".join(shown)


def runs(indexed: Indexed, structs: Mapping[str, str], joins: str) -> str:
    """The view ``runs`` without numbers, of the runs in indexes.

    Args:
        indexed: which.
        structs: the expressions of ``params`` and ``last``.
        joins: what ``gathered`` gave: the columns that these stand on.
    """
    return f"SELECT {_columns('runs', {'number': 'NULL::BIGINT', **structs})} FROM {indexed.table('runs')} {joins}"


def gathered(
    indexed: Indexed,
    of: str,
    columns: Mapping[str, str],
    types: Mapping[str, str],
    known: Collection[str],
) -> str:
    """What joins columns to rows that have an ``id``: each of one name's values, of one type.

    Args:
        indexed: whose.
        of: ``PARAM`` (those that hold) or ``METRIC`` (the last values).
        columns: name to column.
        types: column to type, as ``fields.typed`` chose it.
        known: the names that there are.
    """
    table, condition, number, text = _VALUES[of]
    joins, there = [], [one for one in columns if one in known]
    unknown = [f"NULL::{types[column]} AS {column}" for one, column in columns.items() if one not in known]
    if unknown:
        joins.append(f"CROSS JOIN (SELECT {', '.join(unknown)})")
    size = _GROUP if len(there) > _APART else 1
    for group in _groups(there, size):
        source = f"{indexed.files(table)} WHERE {condition} AND name IN ({', '.join(map(quoted, group))})"
        cells = {one: _cell(types[columns[one]], number, text) for one in group}
        if size > 1:
            cells = {one: f"any_value({cell}) FILTER (name = {quoted(one)})" for one, cell in cells.items()}
        listed = ", ".join(f"{cell} AS {columns[one]}" for one, cell in cells.items())
        grouped = " GROUP BY id" if size > 1 else ""
        joins.append(f"LEFT JOIN (SELECT id, {listed} FROM {source}{grouped}) USING (id)")
    return " ".join(joins)


def _groups(names: Collection[str], size: int) -> Iterator[list[str]]:
    waiting = iter(names)
    while group := list(itertools.islice(waiting, size)):
        yield group


def _cell(kind: str, number: str, text: str) -> str:
    """A value as the type it has over all runs."""
    if kind == "DOUBLE":
        return number
    if kind == "BIGINT":
        return (
            f"CASE WHEN abs({number}) < {EXACT_INT} THEN try_cast({number} AS BIGINT) "
            f"WHEN {number} IS NOT NULL THEN try_cast({text} AS BIGINT) END"
        )
    return f"({number} <> 0)" if kind == "BOOLEAN" else text


def figures(indexed: Indexed, of: str, runs: str, names: str) -> str:
    """Of each run its figures of some metrics, as a SELECT of ``run_id`` and ``v``, a list.

    Args:
        indexed: whose.
        of: a column of ``metric_summary``.
        runs: a SELECT of the runs' ids.
        names: a table of the metrics: ``place`` in the list, ``name``.
    """
    return (
        f"SELECT r.run_id, list(s.{name(of)} ORDER BY n.place) AS v FROM ({runs}) r CROSS JOIN {names} n "
        f"LEFT JOIN {indexed.table('summary', f'name IN (SELECT name FROM {names})')} s "
        "ON s.run_id = r.run_id AND s.name = n.name GROUP BY r.run_id"
    )


def numbered(select: str, starts: str) -> str:
    """``runs`` with the numbers that count the runs of an experiment.

    Args:
        select: the view without them.
        starts: a SELECT of run_id, experiment and started_ns of every run.
    """
    count = "row_number() OVER (PARTITION BY experiment ORDER BY coalesce(started_ns, 0), run_id)"
    return (
        f"SELECT r.* REPLACE (n.number AS number) FROM ({select}) r "
        f"LEFT JOIN (SELECT run_id, {count} AS number FROM ({starts})) n USING (run_id)"
    )
