"""What sealing and merging share: segments out of DuckDB, their summary, the record that makes them count."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from runstore.disk import files, segment
from runstore.errors import Damaged
from runstore.format import VERSION, documents, names, ranges, schemas, values
from runstore.format.ranges import Range
from runstore.query.connect import DuckDBPyConnection, quoted

MEMORY = "256MB"  # beyond it DuckDB sorts on disk
ORDER = ", ".join(schemas.SORTED_BY)
Ranges = Mapping[tuple[str, int], Sequence[Range]]  # (writer, attempt): sequence numbers

# Points that a later attempt logged again, from its first explicit step on, are not part of the curve.
_SUMMARY = """
WITH begun AS (
    SELECT name, attempt, arg_min(step, (time, writer, seq)) AS step FROM points WHERE NOT indexed GROUP BY ALL
), cut AS (
    SELECT p.* FROM points p WHERE p.indexed OR NOT EXISTS (
        SELECT 1 FROM begun b WHERE b.name = p.name AND b.attempt > p.attempt AND p.step >= b.step)
)
SELECT name, count(*), arg_min(point, key), arg_max(point, key), min(key), max(key),
min(value) FILTER (isfinite(value)), max(value) FILTER (isfinite(value)), avg(value) FILTER (isfinite(value)),
count(*) FILTER (isfinite(value)), count(*) FILTER (isnan(value)), count(*) FILTER (isinf(value))
FROM (SELECT name, value, {'v': value, 'k': kind, 't': text, 's': step} AS point,
      {'a': attempt, 't': epoch_us(time), 'w': writer, 's': seq} AS key FROM {source})
GROUP BY name ORDER BY name
"""


@contextmanager
def workshop() -> Iterator[DuckDBPyConnection]:
    """A database of its own with little memory that sorts on disk: for jobs beside somebody's training."""
    with tempfile.TemporaryDirectory(prefix="runstore-") as directory:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "temp_directory": directory,
            "threads": str(min(2, os.cpu_count() or 1)),
            "autoinstall_known_extensions": "false",
        }
        connection = duckdb.connect(config=config)
        try:
            connection.execute("SET TimeZone = 'UTC'")
            yield connection
        finally:
            connection.close()


def write(connection: DuckDBPyConnection, source: str, run_path: Path, kind: str) -> dict[str, Any] | None:
    """Publish a segment of the rows of ``source`` (what stands after FROM); None where there are none."""
    if not connection.execute(f"SELECT 1 FROM {source} LIMIT 1").fetchall():
        return None
    columns = ", ".join(schemas.COLUMNS[kind])
    reader = connection.sql(f"SELECT {columns} FROM {source} ORDER BY {ORDER}").to_arrow_reader(segment.ROW_GROUP)
    return segment.write(reader, run_path, kind)


def publish(
    run_path: Path,
    whose: tuple[str, str],
    entries: Iterable[dict[str, Any]],
    covers: Ranges,
    summary: dict[str, Any],
    replaces: Iterable[str] = (),
    merged_facts: dict[str, Any] | None = None,
) -> str:
    """Publish the record that makes segments count; give its name.

    Args:
        run_path: the run's directory.
        whose: run id and experiment.
        entries: what ``write`` gave.
        covers: the sequence numbers that the segments hold.
        summary: what ``summarize`` gave for them.
        replaces: the records that stop to count.
        merged_facts: the merged facts file that counts from now on, if any.

    Raises:
        Damaged: the segments do not hold exactly the numbers that the record would claim.
    """
    segments = list(entries)
    claimed, held = sum(map(ranges.count, covers.values())), sum(entry["rows"] for entry in segments)
    if held != claimed:
        raise Damaged(f"{run_path}: {claimed} points were to be sealed and {held} arrived; nothing was changed")
    body = {
        "runstore": VERSION,
        "run": whose[0],
        "experiment": whose[1],
        "created": time.time_ns(),
        "segments": segments,
        "ranges": [[w, a, first, last] for (w, a), pieces in sorted(covers.items()) for first, last in pieces],
        "replaces": sorted(replaces),
        "summary": summary,
        "merged_facts": merged_facts,
    }
    data = documents.render(body)
    name = names.seal(hashlib.sha256(data).hexdigest())
    files.publish(run_path, name, data)
    return name


def parquet(paths: Iterable[Path]) -> str:
    """DuckDB's reader over segments."""
    return f"read_parquet([{', '.join(quoted(str(path)) for path in paths)}])"


def summarize(connection: DuckDBPyConnection, run_path: Path, segments: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Per metric, what a leaderboard needs, over the points that count (``curve_points``) of these segments."""
    paths = [run_path / entry["file"] for entry in segments if entry["kind"] == schemas.POINTS]
    if not paths:
        return {}
    connection.execute(f"CREATE OR REPLACE TEMP VIEW points AS SELECT * FROM {parquet(paths)}")
    ((several,),) = connection.execute("SELECT min(attempt) < max(attempt) FROM points").fetchall()
    source = "cut" if several else "points"
    return {row[0]: _metric(*row[1:]) for row in connection.execute(_SUMMARY.replace("{source}", source)).fetchall()}


def _metric(
    count: int,
    first: dict[str, Any],
    last: dict[str, Any],
    first_key: dict[str, Any],
    last_key: dict[str, Any],
    least: float | None,
    greatest: float | None,
    mean: float | None,
    finite: int,
    nans: int,
    infinities: int,
) -> dict[str, Any]:
    return {
        "count": count,
        "first": _exact(first),
        "last": _exact(last),
        "min": values.to_json(least),
        "max": values.to_json(greatest),
        "mean": values.to_json(mean),
        "finite": finite,
        "last_step": last["s"],
        "last_time": last_key["t"] * 1000,
        "first_time": first_key["t"] * 1000,
        "nan_count": nans,
        "inf_count": infinities,
        "first_key": list(first_key.values()),
        "last_key": list(last_key.values()),
    }


def _exact(point: dict[str, Any]) -> object:
    """The JSON value of a point, exactly as logged."""
    value, text = point["v"], point["t"]
    match point["k"]:
        case "float":
            return values.to_json(value)
        case "int":
            return values.to_json(int(text if text is not None else value))
        case "bool":
            return bool(value)
        case _:
            return text
