"""What a run logged, as one file to be taken elsewhere: all points of its metrics, or the rows of a table."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runstore.errors import StoreError, UsageError
from runstore.query import cells, connect
from runstore.query.connect import DuckDBPyRelation, quoted
from runstore.view.feed import chosen
from runstore.view.feed.content import Content

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

CSV, PARQUET = "csv", "parquet"
FORMS: Final = {CSV: "text/csv", PARQUET: "application/vnd.apache.parquet"}
_POINTS = (
    "SELECT name, step, time, value, text, attempt, writer FROM metrics WHERE run_id = {run}{which} "
    "ORDER BY name, attempt, time, writer, seq"
)
_ROWS = "SELECT row, step, time, data, attempt, writer FROM rows WHERE run_id = {run} AND name = {name}"


def data(
    ws: Workspace, run_id: str, target: Path, form: str = CSV, metric: str | None = None, table: str | None = None
) -> Content:
    """Write points or rows to a file.

    Args:
        ws: the workspace.
        run_id: the run.
        target: where it is written.
        form: ``csv`` or ``parquet``.
        metric: only this one's points.
        table: the rows of this table, its columns as columns; else points.

    Raises:
        UsageError: there is no such form.
        StoreError: there are no such points or rows.
    """
    if form not in FORMS:
        raise UsageError(f"data is taken as {' or '.join(FORMS)}, not as {form[:20]!r}")
    run = chosen.one(ws, run_id)
    found = _rows(ws, run.run_id, table) if table is not None else _points(ws, run.run_id, metric)
    if found is None:
        raise StoreError(f"run {run.run_id} has no such data")
    with connect.refusals():
        if form == PARQUET:
            found.to_parquet(str(target), compression="zstd")
        else:
            found.to_csv(str(target))
    name = f"{run.display_name or run.name or run.run_id}-{table or metric or 'metrics'}.{form}".replace("/", "_")
    return Content(
        name, FORMS[form], target.stat().st_size, None, target.read_bytes, functools.partial(_copied, target)
    )


def _copied(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes())


def _points(ws: Workspace, run_id: str, metric: str | None) -> DuckDBPyRelation | None:
    which = f" AND name = {quoted(metric)}" if metric is not None else ""
    found = ws.sql(_POINTS.format(run=quoted(run_id), which=which))
    return found if found.limit(1).fetchall() else None


def _rows(ws: Workspace, run_id: str, table: str) -> DuckDBPyRelation | None:
    """The rows with a column for each of theirs; one that holds numbers only is DOUBLE."""
    found = ws.sql(_ROWS.format(run=quoted(run_id), name=quoted(table)))
    names = _fetched(found, "SELECT DISTINCT unnest(json_keys(data)) AS name FROM found ORDER BY name")
    if not names:
        return None
    columns = ", ".join(f"{_column(found, name)} AS {connect.name(name)}" for (name,) in names)
    told = f'SELECT row AS "_row", step AS "_step", time AS "_time", {columns} FROM found'
    return found.query("found", f"{told} ORDER BY attempt, time, writer, row")


def _column(found: DuckDBPyRelation, name: str) -> str:
    """A column's cells; JSON says which are numbers, so that a text of digits stays one."""
    pointer = quoted("/" + name.replace("~", "~0").replace("/", "~1"))
    kinds = {kind for (kind,) in _fetched(found, f"SELECT DISTINCT json_type(data, {pointer}) FROM found")}
    numbers = kinds & {"BIGINT", "UBIGINT", "DOUBLE"} and not kinds & {"VARCHAR", "BOOLEAN", "ARRAY"}
    return cells.number(name) if numbers else cells.text(name)


def _fetched(found: DuckDBPyRelation, query: str) -> list[Any]:
    answer = found.query("found", query)
    return answer.fetchall() if answer is not None else []
