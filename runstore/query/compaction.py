"""Everything that can be made smaller now, made smaller: seal and merge every finished run, sweep what is left over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from runstore.disk import files, inventory, lock
from runstore.disk.capabilities import is_local
from runstore.errors import RunstoreError
from runstore.format import names, schemas
from runstore.query import merging, sealing
from runstore.runs import state

GRACE = 600.0  # seconds a replaced file stays for those who are reading it
STALE = 86_400.0  # seconds after which a file that never became whole is nobody's
# temporaries that only the holder of the lock makes
_SEALERS = (*(f".{kind}." for kind in schemas.COLUMNS), ".seal-", ".facts-")

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Compacted:
    """What was done. ``damaged``: run directory and finding; those runs stay as they are."""

    runs: int = 0
    sealed: int = 0
    merged: int = 0
    removed: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    damaged: list[tuple[str, str]] = field(default_factory=list)


def compact(workspace: Path, grace: float = GRACE, progress: Progress | None = None) -> Compacted:
    """Seal every finished run, merge it to one file per kind, and sweep; waits for sealers at work.

    Args:
        workspace: the workspace's directory.
        grace: seconds that replaced files stay.
        progress: called with (runs done, runs there are).

    Returns:
        What was done. Trouble in one run is in ``damaged`` and never stops the others.
    """
    done = Compacted()
    runs = list(run_paths(workspace))
    for number, run_path in enumerate(runs):
        before = _size(run_path)
        try:
            _compact(workspace, run_path, grace, done)
        except (RunstoreError, OSError) as problem:
            done.damaged.append((run_path.relative_to(workspace).as_posix(), str(problem)))
        done.runs += 1
        done.bytes_before += before
        done.bytes_after += _size(run_path)
        if progress is not None:
            progress(number + 1, len(runs))
    for directory in (workspace, workspace / names.EXPERIMENTS, workspace / names.BLOBS):
        done.removed += _sweep_temporaries(directory, STALE)
    return done


def run_paths(workspace: Path) -> Iterator[Path]:
    """Every run's directory, in the order of names."""
    for shard in files.listing(workspace / names.RUNS):
        if shard.is_dir():
            for entry in files.listing(Path(shard.path)):
                if entry.is_dir():
                    yield Path(entry.path)


def _compact(workspace: Path, run_path: Path, grace: float, done: Compacted) -> None:
    if not _work(run_path):
        return
    relative = run_path.relative_to(workspace).as_posix()
    with lock.exclusive(sealing.exclusive_lock(workspace, run_path)):
        sealed = sealing.seal_locked(run_path)
        done.sealed += bool(sealed.records)
        done.merged += sealed.merged
        done.damaged.extend((relative, f"{name}: {what}") for name, what in sealed.damaged)
        done.removed += merging.sweep(run_path, grace)
        done.removed += _sweep_temporaries(run_path, STALE, sealers=is_local(run_path))
        done.removed += sweep_locks(run_path)


def _work(run_path: Path) -> bool:
    """Whether there may be something to do, without taking the lock."""
    found = inventory.scan(run_path)
    named = {file for _, body in found.active for file in inventory.named(body)}
    named |= {path.name for path in found.facts}
    over = found.points or found.sides or found.temporaries or found.locks or found.damaged or len(found.seals) > 1
    return bool(over or len(found.facts) > 1 or {p.name for p in found.segment_files + found.journals} - named)


def _sweep_temporaries(directory: Path, age: float, sealers: bool = False) -> int:
    """Unlink files that never became whole: old ones, and those of sealers, which the lock proves dead."""
    removed = 0
    for entry in files.listing(directory):
        name = names.parse(entry.name)
        if name is not None and name.kind == "temporary" and entry.is_file():
            dead = sealers and entry.name.startswith(_SEALERS)
            if dead or files.age(Path(entry.path)) >= age:
                removed += files.unlink(Path(entry.path))
    return removed


def sweep_locks(run_path: Path) -> int:
    """Unlink the liveness locks of writers that have ended, or whose death needs no lock to be proven."""
    removed = 0
    for part in state.fold(run_path).writers:
        path = run_path / names.lock(part.writer)
        proof = part.end is not None or (
            bool(part.start)
            and lock.verdict(part.start, run_path / "none.lock") == lock.verdict(part.start, path) == "dead"
        )
        if proof and path.exists():
            removed += files.unlink(path)
    return removed


def _size(run_path: Path) -> int:
    """The bytes of a run's files."""
    total = 0
    for entry in files.listing(run_path):
        try:
            total += entry.stat().st_size
        except OSError:
            continue  # gone meanwhile
    return total
