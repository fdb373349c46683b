"""Blocks that nobody needs any more, and what they still have of removed runs: ``plan`` tells, ``collect`` does.

What a removed run has in a block is hidden by its tombstone; its bytes go when the block is made anew without it. That
is done where they are a tenth of it, and nobody has found content there a short while ago: ``runs/dedup.py`` touches
the file first and looks for the tombstone then, here it is the other way round.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from runstore.disk import block, files, lock
from runstore.disk.block import Block
from runstore.errors import Damaged
from runstore.format import names
from runstore.query import blocking, compaction, merging_blocks, removing, shares
from runstore.query.references import References

WORTH = 0.1  # of a block's bytes

Needed = Callable[[Path], bool]


@dataclass(slots=True)
class Dead:
    """Removed runs in a block, by the digits of their directories; ``bytes``: of them and of thinned points."""

    runs: set[str] = field(default_factory=set)
    bytes: int = 0


def needed(workspace: Path, counted: References) -> Needed:
    """Tell of a run's directory whether others use something that lies in its packs and nowhere else."""
    using = {key[0].parent for key in counted.users}
    runs = {run.path: run for run in counted.runs if run.path in using}

    def asked(run_path: Path) -> bool:
        run = runs.get(run_path)
        return run is not None and bool(removing.loose(workspace, removing.needed(counted, run), touch=False))

    return asked


def dead(workspace: Path, one: Block, needed: Needed) -> Dead:
    """The removed runs in a block of which nothing is needed, and how much of others has been thinned away."""
    found = Dead()
    gone = {name.partition(".")[0] for name in files.names_in(workspace / names.TOMBSTONES)}
    keys = one.keys()
    anew = {key for key in keys if (workspace / names.RUNS / key[:2] / key[2:]).is_dir()}
    for share in shares.of(one) if anew or not gone.isdisjoint(keys) else ():
        run_path = share.path(workspace)
        key = block.key(run_path)
        if key in gone and not needed(run_path):
            found.runs.add(key)
            found.bytes += share.bytes
        elif key in anew - gone:
            parsed = map(names.parse, shares.superseded(run_path) & share.entry.segments.keys())
            found.bytes += sum(share.rows[kind] for kind in {one.segment_kind for one in parsed if one})
    return found


def replaced(workspace: Path, grace: float = compaction.GRACE) -> Iterator[tuple[Path, int]]:
    """The blocks that others replaced long enough ago, and indexes of blocks that are gone, with their bytes."""
    there = {one.name: one for one in block.every(workspace)}
    old = {name for one in there.values() if blocking.age(one) >= grace for name in one.body["replaces"]}
    for name in sorted(old & there.keys()):
        yield there[name].path, size(there[name].path)
    for name in files.names_in(workspace / names.CACHE):
        if names.is_block(name) and not (workspace / names.BLOCKS / name).is_dir():
            yield workspace / names.CACHE / name, size(workspace / names.CACHE / name)


def waiting(workspace: Path, needed: Needed) -> Iterator[tuple[Path, Dead, bool]]:
    """The blocks with something of removed runs, and whether that is enough to make them anew."""
    for one in block.active(workspace):
        try:
            found = dead(workspace, one, needed)
        except (Damaged, OSError):
            continue  # `check` says so
        if found.runs or found.bytes:
            yield one.path, found, found.bytes >= WORTH * size(one.path)


def sweep(workspace: Path, grace: float = compaction.GRACE) -> list[tuple[Path, int]]:
    """Remove what ``replaced`` tells; give what went.

    Raises:
        Damaged: what replaces a block is not as it was written; that block stays.
        OSError: the file system refuses.
    """
    doomed = list(replaced(workspace, grace))
    if doomed:
        with lock.exclusive(blocking.exclusive_lock(workspace)):
            blocking.sweep_blocks(workspace, grace)
            for path, _ in doomed:
                if path.parent.name == names.CACHE:
                    _unlink(path)
    return [(path, bytes) for path, bytes in doomed if not path.exists()]


def shrink(workspace: Path, needed: Needed, before: float) -> Iterator[tuple[Path, int]]:
    """Make blocks anew without removed runs, where that is worth it; give each, and how many bytes less there are.

    Args:
        workspace: the workspace's directory.
        needed: whether others use something of a run.
        before: blocks in which somebody has found something after this time stay for now.

    Raises:
        Damaged: a block is not as it was written; it stays.
        OSError: the file system refuses; it stays.
    """
    if not any(worth for _, _, worth in waiting(workspace, needed)):
        return
    with lock.exclusive(blocking.exclusive_lock(workspace)):
        for path, found, worth in list(waiting(workspace, needed)):
            if worth and os.stat(path / names.BLOCK_MEMBERS).st_mtime <= before:
                yield path, _anew(workspace, path, found.runs)


def _anew(workspace: Path, path: Path, drop: Collection[str]) -> int:
    (one,) = (one for one in block.active(workspace) if one.path == path)
    if len(drop) == one.body["runs"]:
        freed = size(path)
        blocking.remove(workspace, one)
        block.forget(workspace)
        return freed
    there = {each.name for each in block.every(workspace)}
    merging_blocks.merge(workspace, [one], one.body["level"], drop=drop)
    return -sum(size(each.path) for each in block.every(workspace) if each.name not in there)


def size(directory: Path) -> int:
    """The bytes of the files in a directory."""
    total = 0
    for entry in files.listing(directory):
        try:
            total += entry.stat().st_size
        except FileNotFoundError:
            continue
    return total


def _unlink(directory: Path) -> None:
    for name in files.names_in(directory):
        files.unlink(directory / name)
    files.remove_dir(directory)
