"""What sealing and merging share: segments out of DuckDB, their summary, the record that makes them count."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from runstore.disk import files, segment
from runstore.disk.inventory import Inventory, Segment
from runstore.errors import Damaged
from runstore.format import VERSION, documents, names, ranges, schemas
from runstore.format.ranges import Range
from runstore.query import ranks, summaries, views
from runstore.query.connect import DuckDBPyConnection, quoted, refusals
from runstore.runs import state

MEMORY = "256MB"  # beyond it DuckDB sorts on disk
PIECE = 1 << 20  # rows sorted at once
ORDER = ", ".join(schemas.SORTED_BY)
Ranges = Mapping[tuple[str, int], Sequence[Range]]  # (writer, attempt): sequence numbers


@contextmanager
def workshop(run_path: Path | None = None) -> Iterator[DuckDBPyConnection]:
    """A database of its own with little memory that sorts on disk: for jobs beside somebody's training.

    Args:
        run_path: a run of the workspace in which it sorts: what a killed process leaves there, ``gc`` removes. None:
            it sorts in the system's temporary directory, as jobs do that only read.

    Raises:
        QueryError: DuckDB could not do what the block asked of it.
    """
    with _scratch(run_path) as directory:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "temp_directory": directory,
            "threads": str(min(2, os.cpu_count() or 1)),
            "autoinstall_known_extensions": "false",
        }
        connection = duckdb.connect(config=config)
        try:
            with refusals():
                connection.execute("SET TimeZone = 'UTC'")
                connection.execute("SET enable_progress_bar = false")  # at a prompt DuckDB would draw one
                yield connection
        finally:
            connection.close()


@contextmanager
def _scratch(run_path: Path | None) -> Iterator[str]:
    """A directory to sort in. In a workspace DuckDB makes it when memory is short, else never."""
    if run_path is None or run_path.parents[1].name != names.RUNS:
        with tempfile.TemporaryDirectory(prefix="runstore-") as directory:
            yield directory
        return
    path = run_path.parents[2] / names.temporary("scratch", os.urandom(8).hex())
    try:
        yield str(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def write(connection: DuckDBPyConnection, source: str, run_path: Path, kind: str) -> dict[str, Any] | None:
    """Publish a segment of the rows of ``source`` (what stands after FROM); None where there are none."""
    keys = f"SELECT name, attempt, writer, count(*), min(seq), max(seq) FROM {source} GROUP BY ALL ORDER BY ALL"
    pieces = list(_pieces(connection.execute(keys).fetchall()))
    return segment.write(_batches(connection, source, pieces, kind), run_path, kind) if pieces else None


Key = tuple[str, int, str, int, int, int]  # name, attempt, writer; how many, first and last number


def _pieces(keys: Iterable[Key]) -> Iterator[str]:
    """Conditions that cut the rows, in the order of a segment, into pieces that can be sorted in memory."""
    group: list[Key] = []
    for key in keys:
        if group and sum(one[3] for one in group) + key[3] > PIECE:
            yield _between(group)
            group = []
        if key[3] <= PIECE:
            group.append(key)
            continue
        first, last = key[4:]
        width = (last - first) // -(-key[3] // PIECE) + 1
        for start in range(first, last + 1, width):
            yield f"{_between([key])} AND seq BETWEEN {start} AND {start + width - 1}"
    if group:
        yield _between(group)


def _between(group: Sequence[Key]) -> str:
    """The condition that chooses neighbouring keys; the one on the name alone lets whole row groups be skipped."""
    low, high = group[0], group[-1]
    chosen = f"name >= {quoted(low[0])} AND name <= {quoted(high[0])}"
    return f"{chosen} AND NOT ({_beyond('<', low)}) AND NOT ({_beyond('>', high)})"


def _beyond(sign: str, key: Key) -> str:
    """Whether a row comes before (or after) those of a key."""
    name, attempt, writer = quoted(key[0]), key[1], quoted(key[2])
    within = f"attempt {sign} {attempt} OR (attempt = {attempt} AND writer {sign} {writer})"
    return f"name {sign} {name} OR (name = {name} AND ({within}))"


def _batches(connection: DuckDBPyConnection, source: str, pieces: Sequence[str], kind: str) -> Iterator[Any]:
    columns = ", ".join(schemas.COLUMNS[kind])
    for piece in pieces:
        where = f"WHERE {piece}" if len(pieces) > 1 else ""
        sql = f"SELECT {columns} FROM {source} {where} ORDER BY {ORDER}"
        yield from connection.sql(sql).to_arrow_reader(segment.ROW_GROUP)


def publish(
    run_path: Path,
    whose: tuple[str, str],
    entries: Iterable[dict[str, Any]],
    covers: Ranges,
    summary: dict[str, Any],
    replaces: Iterable[str] = (),
    merged_facts: dict[str, Any] | None = None,
    thinned: Sequence[Sequence[Any]] = (),
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
        thinned: writer, attempt, first and last number, how many of these are held, and since when it is not all.

    Raises:
        Damaged: the segments do not hold exactly the numbers that the record would claim.
    """
    segments = list(entries)
    claimed, held = sum(map(ranges.count, covers.values())), sum(entry["rows"] for entry in segments)
    claimed -= sum(last - first + 1 - kept for _, _, first, last, kept, _ in thinned)
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
        **({"thinned": thinned} if thinned else {}),
    }
    data = documents.render(body)
    name = names.seal(hashlib.sha256(data).hexdigest())
    files.publish(run_path, name, data)
    return name


def rows_of(parts: Iterable[Segment]) -> str:
    """A SELECT of what these give, each number once."""
    return " UNION ALL ".join(f"SELECT * FROM {parquet([part.path])} WHERE {_given(part)}" for part in parts)


def numbers(found: Inventory) -> str:
    """A SELECT of writer and number of every point and row that is sealed."""
    parts = [part for kind in (schemas.POINTS, schemas.ROWS) for part in found.segments(kind)]
    sources = [f"SELECT writer, seq FROM ({rows_of([part])})" for part in parts]
    return " UNION ALL ".join(sources) or "SELECT NULL::VARCHAR AS writer, NULL::BIGINT AS seq WHERE false"


def _given(part: Segment) -> str:
    """The condition that leaves out what another segment gives, and other runs."""
    skipped = [
        f"writer = {quoted(writer)} AND seq BETWEEN {first} AND {last}"
        for writer, pieces in part.skip.items()
        for first, last in pieces
    ]
    own = f"run_id = {quoted(part.run_id)}" if part.run_id else "true"
    return f"{own} AND NOT ({' OR '.join(skipped)})" if skipped else own


def parquet(paths: Iterable[Path]) -> str:
    """DuckDB's reader over segments."""
    return f"read_parquet([{', '.join(quoted(str(path)) for path in paths)}])"


def summarize(
    connection: DuckDBPyConnection,
    run_path: Path,
    run_id: str,
    segments: Iterable[dict[str, Any]],
    held: Iterable[Segment] = (),
    home: Path | None = None,
) -> dict[str, Any]:
    """Per metric, what a leaderboard needs, over the points that count (``curve_points``) of these segments.

    Args:
        connection: a workshop; afterwards ``sealed_points``, ``curves`` and the ranks of the writers are bound there.
        run_path: where the segments are.
        run_id: the run.
        segments: their entries in a seal record.
        held: those of them that are in blocks.
        home: the run's directory, where ``run_path`` is another.
    """
    known = {part.name: part for part in held}
    own = [entry for entry in segments if entry["kind"] == schemas.POINTS]
    if not own:
        return {}
    parts = [known.get(e["file"]) or Segment(run_path / e["file"], e, {}, name=e["file"]) for e in own]
    connection.execute(f"CREATE OR REPLACE TEMP VIEW sealed_points AS {rows_of(parts)}")
    ((several,),) = connection.execute("SELECT count(*) > 0 FROM sealed_points WHERE attempt > 1").fetchall()
    ranks.load(connection, [state.fold(home or run_path)] if several else [])
    source = ranks.ranked("SELECT * FROM sealed_points")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE begun AS {views.BEGUN.format(source=source)}")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW curves AS {views.points_view(source, 'begun')}")
    return dict(summaries.compute(connection, "curves" if several else "sealed_points", [run_id])[run_id])
