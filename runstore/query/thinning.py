"""Long curves of runs that ended long ago, reduced to the points that keep their shape (``outline``).

The order makes it safe to die anywhere: a segment with what is kept, then the record that takes the place of the one of
all points; that and its segment stay as long as what merging has replaced. The new record has the old one's summary.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runstore.disk import files, inventory, lock, segment
from runstore.disk.inventory import Inventory
from runstore.errors import Damaged, RunstoreError
from runstore.format import names, schemas
from runstore.format.ranges import Range
from runstore.query import listing, outline, pivot, sealing, segments, thinned
from runstore.query.connect import DuckDBPyConnection, refusals
from runstore.query.points import Points
from runstore.runs import mirrored
from runstore.runs.state import TERMINAL, RunState

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Thinned:
    """A run whose curves are, or would be, thinned. ``points``: of its metrics before; ``kept``: after.

    ``bytes``: how many fewer; about so many where it was not done.
    """

    run_id: str
    experiment: str
    points: int
    kept: int
    bytes: int


@dataclass(slots=True)
class Thinning:
    """What was thinned, or would be. ``trouble``: runs that stay as they are, and why."""

    done: bool
    runs: list[Thinned] = field(default_factory=list)
    trouble: list[tuple[str, str]] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        """How many bytes fewer there are when what is replaced has gone; about so many where it was not done."""
        return sum(run.bytes for run in self.runs)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which curves; the words are those of ``Workspace.thin``. ``which``: the metrics, by name; None for all."""

    points: int
    older_than_days: float
    run_ids: Collection[str] | None = None
    experiment: str | None = None
    which: Callable[[str], bool] | None = None

    def __post_init__(self) -> None:
        outline.checked(self.points)

    def means(self, run: RunState) -> bool:
        """Whether a run's curves may be thinned."""
        if not run.settled or run.status not in TERMINAL or run.ended is None:
            return False
        if self.run_ids is not None and run.run_id not in self.run_ids:
            return False
        old = run.ended / 1e9 < time.time() - self.older_than_days * 86_400
        return old and self.experiment in (None, run.experiment)


def thin(workspace: Path, asked: Asked, dry_run: bool, progress: Progress | None = None) -> Thinning:
    """Thin the curves of every run that is meant; see ``Workspace.thin``.

    Args:
        workspace: the workspace's directory.
        asked: which curves.
        dry_run: only tell.
        progress: called with (runs done, runs there are).
    """
    if not dry_run:
        mirrored.refuse(workspace)
    done = Thinning(not dry_run)
    runs = [run for run in listing.runs(workspace) if asked.means(run)]
    for number, run in enumerate(runs, 1):
        try:
            if _long(run, asked.points):
                found = _plan(run, asked) if dry_run else _thin(workspace, run, asked)
                done.runs += [found] if found else []
        except (RunstoreError, OSError) as problem:
            done.trouble.append((run.run_id, str(problem)))
        if progress is not None:
            progress(number, len(runs))
    done.runs.sort(key=lambda run: (-run.bytes, run.run_id))
    return done


def chosen(metrics: str | Iterable[str] | None) -> Callable[[str], bool] | None:
    """What tells whether a metric is meant; None where all are."""
    if isinstance(metrics, str):
        return pivot.chosen(metrics, ())
    return None if metrics is None else frozenset(metrics).__contains__


def _long(run: RunState, points: int) -> bool:
    """Whether a run may have a curve of more points, told without reading any."""
    found = run.inventory
    if found.points or len(found.active) != 1:
        return True
    ((name, body),) = found.active
    if _rows(body["segments"]) <= points:
        return False
    return len(run.attempts) > 1 or any(one["count"] > points for one in found.summary(name).values())


def _rows(entries: Sequence[Mapping[str, Any]]) -> int:
    return sum(entry["rows"] for entry in entries if entry["kind"] == schemas.POINTS)


def _plan(run: RunState, asked: Asked) -> Thinned | None:
    """What thinning a run would come to."""
    entries = [entry for _, body in run.inventory.active for entry in body["segments"]]
    size = sum(entry["size"] for entry in entries if entry["kind"] == schemas.POINTS)
    with segments.workshop() as connection:
        source = Points(connection, [run]).sql(schemas.POINTS)
        every, kept = outline.choose(connection, source, asked.points, asked.which, run)
    saved = round(size * (1 - kept / every)) if every else 0
    return Thinned(run.run_id, run.experiment, every, kept, saved) if kept < every else None


def _thin(workspace: Path, run: RunState, asked: Asked) -> Thinned | None:
    """Thin a run's curves.

    Raises:
        Damaged: something of it is not as it was sealed; nothing was changed.
        OSError: the file system refuses; nothing was changed.
    """
    with lock.exclusive(sealing.exclusive_lock(workspace, run.path)):
        sealing.seal_locked(run.path)
        found = inventory.scan(run.path)
        if found.damaged or found.points or len(found.active) != 1:
            raise Damaged(f"{run.path}: not whole, so it isn't thinned; `runstore check` says more")
        with segments.workshop(run.path) as connection, refusals():
            return _reduce(connection, found, run, asked)


def _reduce(connection: DuckDBPyConnection, found: Inventory, run: RunState, asked: Asked) -> Thinned | None:
    ((_, body),) = found.active
    parts = found.segments(schemas.POINTS)
    if not parts:
        return None
    for part in parts:
        segment.verify(part.path, part.entry)
    every, kept = outline.choose(connection, segments.rows_of(parts), asked.points, asked.which, run)
    if kept == every:
        return None
    files.make_dirs(found.path, durable=True)  # of a run that lies in a block there is none
    entry = segments.write(connection, outline.KEPT, found.path, schemas.POINTS)
    before = [one for one in body["segments"] if one["kind"] == schemas.POINTS]
    entries = [entry] if entry else []
    _publish(connection, found, entries + [one for one in body["segments"] if one["kind"] != schemas.POINTS])
    saved = sum(one["size"] for one in before) - sum(one["size"] for one in entries)
    return Thinned(run.run_id, run.experiment, every, kept, saved)


def _publish(connection: DuckDBPyConnection, found: Inventory, entries: list[dict[str, Any]]) -> None:
    """The record that takes the place of all others: with the same numbers and the same summary, and fewer points."""
    ((record, body),) = found.active
    covers: dict[tuple[str, int], list[Range]] = {}
    for writer, attempt, first, last in body["ranges"]:
        covers.setdefault((writer, attempt), []).append((first, last))
    now, rows = time.time_ns(), segments.rows_of(found.segments(schemas.ROWS))
    held = [f"SELECT writer, seq FROM ({source})" for source in (f"SELECT * FROM {outline.KEPT}", rows) if source]
    own = [[*piece, 0, now] for piece in body["ranges"] if names.owner(piece[0]) == piece[0]]
    segments.publish(
        found.path,
        (body["run"], body["experiment"]),
        entries,
        covers,
        found.summary(record),
        [name for name, _ in found.seals],
        body["merged_facts"],
        thinned.recounted(connection, " UNION ALL ".join(held), own),
    )
