"""A lake put in order: small files of the tables of facts made one, and what nobody reads any more deleted.

``segments`` is never touched, and no file of rows is ever rewritten: they are the pieces that others fetch.
"""

from __future__ import annotations

import math
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from runstore.format import names
from runstore.sync import piece as pieces
from runstore.sync.lake import columns, facts
from runstore.sync.lake.lake import Lake, digits
from runstore.sync.lake.tables import Part

YOUNG = 3600.0  # seconds for which a file stays as it is: the push that wrote it may go on, or be repeated
KEEP = 168  # hours for which what is no part of a table any more is kept, for who reads an earlier version
_AT_ONCE = 16


@dataclass(slots=True)
class Optimized:
    """What was done. ``merged``: files that became ``into`` files; ``deleted``: files that went, of so many bytes."""

    merged: int = 0
    into: int = 0
    deleted: int = 0
    bytes: int = 0


def optimize(lake: Lake, keep_hours: int = KEEP, young: float = YOUNG) -> Optimized:
    """Put a lake in order. Safe beside those who push and read.

    Args:
        lake: the lake.
        keep_hours: how long what is no part of a table any more stays.
        young: seconds for which files stay as they are.

    Raises:
        Refused: the credentials don't allow that.
        Unreachable: the storage can't be asked; what was done is done.
    """
    done, hours = Optimized(), max(keep_hours, math.ceil(young / 3600))  # what is put just now is no part yet
    for table in (*columns.OF_RUNS, *columns.OF_ALL):
        _merge(lake, table, time.time() - young, done)
    for table in (*columns.OF_RUNS, *columns.OF_ALL):
        sizes = {one.name: one.size for one in lake.storage.names(table) if "/_delta_log/" not in one.name}
        parts = {f"{table}/{one.path}" for one in lake.tables.parts(table)}
        gone = (
            {f"{table}/{path}" for path in lake.tables.vacuum(table, hours, dry=False)} if sizes.keys() - parts else ()
        )
        done.deleted += len(sizes.keys() & gone)
        done.bytes += sum(sizes[name] for name in sizes.keys() & gone)
    _sweep(lake, time.time() - hours * 3600, done)
    return done


def _merge(lake: Lake, table: str, before: float, done: Optimized) -> None:
    """Make one file of those of a table that are older."""
    old = [one for one in lake.tables.parts(table) if one.modified <= before]
    if len(old) < 2:
        return
    with tempfile.TemporaryDirectory(prefix="runstore-") as directory:
        runs = _fetched(lake, "runs", lake.tables.parts("runs"), Path(directory, "runs"))
        parts = _fetched(lake, table, old, Path(directory, table, "old"))
        target = Path(directory, "merged.parquet")
        count = facts.newest(table, parts, runs, target)
        if lake.replace(table, [one.path for one in old], target if count else None, count, "merged"):
            done.merged, done.into = done.merged + len(old), done.into + bool(count)


def _fetched(lake: Lake, table: str, parts: list[Part], to: Path) -> list[Path]:
    os.makedirs(to)

    def fetch(numbered: tuple[int, Part]) -> Path:
        target = to / f"{numbered[0]}.parquet"
        with open(target, "wb") as file:
            for chunk in lake.storage.read(f"{table}/{numbered[1].path}"):
                file.write(chunk)
        return target

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [*pool.map(fetch, enumerate(parts))]


def _sweep(lake: Lake, before: float, done: Optimized) -> None:
    """Delete the segments of runs that were removed for good before that time."""
    stones = lake.storage.names(names.TOMBSTONES)
    gone = {one.name.rpartition("/")[2].partition(".")[0] for one in stones if one.modified <= before}
    if not gone:
        return
    theirs: dict[str, bool] = {}  # by name: whether only removed runs have it
    for one in lake.pieces(removed=True).pieces:
        if one.kind in pieces.SEGMENTS:
            name = f"{columns.OF_KIND[one.kind]}/{one.object or one.sha256}.parquet"
            theirs[name] = theirs.get(name, True) and digits(one.path) in gone
    for name, only in theirs.items():
        size = lake.storage.size(name) if only else None
        if size is not None:
            lake.storage.delete(name)
            done.deleted, done.bytes = done.deleted + 1, done.bytes + size
