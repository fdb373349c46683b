"""The views of some runs as files that other programs read: one for each view, written by DuckDB as it reads."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from runstore.query import catalog, connect, history, listing
from runstore.query.connect import name, quoted
from runstore.query.views import VIEWS

FORMATS = ("parquet", "csv", "jsonl")
TITLE = "# Runs exported from a runstore workspace\n"
_HOW = {
    "parquet": "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880",
    "csv": "FORMAT csv, HEADER",
    "jsonl": "FORMAT json",
}
_LEFT_OUT = {"STRUCT": "not here: see `params` and `metric_summary`"}
Progress = Callable[[int, int], None]


def make(workspace: Path, run_ids: Sequence[str], target: Path, format: str, progress: Progress) -> None:
    """Write every view of these runs to ``<view>.<format>``, and a page that says what is in them.

    Args:
        workspace: the workspace's directory.
        run_ids: whole ids of runs that are there.
        target: a directory to make.
        format: one of ``FORMATS``.
        progress: called with (views done, views there are).
    """
    target.mkdir()
    every = catalog.of(workspace)
    chosen = {*run_ids}
    experiments = {run.experiment for run in listing.some(workspace, chosen)}
    counts: dict[str, int] = {}
    for number, view in enumerate(VIEWS, 1):
        key, wanted = ("experiment", experiments) if "run_id" not in VIEWS[view] else ("run_id", chosen)
        counts[view] = _write(workspace, every, view, (key, wanted), target / f"{view}.{format}", format)
        progress(number, len(VIEWS))
    (target / "README.md").write_text(_readme(run_ids, format, counts), encoding="utf-8")


def one(workspace: Path, run_ids: Iterable[str], view: str, target: Path) -> int:
    """Write one view of these runs as Parquet.

    Args:
        workspace: the workspace's directory.
        run_ids: whole ids of runs that are there.
        view: one that has a column ``run_id``.
        target: the file to make.

    Returns:
        How many rows there are.
    """
    return _write(workspace, catalog.of(workspace), view, ("run_id", {*run_ids}), target, "parquet")


def _write(
    workspace: Path, every: catalog.Catalog, view: str, which: tuple[str, set[str]], target: Path, format: str
) -> int:
    key, wanted = which
    where = f"{key} IN ({', '.join(map(quoted, sorted(wanted)))})"
    query = f"SELECT {', '.join(_columns(view, format))} FROM {view} WHERE {where}"
    connection = connect.connect()
    with connect.refusals(), warnings.catch_warnings():
        history.bind(connection, workspace, query, every=every)
        copied = f"COPY ({query}) TO {quoted(str(target))} ({_HOW[format]})"
        ((rows,),) = connection.execute(copied).fetchall()
    connection.close()
    return int(rows)


def _columns(view: str, format: str) -> list[str]:
    """The columns as a format can hold them: CSV has no lists and maps, JSON no NaN."""
    return [_column(column, kind, format) for column, kind in VIEWS[view].items() if kind not in _LEFT_OUT]


def _column(column: str, kind: str, format: str) -> str:
    if format == "jsonl" and kind == "DOUBLE":
        given = name(column)
        return (
            f"CASE WHEN isnan({given}) THEN to_json('NaN') WHEN isinf({given}) THEN "
            f"to_json(CASE WHEN {given} > 0 THEN 'Infinity' ELSE '-Infinity' END) ELSE to_json({given}) END AS {given}"
        )
    if format == "csv" and kind.startswith(("MAP", "VARCHAR[")):
        return f"to_json({name(column)})::VARCHAR AS {name(column)}"
    return name(column)


def _readme(run_ids: Sequence[str], format: str, counts: dict[str, int]) -> str:
    runs = f"{len(run_ids):,} run{'' if len(run_ids) == 1 else 's'}"
    lines = [
        TITLE,
        f"{runs}; one file for each view of runstore. What the columns mean is told in docs/sql.md of the runstore "
        "project. Times are UTC.",
        "",
    ]
    for view, rows in counts.items():
        lines += [f"## {view}.{format}", "", f"{rows:,} row{'' if rows == 1 else 's'}.", "", "| column | type |",
                  "| --- | --- |"]  # fmt: skip
        lines += [f"| `{column}` | {_LEFT_OUT.get(kind, kind)} |" for column, kind in VIEWS[view].items()]
        lines.append("")
    return "\n".join(lines)
