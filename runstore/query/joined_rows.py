"""The tables that several runs logged under one name, joined by a key: what each run has there, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from runstore.errors import UsageError
from runstore.format import values
from runstore.query import cells, connect, history
from runstore.query.cells import Condition
from runstore.query.connect import DuckDBPyRelation, quoted

MOST = 200_000
"""Rows of a run that are joined: its first ones."""

_KEYS = 40  # columns that are looked at for a key

_OF = """
SELECT run_id, row, data FROM rows WHERE run_id IN ({runs}) AND name = {name}
QUALIFY row_number() OVER (PARTITION BY run_id ORDER BY attempt, time, writer, row) <= {most}
"""
_COUNTED = """
SELECT k AS name, bool_and(distinct_keys = many AND many = rows) AND count(*) = {runs} AS sole FROM (
  SELECT run_id, k, count(*) AS many, any_value(rows) AS rows,
  count(DISTINCT json_extract_string(data, '/' || replace(replace(k, '~', '~0'), '/', '~1'))) AS distinct_keys FROM (
    SELECT run_id, data, unnest(json_keys(data)) AS k, count(*) OVER (PARTITION BY run_id) AS rows FROM found)
  GROUP BY run_id, k)
GROUP BY k ORDER BY k
"""


@dataclass(frozen=True, slots=True)
class Joined:
    """A page of joined rows.

    ``columns``: of all tables, without the key. ``keys``: columns that have another value in each row of each run.
    Each of ``rows``: the key, and for each run its cells by column, or None where it has no such row.
    """

    key: str
    keys: list[str]
    columns: list[str]
    total: int
    rows: list[tuple[str, list[dict[str, Any] | None]]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows, in which order. ``of``: the run, by its place, whose cells sort; ``change``: by how far they are from
    the first run's. ``differs``: only rows that are not the same in all runs. ``where``: some run's row fits them all.
    """

    search: str = ""
    where: Sequence[Condition] = ()
    differs: bool = False
    sort: str | None = None
    of: int = 0
    change: bool = False
    desc: bool = False


def join(
    workspace: Path, runs: Sequence[str], name: str, key: str | None, wanted: Wanted, limit: int, offset: int
) -> Joined:
    """The rows of some runs that have the same in a column, side by side; where it repeats in a run the first counts.

    Args:
        workspace: the workspace's directory.
        runs: their whole ids.
        name: the table's.
        key: the column; None: the first that has another value in each row, else the first.
        wanted: which rows, in which order.
        limit: at most so many.
        offset: without so many before them.

    Raises:
        UsageError: no run of them has that column, or cells can't be compared like that.
    """
    of = _OF.format(runs=", ".join(map(quoted, runs)), name=quoted(name), most=MOST)
    found = history.ask(workspace, of)
    with connect.refusals():
        keys, every = _keys(found, len(runs))
        if not every:
            return Joined(key or "", [], [], 0, [])
        by = key if key is not None else (keys or every)[0]
        if by not in every:
            raise UsageError(f"no table {name!r} of these runs has a column {by!r}; there are {', '.join(every[:20])}")
        joined = _joined(runs, by)
        which = _which(len(runs), wanted)
        ((total,),) = _asked(found, f"SELECT count(*) FROM ({joined}){which}")
        order = _order(by, len(runs), wanted)
        shown = _asked(found, f"SELECT * FROM ({joined}){which} ORDER BY {order}{history.page(limit, offset)}")
    rows = [(row[0], [_cells(data) for data in row[1:]]) for row in shown]
    return Joined(by, keys, [one for one in every if one != by], total, rows)


def _asked(found: DuckDBPyRelation, query: str) -> Sequence[tuple[Any, ...]]:
    answer = found.query("found", query)
    return answer.fetchall() if answer is not None else []


def _keys(found: DuckDBPyRelation, runs: int) -> tuple[list[str], list[str]]:
    """The columns that tell rows apart, and all, both in the order in which they were logged."""
    sole = dict(_asked(found, _COUNTED.format(runs=runs)))
    first = _asked(found, "SELECT data::VARCHAR FROM found ORDER BY row LIMIT 20")
    every = [*dict.fromkeys([*(name for (data,) in first for name in orjson.loads(data)), *sole])]
    return [name for name in every[:_KEYS] if sole.get(name)], every


def _joined(runs: Sequence[str], key: str) -> str:
    """One row for each key: ``key`` as text, and ``d0``, ``d1`` ... the JSON of each run's row, or NULL."""
    each = ", ".join(f"max(data) FILTER (run_id = {quoted(run)}) AS d{at}" for at, run in enumerate(runs))
    firsts = (
        f"SELECT run_id, {cells.text(key)} AS key, arg_min(data::VARCHAR, row) AS data FROM found "
        "GROUP BY ALL HAVING key IS NOT NULL"
    )
    return f"SELECT key, {each} FROM ({firsts}) GROUP BY key"


def _which(runs: int, wanted: Wanted) -> str:
    every = [f"d{at}::JSON" for at in range(runs)]
    told: list[str | None] = []
    if wanted.where:
        told.append(" OR ".join(f"({' AND '.join(cells.fits(one, data) for one in wanted.where)})" for data in every))
    if wanted.search:
        told.append(" OR ".join(f"coalesce({cells.found(wanted.search, data)}, false)" for data in every))
    if wanted.differs:
        told.append(" OR ".join(f"d{at} IS DISTINCT FROM d0" for at in range(1, runs)) or "false")
    return cells.whole(told)


def _order(key: str, runs: int, wanted: Wanted) -> str:
    if not 0 <= wanted.of < runs:
        raise UsageError(f"there are {runs} runs to sort by, not {wanted.of + 1}")
    way = " DESC" if wanted.desc else ""
    by_key = f"try_cast(key AS DOUBLE){way} NULLS LAST, key{way}"
    if wanted.sort is None or wanted.sort == key:
        return by_key
    if not wanted.change:
        return f"{cells.order(wanted.sort, wanted.desc, f'd{wanted.of}::JSON')}, {by_key}"
    here, first = (cells.number(wanted.sort, f"d{at}::JSON") for at in (wanted.of, 0))
    return f"coalesce(isnan({here} - {first}), true), abs({here} - {first}){way} NULLS LAST, {by_key}"


def _cells(data: str | None) -> dict[str, Any] | None:
    if data is None:
        return None
    found: dict[str, Any] = values.from_document(orjson.loads(data))
    return found
