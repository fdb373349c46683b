"""The tables of a lake and their columns, of the types that Delta has. ``docs/lake.md`` tells what they mean."""

from __future__ import annotations

from collections.abc import Mapping

from runstore.format import schemas
from runstore.query.views import VIEWS

SEGMENTS = "segments"
"""The table whose rows are the pieces: what is in it counts."""

OF_KIND = {schemas.POINTS: "metrics", schemas.ROWS: "rows", schemas.SYSTEM: "system_metrics", schemas.LOGS: "logs"}
"""The table whose files are the segments of a kind."""

OF_RUNS = ("params", "tags", "properties", "artifacts", "writers", "metric_summary", "runs")
"""The tables with rows for each run; ``runs``, the last to be written, says which of their revisions counts."""

OF_ALL = ("experiments", "models")
"""The tables whose rows belong to no run; of each name, or name and version, the greatest revision counts."""

REVISION = "revision"
_PIECES = {
    "run_id": "string", "experiment": "string", "writer": "string", "kind": "string", "first_seq": "long",
    "last_seq": "long", "sha256": "string", "rows": "long", "pusher": "string", "time": "timestamp", "path": "string",
    "offset": "long", "size": "long", "object": "string", "at": "long", "needs": "string", "thinned": "boolean",
    "modified": "long", "time_ns": "long",
}  # fmt: skip
_FROM_SCHEMAS = {"string": "string", "int64": "long", "double": "double", "timestamp": "timestamp", "bool": "boolean"}
_FROM_VIEWS = {
    "VARCHAR": "string", "BIGINT": "long", "DOUBLE": "double", "TIMESTAMP": "timestamp", "BOOLEAN": "boolean",
    "VARCHAR[]": "string",  # as JSON
}  # fmt: skip
_LEFT_OUT = {"experiments": ("runs", "last_start"), "runs": ("number",)}
"""What hangs on which other runs there are: who pushes knows only some of them."""


def facts(table: str) -> dict[str, str]:
    """The columns of a table of facts that its view has as well: name and DuckDB type."""
    left_out = _LEFT_OUT.get(table, ())
    return {name: of for name, of in VIEWS[table].items() if of in _FROM_VIEWS and name not in left_out}


def of(table: str) -> Mapping[str, str]:
    """The columns of a table, in order: name and Delta type."""
    if table == SEGMENTS:
        return _PIECES
    for kind, name in OF_KIND.items():
        if name == table:
            return {column: _FROM_SCHEMAS[of] for column, of in schemas.COLUMNS[kind].items()}
    own = {column: _FROM_VIEWS[of] for column, of in facts(table).items()}
    return {**own, **({"deleted": "boolean"} if table == "runs" else {}), REVISION: "long"}


def stated(table: str) -> tuple[str, ...]:
    """The columns of which each file of a table states what its values lie between."""
    if table in OF_ALL:
        return ()
    return ("run_id", "experiment") if table in OF_KIND.values() else ("run_id",)


EVERY = (SEGMENTS, *OF_KIND.values(), *OF_RUNS, *OF_ALL)
