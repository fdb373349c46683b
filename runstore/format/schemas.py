"""The columns of sealed segments, as Arrow schemas. Only types that Delta tables have too.

Points and rows come from points journals, system metrics and logs from side journals.

The functions import pyarrow themselves: whoever only logs or asks never loads it.
"""

from __future__ import annotations

from typing import Any

POINTS = "points"
ROWS = "rows"
SYSTEM = "system"
LOGS = "logs"

_POINT = {
    "run_id": "string",
    "experiment": "string",
    "name": "string",
    "step": "int64",
    "time": "timestamp",
    "value": "double",
    "writer": "string",
    "attempt": "int64",
    "seq": "int64",
    "kind": "string",
    "text": "string",
    "indexed": "bool",
}
COLUMNS: dict[str, dict[str, str]] = {
    POINTS: _POINT,
    ROWS: {
        "run_id": "string",
        "experiment": "string",
        "name": "string",
        "row": "int64",
        "step": "int64",
        "time": "timestamp",
        "data": "string",
        "writer": "string",
        "attempt": "int64",
        "seq": "int64",
    },
    SYSTEM: _POINT,
    LOGS: {
        "run_id": "string",
        "experiment": "string",
        "name": "string",
        "line": "int64",
        "time": "timestamp",
        "level": "string",
        "logger": "string",
        "text": "string",
        "exception": "string",
        "mark": "int64",
        "writer": "string",
        "attempt": "int64",
        "seq": "int64",
    },
}
"""Name and type of each column, in order. ``timestamp`` is microseconds, UTC; ``indexed``: no step was given, ``step``
is the index; ``row``: index within (writer, attempt, name); ``data``: JSON. Of logs ``name`` is the stream, ``line``
counts within (writer, name), and where ``mark`` is not null the row says how many bytes the stream's file had then."""

SORTED_BY = ("name", "attempt", "writer", "seq")
DELTAS = ("step", "time", "seq", "row", "line", "mark")
DICTIONARIES = (
    "run_id", "experiment", "name", "writer", "attempt", "kind", "text", "indexed", "level", "logger", "exception",
)  # fmt: skip


def schema(kind: str) -> Any:
    """The ``pyarrow.Schema`` of the segments of a kind."""
    import pyarrow as pa

    types = {"timestamp": pa.timestamp("us", "UTC"), "bool": pa.bool_(), "double": pa.float64()}
    return pa.schema([pa.field(name, types.get(t) or getattr(pa, t)()) for name, t in COLUMNS[kind].items()])


def encodings(kind: str) -> dict[str, str]:
    """The Parquet encoding of each column that has no dictionary."""
    chosen = dict.fromkeys(DELTAS, "DELTA_BINARY_PACKED") | {"value": "BYTE_STREAM_SPLIT"}
    return {name: encoding for name, encoding in chosen.items() if name in COLUMNS[kind]}
