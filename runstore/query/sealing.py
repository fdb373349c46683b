"""From journals to segments, one run at a time.

The order makes it safe to die anywhere: the segments, then the record that makes them count, then the journals go.
Until the record is there the journals are the truth; once it is there they give nothing any more.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runstore.disk import files, inventory, lock, segment, tail
from runstore.disk.inventory import Inventory
from runstore.errors import RunstoreError
from runstore.format import names, ranges, schemas
from runstore.format.journal import Journal
from runstore.format.ranges import Range
from runstore.query import gathering, live, merging, segments
from runstore.query.connect import DuckDBPyConnection
from runstore.runs import state
from runstore.runs.state import RunState

BATCH = 64 << 20  # bytes of journals decoded at once
ABANDONED = 60.0  # seconds after which a live writer no longer means to close a journal that it went on from


@dataclass(slots=True)
class Sealed:
    """What was done. ``damaged``: file and finding, of journals that stay as they are."""

    journals: int = 0
    records: int = 0
    merged: int = 0
    finished: bool = False
    damaged: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Batch:
    """Journals to seal now, and journals of which everything is sealed already."""

    taken: list[tuple[Path, Journal]] = field(default_factory=list)
    spent: list[Path] = field(default_factory=list)


def exclusive_lock(workspace: Path, run_path: Path) -> Path:
    """The lock file for sealing and compacting a run (and its neighbours: few locks, for they are files that stay)."""
    return workspace / names.LOCKS / f"{run_path.parent.name[0]}.lock"


def seal(workspace: Path, run_path: Path, timeout: float = -1) -> Sealed:
    """Seal what is complete of a run; where the run has finished, everything, in one file per kind.

    Args:
        workspace: the workspace's directory.
        run_path: the run's directory.
        timeout: seconds to wait for another process that seals; -1 for ever.

    Raises:
        Busy: another process is at it.
        Damaged: what was written can't be read back.
        OSError: the file system refuses; the journals are still there.
    """
    with lock.exclusive(exclusive_lock(workspace, run_path), timeout):
        return seal_locked(run_path)


def seal_locked(run_path: Path) -> Sealed:
    """As ``seal``, for whoever holds the lock."""
    done, left = Sealed(), set[str]()
    first: Inventory | None = None
    while True:
        run = state.fold(run_path)
        found = inventory.scan(run_path)  # after the fold: the journals of a writer that is gone are all in it
        first = first or found
        if found is first and not run.settled:
            done.merged = _gathered(first)
        if not run.settled:  # one that logs faster than this seals would keep it busy for ever
            found.points, found.sides = _within(found.points, first), _within(found.sides, first)
        batch = _choose(found, run, left, done)
        if batch.taken:
            with segments.workshop(run_path) as connection:
                publish(connection, found, [journal for _, journal in batch.taken])
            done.records += 1
        spent = [path for path, _ in batch.taken] + batch.spent
        for path in spent:
            files.unlink(path)
        if not spent:
            break
        left.update(path.name for path in spent)  # where they are in use and can't go yet
        done.journals += len(spent)
    done.finished = run.settled
    if run.settled:
        done.merged = merging.merge(run_path)
    return done


def _gathered(found: Inventory) -> int:
    """Before more is sealed, so that what was sent elsewhere meanwhile and what was not are not mixed."""
    try:
        return gathering.gather(found)
    except (RunstoreError, OSError):
        return 0  # what is damaged is told by `check`, and all stays as it is


def _within(paths: list[Path], first: Inventory) -> list[Path]:
    return [path for path in paths if path.name in first.names]


def _choose(found: Inventory, run: RunState, left: set[str], done: Sealed) -> _Batch:
    """Read the next journals that are complete, up to the size of a batch."""
    batch, size, taken = _Batch(), 0, {writer: list(pieces) for writer, pieces in found.sealed.items()}
    gone = {part.writer for part in run.writers if _gone(part, found.path)}
    for path, journal in _complete(found, gone, left, done):
        writer = _writer(path)
        tail.trim(journal, taken.get(writer, []))
        if not tail.held(journal):
            batch.spent.append(path)
            continue
        batch.taken.append((path, journal))
        taken[writer] = ranges.join([*taken.get(writer, []), *tail.held(journal)])
        size += len(journal.data)
        if size >= BATCH:
            break
    return batch


def _gone(part: state.WriterState, run_path: Path) -> bool:
    """Whether a writer will never write again: it said so, or it is dead by proof. An end file is no proof."""
    if part.end is not None:
        return True
    return bool(part.start) and lock.verdict(part.start, run_path / names.lock(part.writer)) == "dead"


def _complete(found: Inventory, gone: set[str], left: set[str], done: Sealed) -> Iterator[tuple[Path, Journal]]:
    """The undamaged journals to which nothing will be added, of each writer in order up to the first other one.

    The order keeps the rows of a table numbered as they were logged. What is not given is ``left``.
    """
    paths = sorted(found.points + found.sides, key=tail.order)
    waiting = set()
    for path, following in itertools.zip_longest(paths, paths[1:]):
        writer = _writer(path)
        if path.name in left or writer in waiting:
            continue
        journal = tail.verified(path)
        if journal.damage:
            done.damaged.extend((path.name, f"{finding.what}, at byte {finding.offset}") for finding in journal.damage)
            left.add(path.name)
        elif journal.closed or names.owner(writer) in gone or _abandoned(path, following):
            yield path, journal
        else:
            waiting.add(writer)


def _abandoned(path: Path, following: Path | None) -> bool:
    """Whether the writer went on in the next journal long ago: after a failed fsync it never closes the old one."""
    return following is not None and _writer(following) == _writer(path) and files.age(path) >= ABANDONED


def _writer(path: Path) -> str:
    name = names.parse(path.name)
    return name.writer if name else ""


def publish(connection: DuckDBPyConnection, found: Inventory, journals: list[Journal]) -> None:
    """Seal what these journals hold: their segments, then the record that makes them count.

    Args:
        connection: a workshop.
        found: the run's files.
        journals: in the order in which they were written, without what is sealed already.

    Raises:
        Damaged: what was written can't be read back; nothing counts of it.
    """
    entries = _segments(connection, found, journals)
    covers: dict[tuple[str, int], list[Range]] = {}
    for journal in journals:
        covers.setdefault((journal.header["writer"], journal.header["attempt"]), []).extend(tail.held(journal))
    header = journals[0].header
    segments.publish(
        found.path,
        (header["run"], header["experiment"]),
        entries,
        {writer: ranges.join(pieces) for writer, pieces in covers.items()},
        segments.summarize(connection, found.path, header["run"], entries),
    )


def _segments(connection: DuckDBPyConnection, found: Inventory, journals: list[Journal]) -> list[dict[str, Any]]:
    """Write what the journals hold, one segment for each kind there is of it."""
    points: list[Journal] = []
    sides: list[Journal] = []
    for journal in journals:
        (points if names.owner(journal.header["writer"]) == journal.header["writer"] else sides).append(journal)
    sources: dict[str, str] = {}
    if sides:
        live.load_sides(connection, sides)
        sources |= {schemas.SYSTEM: "live_system", schemas.LOGS: "live_logs"}
    if points:
        live.load(connection, points)
        sources |= {schemas.POINTS: "live_points", schemas.ROWS: _rows(connection, found)}
    entries = [segments.write(connection, source, found.path, kind) for kind, source in sources.items()]
    return [entry for entry in entries if entry]


def _rows(connection: DuckDBPyConnection, found: Inventory) -> str:
    """The rows of a table count on from those sealed before."""
    before = found.segments(schemas.ROWS)
    if not before:
        return "live_rows"
    for sealed in before:
        segment.verify(sealed.path, sealed.entry)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE rows_before AS SELECT writer, attempt, name, count(*) AS n "
        f"FROM ({segments.rows_of(before)}) GROUP BY ALL"
    )
    return (
        "(SELECT r.* REPLACE (r.row + coalesce(b.n, 0) AS row) "
        "FROM live_rows r LEFT JOIN rows_before b USING (writer, attempt, name))"
    )
