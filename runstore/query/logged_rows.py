"""A table that a run logged, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from runstore.format import schemas, values
from runstore.query import cells, connect, history, listing, mentioned
from runstore.query.cells import Condition
from runstore.query.connect import quoted
from runstore.runs.state import RunState

_OF = "SELECT row, step, time, data, attempt, writer FROM rows WHERE run_id = {run} AND name = {name}"
_COLUMNS = "SELECT list_distinct(flatten(list(json_keys(data)))) FROM found"
_PAGE = "SELECT row, step, time, data::VARCHAR FROM found{which} ORDER BY {order}{page}"


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of rows. ``columns``: of the whole table; each row: its index, step, time, and cells as logged."""

    total: int
    columns: list[str]
    rows: list[tuple[int, int, Any, dict[str, Any]]]


def page(
    workspace: Path,
    run_id: str,
    name: str,
    *,
    search: str = "",
    where: Sequence[Condition] = (),
    sort: str | None = None,
    desc: bool = False,
    limit: int = 100,
    offset: int = 0,
) -> Rows:
    """A page of a run's table.

    Args:
        workspace: the workspace's directory.
        run_id: the run's whole id.
        name: the table's.
        search: only rows in which this text occurs, in whichever case.
        where: only rows that fit all of these.
        sort: by this column, numbers as numbers; None: in the order of logging.
        desc: the greatest first.
        limit: at most so many.
        offset: without so many before them.

    Raises:
        UsageError: cells can't be compared like that.
    """
    found = history.ask(workspace, _OF.format(run=quoted(run_id), name=quoted(name)))
    which = cells.whole([cells.found(search) if search else None, *map(cells.fits, where)])
    with connect.refusals():
        ((total,),) = _asked(found, f"SELECT count(*) FROM found{which}")
        ((there,),) = _asked(found, _COLUMNS)
        paged = _PAGE.format(which=which, order=_order(sort, desc), page=history.page(limit, offset))
        told = _asked(found, paged)
    rows = [(row, step, time, values.from_document(orjson.loads(data))) for row, step, time, data in told]
    met = dict.fromkeys(column for *_, cells in rows for column in cells)
    return Rows(total, [*met, *sorted({*(there or ())} - met.keys())], rows)


def _asked(found: connect.DuckDBPyRelation, query: str) -> Sequence[tuple[Any, ...]]:
    answer = found.query("found", query)
    return answer.fetchall() if answer is not None else []


def _order(sort: str | None, desc: bool) -> str:
    logged = "attempt, time, writer, row"
    if sort is None:
        return logged if not desc else ", ".join(f"{one} DESC" for one in logged.split(", "))
    return f"{cells.order(sort, desc)}, {logged}"


def tables(workspace: Path, run_ids: Sequence[str]) -> dict[str, tuple[int, int, int | None]]:
    """The tables of some runs by name: in how many runs, how many rows, and the last step."""
    those = [run.run_id for run in listing.some(workspace, run_ids) if _has_rows(run)]
    if not those:
        return {}
    query = (
        "SELECT name, count(DISTINCT run_id), count(*), max(step) FROM rows "
        f"WHERE run_id IN ({', '.join(map(quoted, those))}) GROUP BY name ORDER BY name"
    )
    return {name: (runs, rows, step) for name, runs, rows, step in history.ask(workspace, query).fetchall()}


def _has_rows(run: RunState) -> bool:
    """Whether there is a table, told without reading one."""
    return bool(run.inventory.segments(schemas.ROWS)) or bool(run.inventory.points and mentioned.of(run).tables)
