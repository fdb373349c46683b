"""Loose runs into blocks, blocks into larger ones, and away with what a block has and what it replaces.

Whoever calls holds the workspace's ``compact.lock``; logging and reading know nothing of it. A block is there before
anything of what it holds goes, and that not before it has been read whole.
"""

from __future__ import annotations

import itertools
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from runstore.disk import block, block_build, files, inventory, lock
from runstore.disk.block import Block
from runstore.disk.block_build import Builder
from runstore.disk.inventory import Inventory
from runstore.disk.ledger import Acknowledged
from runstore.errors import Damaged, RunstoreError
from runstore.format import names
from runstore.query import levels, loose, merging_blocks, sealing
from runstore.query.levels import Sized
from runstore.query.loose import Loose

LOCK = "compact.lock"
Step = Callable[[], None]


@dataclass(slots=True)
class Blocked:
    """What was done.

    ``taken``: the runs that went into a block; ``merged``: blocks into others; ``trouble``: where, and what was found.
    """

    taken: list[Path] = field(default_factory=list)
    made: int = 0
    merged: int = 0
    removed: int = 0
    trouble: list[tuple[str, str]] = field(default_factory=list)


def exclusive_lock(workspace: Path) -> Path:
    """The lock file for building blocks and for removing what they replace."""
    return workspace / names.LOCKS / LOCK


# ---- out of loose runs


def gather(workspace: Path, runs: Iterable[Loose], acknowledged: Acknowledged, done: Blocked, step: Step) -> None:
    """Put loose runs into blocks, those that the same remotes have; ``step`` is called after each run."""
    groups: dict[tuple[str, ...], list[Loose]] = {}
    for one in runs:
        groups.setdefault(tuple(sorted(one.acknowledged)), []).append(one)
    for group in groups.values():
        for portion in levels.portions(sorted(group, key=lambda one: one.run_id)):
            with _told(workspace, done, workspace / names.BLOCKS):
                _build(workspace, portion, acknowledged, done, step)


def _build(workspace: Path, portion: Sequence[Loose], acknowledged: Acknowledged, done: Blocked, step: Step) -> None:
    taken = []
    with Builder(workspace, levels.level(len(portion)), portion[0].acknowledged) as builder:
        for one in portion:
            found = None
            with _told(workspace, done, one.path):
                found = loose.contents(one, acknowledged)
            if found is not None:
                run, pieces, parts = found
                builder.add(run.run_id, run.experiment, pieces, parts)
                taken.append(one.path)
            step()
        done.made += builder.publish() is not None
    done.taken += taken


@contextmanager
def _told(workspace: Path, done: Blocked, where: Path) -> Iterator[None]:
    """Trouble with one thing is noted, and stops none of the others. What somebody else has just done is no trouble."""
    try:
        yield
    except FileNotFoundError:
        return
    except (RunstoreError, OSError) as problem:
        done.trouble.append((where.relative_to(workspace).as_posix(), str(problem)))


# ---- out of smaller ones


def rise(workspace: Path, done: Blocked, more: Callable[[int], None], step: Step, most: int | None = None) -> None:
    """Merge blocks until the levels are as they should be.

    Args:
        workspace: the workspace's directory.
        done: where to note what was done.
        more: told how many runs are about to be taken from block to block.
        step: called after each of them.
        most: how many times at most; None for as often as it takes.
    """
    failed: set[str] = set()
    for _ in itertools.count() if most is None else range(most):
        there = {one.name: one for one in block.active(workspace) if one.name not in failed}
        chosen = [there[one.name] for one in levels.next_merge(map(_sized, there.values()))]
        level = max((one.body["level"] + 1 for one in chosen), default=0)
        if not chosen:
            chosen = [one for one in there.values() if _hollow(workspace, one)][:1]
            level = chosen[0].body["level"] if chosen else 0
        if not chosen:
            return
        more(sum(one.body["runs"] for one in chosen))
        failed |= {one.name for one in chosen}  # of those that are merged none is there any more
        with _told(workspace, done, workspace / names.BLOCKS):
            merging_blocks.merge(workspace, chosen, level, step)
            done.made += 1
            done.merged += len(chosen)


def _sized(one: Block) -> Sized:
    size = sum(entry["size"] for entry in one.body["files"].values())
    return Sized(one.name, one.body["level"], one.body["runs"], size, frozenset(one.body["acknowledged"]))


def _hollow(workspace: Path, one: Block) -> bool:
    """Whether half of the runs in a block or more were removed for good, and nobody can need anything of them."""
    runs: int = one.body["runs"]
    gone = {name.partition(".")[0] for name in files.names_in(workspace / names.TOMBSTONES)}
    if not runs or 2 * len(gone) < runs:
        return False
    with suppress(Damaged, OSError):
        there = (one.find(digits) for digits in gone.intersection(one.keys()))
        return 2 * sum(entry is not None and merging_blocks.free(entry) for entry in there) >= runs
    return False


# ---- what has become superfluous


def tidy(workspace: Path, run_paths: Iterable[Path], grace: float, done: Blocked) -> None:
    """Sweep runs that blocks hold, and the blocks that others replace."""
    if not any(age(one) >= grace for one in block.every(workspace)):
        return
    for run_path in run_paths:
        with _told(workspace, done, run_path):
            done.removed += sweep_run(workspace, run_path, grace)
    with _told(workspace, done, workspace / names.BLOCKS):
        done.removed += sweep_blocks(workspace, grace)


def age(one: Block) -> float:
    """Seconds a block has been there, by the less certain of two clocks."""
    created: int = one.body["created"]
    return min(time.time() - created / 1e9, files.age(one.path / names.BLOCK_RECORD))


def sweep_run(workspace: Path, run_path: Path, grace: float) -> int:
    """Unlink the files of a run that a block has had for ``grace`` seconds, and the directory with the last of them.

    Returns:
        How many files went.

    Raises:
        Damaged: a block is not as it was written; what it holds stays.
        OSError: a file can't be read, or the file system refuses.
    """
    with lock.exclusive(sealing.exclusive_lock(workspace, run_path)):
        found = inventory.scan(run_path)
        going = swept(found, grace)
        for one in {id(one): one for one in going.values()}.values():
            merging_blocks.trust(one)
        gone = [files.unlink(run_path / name) for name in going if _same(found, name)]
        if found.held and not files.names_in(run_path):
            files.remove_dir(run_path)
    return sum(gone)


def swept(found: Inventory, grace: float) -> dict[str, Block]:
    """The files in a run's directory that a block has had for so long, by name."""
    holding = {name: held.block for name, held in found.held.items()} | {n: one for n, (one, _) in found.rows.items()}
    return {name: holding[name] for name in sorted(found.live & holding.keys()) if age(holding[name]) >= grace}


def _same(found: Inventory, name: str) -> bool:
    """Whether a file is the one that the block has."""
    path = found.path / name
    if name in found.rows:
        return any(
            entry["file"] == name and entry["size"] == path.stat().st_size
            for _, body in found.seals
            for entry in body["segments"]
        )
    member = found.held[name].member
    data = files.read(path)
    return len(data) == member.size and zlib.crc32(data) == member.crc32


def sweep_blocks(workspace: Path, grace: float) -> int:
    """Remove blocks that others replaced ``grace`` seconds ago or more, and what never became one.

    Returns:
        How many blocks went.

    Raises:
        Damaged: what replaces a block is not as it was written; that block stays.
        OSError: a file can't be read, or the file system refuses.
    """
    there = {one.name: one for one in block.every(workspace)}
    gone = 0
    for one in list(there.values()):
        old = [there[name] for name in one.body["replaces"] if name in there]
        if old and age(one) >= grace:
            merging_blocks.trust(one)
            gone += sum(remove(workspace, other) for other in old)
    for entry in files.listing(workspace / names.BLOCKS):
        if entry.name.startswith(f".{block_build.TEMPORARY}.") and entry.is_dir():
            block_build.discard(Path(entry.path))
    if gone:
        block.forget(workspace)
    return gone


def remove(workspace: Path, one: Block) -> bool:
    """Take a block's name away at once, then its files: what is left of it at any moment is no block."""
    aside = one.path.with_name(names.temporary(block_build.TEMPORARY, one.name))
    try:
        files.reveal_dir(one.path, aside)
    except OSError:
        return False  # gone, or in use where that can't be
    files.sync_dir(aside.parent)
    block_build.discard(aside)
    return True
