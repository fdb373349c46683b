"""Raw logs, what runs printed and what other sources told: as files of a run, and as lines of the view ``logs``.

The bytes are cut where a time mark stands, decoded, and split by DuckDB: no line is looked at here.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from runstore.disk import wherever
from runstore.errors import Damaged
from runstore.format import names
from runstore.query import feed, views
from runstore.query.connect import DuckDBPyConnection
from runstore.runs import spool
from runstore.runs.state import RunState

_PRINTED = "user_logs/std_log.txt"
_BEFORE = {"azureml-logs/70_driver_log.txt": _PRINTED}  # a name that the Azure ML SDK v1 had before
_CONTAINED = {"system_logs/container/main.txt": _PRINTED}  # what a container prints is what its script prints
_PIECE = 1 << 20  # bytes of text in one row before it is split
_BATCH = 64 << 20  # bytes of text on their way at once
_COLUMNS = {
    "run_id": "VARCHAR", "experiment": "VARCHAR", "stream": "VARCHAR", "base": "BIGINT", "time": "BIGINT",
    "body": "VARCHAR", "writer": "VARCHAR", "attempt": "BIGINT",
}  # fmt: skip

Marks = Mapping[tuple[str, str, str], list[tuple[int, int]]]  # run, writer, stream: (bytes, microseconds)


class Raw(NamedTuple):
    """One raw log of a run: ``stream`` in the view, ``name`` among the files, ``told`` what the facts say of it."""

    path: Path
    stream: str
    name: str
    writer: str
    attempt: int
    told: dict[str, Any]
    spools: list[Path]

    def data(self) -> bytes:
        """Everything in it by now.

        Raises:
            Damaged: it is not what its writer left.
            OSError: it can't be read.
        """
        empty = self.told["size"] == 0 and not wherever.there(self.path)
        data = b"" if empty else wherever.read(self.path)
        size, sha256 = self.told["size"], self.told["sha256"]
        if size is not None and (len(data) < size or hashlib.sha256(memoryview(data)[:size]).hexdigest() != sha256):
            raise Damaged(f"{self.path.name}: does not match its SHA-256; restore it from a copy")
        return b"".join([data, *filter(None, map(rest, self.spools))])


class LogText(NamedTuple):
    """A raw log as a file of the run."""

    path: Path
    size: int
    raw: Raw

    def read(self) -> bytes:
        """Its bytes, verified.

        Raises:
            Damaged: it is not what its writer left.
        """
        return self.raw.data()


def files(run: RunState) -> dict[str, LogText]:
    """The raw logs of a run by name, as they are now. ``aliases`` names some of them once more."""
    found = {}
    for raw in raws(run):
        try:
            size = wherever.size(raw.path)
        except (Damaged, OSError):
            size = 0
        if size or raw.spools or raw.told["size"] is None:
            found[raw.name] = LogText(raw.path, size, raw)
    return found


def aliases(definition: Mapping[str, Any] | None) -> dict[str, str]:
    """Further names of logs, kept once, that are not listed.

    Args:
        definition: what the run was submitted as, if it was.
    """
    docker = ((definition or {}).get("environment") or {}).get("docker") or {}
    return _BEFORE | _CONTAINED if docker.get("enabled") else _BEFORE


def raws(run: RunState) -> Iterator[Raw]:
    """The raw logs of a run. Of a stream that several writers of an attempt have, each after the first tells which."""
    taken: set[str] = set()
    for attempt in run.attempts:
        seen: dict[str, int] = {}
        for part in run.writers:
            if part.attempt != attempt.number:
                continue
            for number, told in sorted(part.streams.items()):
                stream = told["stream"]
                order = seen[stream] = seen.get(stream, -1) + 1
                if order:
                    stream = _with(stream, f"_process_{order if part.rank is None else part.rank}")
                name = _with(stream, f"_attempt_{part.attempt}") if stream in taken else stream
                taken.add(name)
                spools = [path for path in run.inventory.spools if _writer(path) == part.writer] if not number else []
                path = run.path / names.log(part.writer, number)
                yield Raw(path, stream, name, part.writer, part.attempt, told, spools)


def _with(name: str, what: str) -> str:
    head, dot, ending = name.rpartition(".")
    return f"{head}{what}.{ending}" if dot and "/" not in ending else name + what


def _writer(path: Path) -> str:
    name = names.parse(path.name)
    return name.writer if name else ""


def rest(path: Path) -> bytes | None:
    """What a spool still holds that is in no log; None where it is gone, or the log has all of it."""
    try:
        return spool.rest(wherever.read(path))
    except FileNotFoundError:
        return None  # the log has all of it by now


def load(connection: DuckDBPyConnection, runs: Iterable[RunState], marks: Marks) -> None:
    """Make the temporary table ``printed``: the lines of all raw logs of these runs, with the columns of ``logs``.

    Of what a carriage return has overwritten (progress bars) the last text that is not empty counts.
    """
    columns = ", ".join(f"NULL::{kind} AS {column}" for column, kind in views.VIEWS["logs"].items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE printed AS SELECT {columns} LIMIT 0")
    batch: list[dict[str, object]] = []
    waiting = 0
    for row in (row for run in runs for raw in raws(run) for row in _rows(run, raw, marks)):
        batch.append(row)
        waiting += len(str(row["body"]))
        if waiting > _BATCH:
            _split(connection, batch)
            batch, waiting = [], 0
    if batch:
        _split(connection, batch)


_SPLIT = r"""
INSERT INTO printed SELECT run_id, experiment, stream, base + place - 1 AS line, make_timestamp(time) AS time, NULL,
NULL, CASE WHEN contains(part, chr(13)) THEN regexp_extract(rtrim(part, chr(13)), '[^\r]*$') ELSE part END, NULL,
writer, attempt FROM (SELECT * EXCLUDE (parts), unnest(parts) AS part, generate_subscripts(parts, 1) AS place
FROM (SELECT * EXCLUDE (body), string_split(body, chr(10)) AS parts FROM printed_pieces))
"""


def _split(connection: DuckDBPyConnection, batch: list[dict[str, object]]) -> None:
    feed.rows(connection, "printed_pieces", _COLUMNS, batch)
    connection.execute(_SPLIT)
    connection.execute("DROP TABLE printed_pieces")


def _rows(run: RunState, raw: Raw, marks: Marks) -> Iterator[dict[str, object]]:
    """The pieces of a raw log, each of whole lines of one time."""
    try:
        data = raw.data()
    except (Damaged, OSError) as problem:
        what = str(problem) if isinstance(problem, Damaged) else f"{raw.path.name}: {problem.strerror}"
        warnings.warn(f"run {run.run_id}: {what}; left out", stacklevel=2)
        return
    whose = {"run_id": run.run_id, "experiment": run.experiment, "stream": raw.stream}
    base = 0
    known = sorted([*marks.get((run.run_id, raw.writer, raw.told["stream"]), []), *raw.told["left"]])
    for start, end, time in _pieces(data, known, written(raw)):
        piece = data[start:end]
        body = text(piece.removesuffix(b"\n"))
        yield {**whose, "base": base, "time": time, "body": body, "writer": raw.writer, "attempt": raw.attempt}
        base += piece.count(b"\n")


def text(data: bytes) -> str:
    """Bytes that somebody printed as text: what is no UTF-8, and NULs, are shown as replaced."""
    return data.decode("utf-8", "replace").replace("\0", "\ufffd")


def written(raw: Raw) -> int:
    """When the last line was written, where no mark says so, in microseconds since 1970."""
    try:
        return wherever.modified(raw.path) // 1000
    except (Damaged, OSError):
        return int(raw.told["time"]) // 1000


def _pieces(data: bytes, marks: list[tuple[int, int]], now: int) -> Iterator[tuple[int, int, int]]:
    """Where to cut: a line has the time of the first mark at or after its end."""
    start = 0
    for mark, time in [*marks, (len(data), now)]:
        stop = len(data) if mark >= len(data) else data.rfind(b"\n", start, mark) + 1
        while start < stop:
            end = data.rfind(b"\n", start, min(start + _PIECE, stop)) + 1
            if end <= start:  # one line longer than a piece, or the last one, which may have no end
                end = data.find(b"\n", start + 1, stop) + 1 or stop
            if stop - start <= _PIECE:
                end = stop
            yield start, end, time
            start = end
