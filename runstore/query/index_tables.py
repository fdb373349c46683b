"""The tables of an index: what the views over facts and the summaries say of many settled runs, as Parquet files.

Made by DuckDB in little memory, some thousand runs at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from runstore.disk import block, files
from runstore.query import fact_rows, feed, fields, listing, past, segments, views
from runstore.query.connect import DuckDBPyConnection, quoted
from runstore.query.fact_rows import Row
from runstore.query.summaries import Summary
from runstore.runs.state import RunState

Settled: TypeAlias = tuple[RunState, Mapping[str, Summary], int | None]
"""A run; the summary in its seal record; when its directory, where that is still there, last changed."""

PARAM, TAG, PROPERTY, METRIC = "param", "tag", "property", "metric"
"""What a label is, and in ``names`` what has a name."""

_ID = {"id": "BIGINT"}
_WHOSE = {"run_id": "VARCHAR", "experiment": "VARCHAR"} | _ID
_RUNS = views.stored("runs")
COLUMNS: dict[str, dict[str, str]] = {
    "runs": {column: _RUNS[column] for column in _RUNS if column != "number"} | _ID
    | {
        "started_ns": "BIGINT", "ended_ns": "BIGINT", "last_start": "BIGINT", "begun": "BIGINT", "whole": "BIGINT",
        "key": "VARCHAR", "changed": "BIGINT", "printed": "BOOLEAN", "snapshot": "VARCHAR",
    },
    "labels": _WHOSE | {
        "of": "VARCHAR", "name": "VARCHAR", "place": "BIGINT", "attempt": "BIGINT", "holds": "BOOLEAN",
        "kind": "VARCHAR", "value": "DOUBLE", "text": "VARCHAR", "time": "BIGINT",
    },
    "summary": views.stored("metric_summary") | _ID | {
        "finite": "BIGINT", "first_kind": "VARCHAR", "first_text": "VARCHAR", "last_kind": "VARCHAR",
        "last_text": "VARCHAR", "first_time": "BIGINT",
    },
    "artifacts": views.stored("artifacts"),
    "writers": views.stored("writers"),
    "names": {"of": "VARCHAR", "name": "VARCHAR", "place": "BIGINT", "kind": "VARCHAR", "runs": "BIGINT"},
}  # fmt: skip
"""Table: column: type, in order. Times are microseconds.

In nanoseconds are ``started_ns``, ``ended_ns``, ``last_start`` (of its attempts), ``begun`` (the first writer) and
``whole`` (``past.whole_since``). ``key``: the 18 digits of the run's directory; ``changed``: when that last changed,
where it was still there; ``printed``: the run has raw logs; ``snapshot``: the id of its snapshot.
"""

TABLES = tuple(COLUMNS)
_SORTED = {
    "runs": "run_id", "labels": "of, name, run_id, attempt", "summary": "name, run_id", "artifacts": "run_id",
    "writers": "run_id, attempt, writer",
}  # fmt: skip
_HOW = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880"
_ROWS = 30_000  # held in Python at once

_KIND = (
    "CASE WHEN {kind} = 'int' AND abs({value}) > 9.2e18 AND try_cast({text} AS BIGINT) IS NULL "
    f"THEN '{fields.HUGE}' ELSE {{kind}} END"
)
NAMES = f"""
SELECT of, name, min(place) AS place, {_KIND.format(kind="kind", value="value", text="text")} AS kind, count(*) AS runs
FROM {{labels}} WHERE holds GROUP BY ALL UNION ALL
SELECT '{METRIC}', name, 0, {_KIND.format(kind="last_kind", value="last", text="last_text")} AS kind, count(*)
FROM {{summary}} GROUP BY ALL
"""
"""Which names there are, of what kinds, in how many runs: of params what holds, of metrics the last value."""


def write(directory: Path, runs: Iterable[Settled]) -> dict[str, dict[str, Any]]:
    """Write the tables of these runs into an empty directory.

    Args:
        directory: where.
        runs: each with its summary; taken one after another.

    Returns:
        Of each file its sha256, size and number of rows.

    Raises:
        QueryError, OSError: it can't be done.
    """
    with segments.workshop() as connection:
        for table in _SORTED:
            feed.rows(connection, table, COLUMNS[table], ())
        for table, rows in _pieces(runs):
            feed.rows(connection, "piece", COLUMNS[table], rows)
            connection.execute(f"INSERT INTO {table} SELECT * FROM piece")
        source = NAMES.format(labels="labels", summary="summary")
        connection.execute(f"CREATE TEMP TABLE names AS {source}")
        return {f"{table}.parquet": _copied(connection, table, directory / f"{table}.parquet") for table in TABLES}


def _copied(connection: DuckDBPyConnection, table: str, path: Path) -> dict[str, Any]:
    order = f" ORDER BY {_SORTED[table]}" if table in _SORTED else " ORDER BY of, place, name, kind"
    copy = f"COPY (SELECT * FROM {table}{order}) TO {quoted(str(path))} ({_HOW})"
    ((rows,),) = connection.execute(copy).fetchall()
    return {"sha256": files.sha256(path), "size": path.stat().st_size, "rows": rows}


def _pieces(runs: Iterable[Settled]) -> Iterator[tuple[str, list[Row]]]:
    """Rows of the tables, in pieces that fit into memory."""
    held: dict[str, list[Row]] = {table: [] for table in _SORTED}
    for run, summary, changed in runs:
        held["runs"].append(_run(run) | {"changed": changed})
        for table, rows in _rows(run, summary):
            held[table].extend(rows)
        if sum(map(len, held.values())) >= _ROWS:
            yield from held.items()
            held = {table: [] for table in _SORTED}
    yield from held.items()


def _rows(run: RunState, summary: Mapping[str, Summary]) -> Iterator[tuple[str, Iterable[Row]]]:
    yield "labels", _labels(run)
    yield "summary", (_summary(run, metric, one) for metric, one in summary.items())
    yield "artifacts", fact_rows.artifacts(run)
    yield "writers", fact_rows.writers(run)


def _run(run: RunState) -> Row:
    return {
        **fact_rows.run(run),
        "started_ns": run.started,
        "ended_ns": run.ended,
        "last_start": max((one.started for one in run.attempts if one.started is not None), default=None),
        "begun": min((part.started or 0 for part in run.writers), default=0),
        "whole": past.whole_since(run),
        "key": block.key(run.path),
        "id": id_of(run),
        "printed": bool(run.inventory.logs),
        "snapshot": run.snapshot["id"] if run.snapshot else None,
    }


def id_of(run: RunState) -> int:
    """A run's number, by which rows are joined: the first 15 digits of its directory. ``catalog`` looks for twins."""
    return int(block.key(run.path)[:15], 16)


def _labels(run: RunState) -> Iterator[Row]:
    whose = fact_rows.whose(run) | {"id": id_of(run)}
    holding = {key: one.number for one in run.attempts for key in one.params}
    for attempt in run.attempts:
        for place, (key, leaf) in enumerate(attempt.params.items()):
            told = {"of": PARAM, "attempt": attempt.number, "holds": holding[key] == attempt.number}
            yield {**whose, "name": key, "place": place, **told, **_exact("", leaf)}
    for of, labels in ((TAG, run.tags), (PROPERTY, run.properties)):
        for place, (key, (value, time)) in enumerate(labels.items()):
            told = {"of": of, "time": time // 1000, "holds": True}
            yield {**whose, "name": key, "place": place, **told, **_exact("", value)}


def _summary(run: RunState, metric: str, told: Summary) -> Row:
    row = fact_rows.summary(run.run_id, run.experiment, metric, told)
    for which in ("first", "last"):
        exact = _exact(f"{which}_", told[which])
        row |= {f"{which}_kind": exact[f"{which}_kind"], f"{which}_text": exact[f"{which}_text"]}
    return {**row, "id": id_of(run), "finite": told["finite"], "first_time": fact_rows.micro(told["first_time"])}


def _exact(prefix: str, leaf: object) -> Row:
    """Kind, number and text of a recorded value; the text is what is shown of any value."""
    value = listing.value(leaf)
    told = fields.point(value)
    return {f"{prefix}kind": told["kind"], f"{prefix}value": told.get("value"), f"{prefix}text": listing.shown(value)}
