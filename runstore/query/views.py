"""The SQL views: their columns, which never change, and what they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from runstore.disk.inventory import Segment
from runstore.format import schemas
from runstore.query.connect import quoted

_POINTS = {
    "run_id": "VARCHAR", "experiment": "VARCHAR", "name": "VARCHAR", "step": "BIGINT", "time": "TIMESTAMP",
    "value": "DOUBLE", "writer": "VARCHAR", "attempt": "BIGINT", "seq": "BIGINT", "kind": "VARCHAR", "text": "VARCHAR",
}  # fmt: skip
_LABELS = {
    "run_id": "VARCHAR", "experiment": "VARCHAR", "name": "VARCHAR", "value": "VARCHAR", "time": "TIMESTAMP",
}  # fmt: skip

VIEWS: dict[str, dict[str, str]] = {
    "runs": {
        "run_id": "VARCHAR", "experiment": "VARCHAR", "name": "VARCHAR", "number": "BIGINT", "parent_id": "VARCHAR",
        "type": "VARCHAR", "status": "VARCHAR", "started": "TIMESTAMP", "ended": "TIMESTAMP", "attempts": "BIGINT",
        "writers": "BIGINT", "points": "BIGINT", "dropped": "BIGINT", "warnings": "BIGINT", "errors": "BIGINT",
        "error": "VARCHAR", "host": "VARCHAR", "user": "VARCHAR", "archived": "BOOLEAN",
        "params": "STRUCT", "last": "STRUCT", "tags": "MAP(VARCHAR, VARCHAR)",
    },
    "experiments": {
        "experiment": "VARCHAR", "created": "TIMESTAMP", "runs": "BIGINT", "last_start": "TIMESTAMP",
        "archived": "BOOLEAN",
    },
    "params": {
        "run_id": "VARCHAR", "experiment": "VARCHAR", "attempt": "BIGINT", "name": "VARCHAR", "kind": "VARCHAR",
        "value": "DOUBLE", "text": "VARCHAR",
    },
    "tags": _LABELS,
    "properties": _LABELS,
    "metrics": _POINTS,
    "curve_points": _POINTS,
    "metric_summary": {
        "run_id": "VARCHAR", "experiment": "VARCHAR", "name": "VARCHAR", "count": "BIGINT", "first": "DOUBLE",
        "last": "DOUBLE", "min": "DOUBLE", "max": "DOUBLE", "mean": "DOUBLE", "last_step": "BIGINT",
        "last_time": "TIMESTAMP", "nan_count": "BIGINT", "inf_count": "BIGINT",
    },
    "system_metrics": _POINTS,
    "rows": {
        "run_id": "VARCHAR", "experiment": "VARCHAR", "name": "VARCHAR", "row": "BIGINT", "step": "BIGINT",
        "time": "TIMESTAMP", "data": "JSON", "writer": "VARCHAR", "attempt": "BIGINT",
    },
    "artifacts": {
        "run_id": "VARCHAR", "experiment": "VARCHAR", "name": "VARCHAR", "sha256": "VARCHAR", "size": "BIGINT",
        "media_type": "VARCHAR", "kind": "VARCHAR", "step": "BIGINT", "time": "TIMESTAMP",
    },
    "logs": {
        "run_id": "VARCHAR", "experiment": "VARCHAR", "stream": "VARCHAR", "line": "BIGINT", "time": "TIMESTAMP",
        "level": "VARCHAR", "logger": "VARCHAR", "text": "VARCHAR", "exception": "VARCHAR", "writer": "VARCHAR",
        "attempt": "BIGINT",
    },
    "writers": {
        "run_id": "VARCHAR", "writer": "VARCHAR", "attempt": "BIGINT", "rank": "BIGINT", "host": "VARCHAR",
        "pid": "BIGINT", "state": "VARCHAR", "started": "TIMESTAMP", "ended": "TIMESTAMP", "dropped": "BIGINT",
    },
    "models": {
        "name": "VARCHAR", "version": "BIGINT", "aliases": "VARCHAR[]", "run_id": "VARCHAR", "path": "VARCHAR",
        "sha256": "VARCHAR", "time": "TIMESTAMP",
    },
}  # fmt: skip
"""View: column: type, in order. ``STRUCT`` stands for the fields a statement names."""

OVER_POINTS = frozenset({"metrics", "curve_points", "rows"})
OVER_SIDES = frozenset({"system_metrics", "logs"})
NARROWED = OVER_POINTS | {"system_metrics"}  # a condition on the name leaves live lines of others out


def empty(view: str) -> str:
    """A SELECT with a view's columns and no row."""
    kinds = {c: 'STRUCT("name" VARCHAR)' if kind == "STRUCT" else kind for c, kind in VIEWS[view].items()}
    columns = ", ".join(f'NULL::{kind} AS "{column}"' for column, kind in kinds.items())
    return f"SELECT {columns} WHERE false"


def nothing(kind: str) -> str:
    """A SELECT with the columns of segments of a kind and no row."""
    types = {"string": "VARCHAR", "int64": "BIGINT", "timestamp": "TIMESTAMP", "double": "DOUBLE", "bool": "BOOLEAN"}
    columns = ", ".join(f"NULL::{types[of]} AS {column}" for column, of in schemas.COLUMNS[kind].items())
    return f"SELECT {columns} WHERE false"


def listed(view: str, table: str, structs: Mapping[str, str] | None = None) -> str:
    """A view of plain values over a table whose times are microseconds."""
    columns = []
    for column, kind in VIEWS[view].items():
        if kind == "TIMESTAMP":
            columns.append(f'make_timestamp("{column}") AS "{column}"')
        elif kind == "STRUCT":
            columns.append(f'{(structs or {})[column]} AS "{column}"')
        else:
            columns.append(f'"{column}"')
    return f"SELECT {', '.join(columns)} FROM {table}"


def stored(view: str) -> dict[str, str]:
    """The columns of such a table."""
    return {c: "BIGINT" if kind == "TIMESTAMP" else kind for c, kind in VIEWS[view].items() if kind != "STRUCT"}


def sealed(kind: str, segments: Iterable[Segment]) -> str:
    """What segments of a kind hold, each number once; empty where there are none."""
    whole: list[Path] = []
    shared: dict[Path, list[str]] = {}  # of a block's file, the rows of these runs
    parts: list[str] = []
    for segment in segments:
        if segment.skip:
            own = f"run_id = {quoted(segment.run_id)} AND " if segment.run_id else ""
            parts.append(f"{_sealed(kind, [segment.path])} WHERE {own}NOT ({_ranges(segment)})")
        elif segment.run_id:
            shared.setdefault(segment.path, []).append(segment.run_id)
        else:
            whole.append(segment.path)
    parts += [f"{_sealed(kind, [path])} WHERE {among(run_ids)}" for path, run_ids in shared.items()]
    if whole:
        parts.insert(0, _sealed(kind, whole))
    return " UNION ALL ".join(parts)


def settled(kind: str, paths: Iterable[Path], where: str) -> str:
    """What files of blocks hold of the runs for which a condition is true."""
    return f"{_sealed(kind, paths)} WHERE {where}"


def among(run_ids: Iterable[str]) -> str:
    """What is true of the rows of these runs."""
    return f"run_id IN ({', '.join(map(quoted, sorted(run_ids))) or 'NULL'})"


def _sealed(kind: str, paths: Iterable[Path]) -> str:
    columns = (f"make_timestamp(epoch_us({c})) AS {c}" if c == "time" else c for c in schemas.COLUMNS[kind])
    return f"SELECT {', '.join(columns)} FROM read_parquet([{', '.join(quoted(str(path)) for path in paths)}])"


def _ranges(segment: Segment) -> str:
    return " OR ".join(
        f"(writer = {quoted(writer)} AND seq BETWEEN {first} AND {last})"
        for writer, pieces in segment.skip.items()
        for first, last in pieces
    )


def points_view(source: str, begun: str | None = None) -> str:
    """``metrics`` over all points; ``curve_points`` where ``begun`` (see ``BEGUN``) cuts what was overwritten.

    The source then has the column ``rank`` too (``ranks.ranked``).
    """
    columns = ", ".join(f'p."{column}"' for column in _POINTS)
    select = f"SELECT {columns} FROM ({source}) p"
    if begun is None:
        return select
    return f"{select} WHERE {COUNTS.format(begun=begun)}"


COUNTS = (
    "(p.indexed OR NOT EXISTS (SELECT 1 FROM {begun} b WHERE b.run_id = p.run_id "
    "AND b.name = p.name AND b.rank = p.rank AND b.attempt > p.attempt AND b.step <= p.step))"
)
"""Whether no later attempt of the same rank has overwritten a point ``p``."""


BEGUN = """
SELECT run_id, name, rank, attempt, arg_min(step, struct_pack(t := time, w := writer, s := seq)) AS step
FROM ({source}) WHERE NOT indexed AND attempt > 1 GROUP BY run_id, name, rank, attempt
"""
"""The first explicit step of every later attempt, per run, name and rank."""


def rows_view(source: str) -> str:
    """``rows`` over all rows."""
    columns = ", ".join(f'r.data::JSON AS "{c}"' if c == "data" else f'r."{c}"' for c in VIEWS["rows"])
    return f"SELECT {columns} FROM ({source}) r"


def system_view(source: str) -> str:
    """``system_metrics`` over what the sides hold of them."""
    return points_view(f"SELECT * REPLACE ({_OWNER}) FROM ({source})")


def logs_view(source: str) -> str:
    """``logs`` over the log records that the sides hold; their time marks are no lines."""
    columns = ", ".join({"stream": "name AS stream", "writer": _OWNER}.get(c, c) for c in VIEWS["logs"])
    return f"SELECT {columns} FROM ({source}) WHERE mark IS NULL"


_OWNER = "rtrim(writer, 's') AS writer"


def later_rows(sealed: str) -> str:
    """The live rows, counted on from the sealed ones of their series."""
    return (
        "SELECT l.run_id, l.experiment, l.name, l.row + coalesce(o.rows, 0) AS row, l.step, l.time, l.data, l.writer, "
        "l.attempt, l.seq FROM live_rows l LEFT JOIN (SELECT run_id, writer, attempt, name, max(row) + 1 AS rows "
        f"FROM ({sealed}) GROUP BY ALL) o USING (run_id, writer, attempt, name)"
    )
