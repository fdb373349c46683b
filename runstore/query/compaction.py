"""Everything that can be made smaller now, made smaller: seal and merge every finished run, sweep what is left over."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from runstore.disk import block, files, inventory, ledger, lock
from runstore.disk.capabilities import is_local
from runstore.disk.inventory import Inventory
from runstore.disk.ledger import Acknowledged
from runstore.errors import Damaged, RunstoreError
from runstore.format import names, schemas
from runstore.query import blocking, levels, loose, merging, sealing
from runstore.query.loose import Loose
from runstore.runs import mirrored, state

GRACE = 600.0  # seconds a replaced file stays for those who are reading it
ENOUGH = 16  # loose runs from which a block is made of them by hand
MANY = 256  # loose runs from which that happens in the background
_SAMPLE = 8
STALE = 86_400.0  # seconds after which a file that never became whole is nobody's
# temporaries that only the holder of the lock makes
_SEALERS = (*(f".{kind}." for kind in schemas.COLUMNS), ".seal-", ".facts-")

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Compacted:
    """What was done. ``damaged``: run directory (or ``blocks``) and finding; what it is about stays as it is.

    ``blocked``: runs that went into a block; ``blocks``: how many there are now; ``files``: in runs and blocks.
    """

    runs: int = 0
    sealed: int = 0
    merged: int = 0
    removed: int = 0
    blocked: int = 0
    blocks: int = 0
    files_before: int = 0
    files_after: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    damaged: list[tuple[str, str]] = field(default_factory=list)


def compact(workspace: Path, grace: float = GRACE, progress: Progress | None = None, enough: int = ENOUGH) -> Compacted:
    """Seal every finished run, merge it to one file per kind, put it into a block, and sweep; waits for others at work.

    Runs that different remotes have never share a block, so that none has to be sent again.

    Args:
        workspace: the workspace's directory.
        grace: seconds that replaced files stay.
        progress: called with (steps done, steps there are); a step is a run sealed, or put into a block.
        enough: loose runs from which a block is made of them.

    Returns:
        What was done. Trouble in one run is in ``damaged`` and never stops the others.
    """
    mirrored.refuse(workspace)
    done, bar = Compacted(), _Steps(progress)
    (done.files_before, done.bytes_before), found = _measured(workspace), _Found(ledger.acknowledging(workspace))
    runs = list(run_paths(workspace))
    bar.more(len(runs))
    for run_path in runs:
        try:
            seen = inventory.scan(run_path)
            if _work(seen):
                _compact(workspace, run_path, grace, done)
                seen = inventory.scan(run_path)
            found.look(seen)
        except (RunstoreError, OSError) as problem:
            done.damaged.append((run_path.relative_to(workspace).as_posix(), str(problem)))
        bar.step()
    if len(found.loose) >= enough or block.every(workspace):
        try:
            with lock.exclusive(blocking.exclusive_lock(workspace)):
                _block(workspace, found, grace, enough, done, bar)
        except OSError as problem:
            done.damaged.append((names.BLOCKS, str(problem)))
    for directory in (workspace, workspace / names.EXPERIMENTS, workspace / names.BLOBS):
        done.removed += _sweep_temporaries(directory, STALE)
    done.files_after, done.bytes_after = _measured(workspace)
    _count(workspace, done)
    return done


class _Steps:
    """How far it is."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._done, self.total = progress, 0, 0

    def more(self, steps: int) -> None:
        self.total += steps

    def step(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self.total)


@dataclass(slots=True)
class _Found:
    """The runs that can go into blocks, and the directories of those that lie in one already."""

    acknowledged: Acknowledged
    loose: list[Loose] = field(default_factory=list)
    held: list[Path] = field(default_factory=list)

    def look(self, seen: Inventory) -> None:
        one = loose.loose(seen, self.acknowledged)
        if one is not None:
            self.loose.append(one)
        elif seen.held:
            self.held.append(seen.path)


def _block(
    workspace: Path,
    found: _Found,
    grace: float,
    enough: int,
    done: Compacted,
    bar: _Steps,
    merges: int | None = None,
) -> None:
    """Into blocks with what is loose, and away with what they have; for whoever holds the lock."""
    files.touch(blocking.exclusive_lock(workspace))  # when it was done last
    told = blocking.Blocked()
    if len(found.loose) >= enough:
        bar.more(len(found.loose))
        blocking.gather(workspace, found.loose, found.acknowledged, told, bar.step)
    blocking.rise(workspace, told, bar.more, bar.step, merges)
    blocking.tidy(workspace, [*found.held, *told.taken], grace, told)
    done.blocked, done.blocks = len(told.taken), len(block.active(workspace))
    done.removed += told.removed
    done.damaged += told.trouble


def background(workspace: Path, grace: float = GRACE) -> bool:
    """What a command that has time does by the way: where many runs lie loose, put them into blocks. Seals nothing.

    It does a bounded piece of work, not more often than replaced files may go, and only if nobody else is at it;
    ``RUNSTORE_COMPACT=0`` in the environment switches it off.

    Returns:
        Whether it did anything.

    Raises:
        OSError: the workspace can't be written.
    """
    held = blocking.exclusive_lock(workspace)
    if os.environ.get("RUNSTORE_COMPACT") == "0" or files.age(held) < grace or not _crowded(workspace):
        return False
    with suppress(lock.Busy), lock.exclusive(held, timeout=0):
        found = _Found(ledger.acknowledging(workspace))
        for run_path in run_paths(workspace):
            with suppress(RunstoreError, OSError):  # whoever compacts by hand is told
                found.look(inventory.scan(run_path))
        _block(workspace, found, grace, levels.ENOUGH, Compacted(), _Steps(None), merges=1)
        return True
    return False


def _crowded(workspace: Path) -> bool:
    """Whether many runs lie outside of blocks, guessed from a few of the directories in which they are."""
    shards = random.sample(range(256), _SAMPLE)
    there = sum(len(files.names_in(workspace / names.RUNS / f"{shard:02x}")) for shard in shards)
    return there * 256 >= MANY * _SAMPLE


def run_paths(workspace: Path) -> Iterator[Path]:
    """Every directory of a run there is, in the order of names; runs that lie in blocks only have none."""
    for shard in files.listing(workspace / names.RUNS):
        if shard.is_dir():
            for entry in files.listing(Path(shard.path)):
                if entry.is_dir():
                    yield Path(entry.path)


def _compact(workspace: Path, run_path: Path, grace: float, done: Compacted) -> None:
    relative = run_path.relative_to(workspace).as_posix()
    with lock.exclusive(sealing.exclusive_lock(workspace, run_path)):
        sealed = sealing.seal_locked(run_path)
        done.sealed += bool(sealed.records)
        done.merged += sealed.merged
        done.damaged.extend((relative, f"{name}: {what}") for name, what in sealed.damaged)
        done.removed += merging.sweep(run_path, grace)
        done.removed += _sweep_temporaries(run_path, STALE, sealers=is_local(run_path))
        done.removed += sweep_locks(run_path) + _sweep_requests(run_path)


def _work(found: Inventory) -> bool:
    """Whether there may be something to do for who has the lock. What lies in blocks is done."""
    named = {file for _, body in found.active for file in inventory.named(body)}
    named |= {path.name for path in found.facts}
    over = found.points or found.sides or found.temporaries or found.locks or found.damaged or len(found.active) > 1
    over = over or found.requests
    records = [name for name, _ in found.seals if name in found.live]
    facts = [path for path in found.facts if path.name in found.live]
    files_there = {path.name for path in found.segment_files + found.journals} & found.live
    return bool(over or len(records) > 1 or len(facts) > 1 or files_there - named)


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


def _sweep_requests(run_path: Path) -> int:
    """Unlink an old request to begin the next journals: whoever made it is gone."""
    path = run_path / names.ROTATE
    return int(path.exists() and files.age(path) >= GRACE and files.unlink(path))


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


def _count(workspace: Path, done: Compacted) -> None:
    """Note how many runs there are, in directories and blocks, and where that can't be told."""
    there = {block.key(path) for path in run_paths(workspace)}
    for one in block.active(workspace):
        try:
            there.update(one.keys())
        except (Damaged, OSError) as problem:
            done.damaged.append((one.path.relative_to(workspace).as_posix(), str(problem)))
    done.runs = len(there)


def _measured(workspace: Path) -> tuple[int, int]:
    """How many files there are in runs and blocks, and their bytes."""
    count = total = 0
    for directory in [*run_paths(workspace), *(one.path for one in block.every(workspace))]:
        for entry in files.listing(directory):
            try:
                total += entry.stat().st_size
                count += 1
            except OSError:
                continue  # gone meanwhile
    return count, total
