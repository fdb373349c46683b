"""What a repair would do, found out by doing it: in a likeness of the workspace whose files are links to the real ones.

A repair never changes a file in place, so the real ones stay as they are.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from runstore.disk import files
from runstore.format import names
from runstore.query import repair
from runstore.query.repair_aside import Repaired, Told

# how deep something may be written
_DEPTHS = {names.RUNS: 3, names.EXPERIMENTS: 1, names.TOMBSTONES: 1}
_DEPTHS |= dict.fromkeys((names.BLOBS, names.MODELS, names.ENVIRONMENTS, names.BLOCKS, names.CACHE, names.REMOTES), 2)


def rehearse(workspace: Path, run: str | None = None, progress: Callable[[int, int], None] | None = None) -> Repaired:
    """Tell what ``repair.repair`` would do now. Writes nothing to the workspace; ``place`` is empty.

    Args, raises: as ``repair.repair``.
    """
    found = repair.damage(workspace, run, progress)
    if not found:
        return Repaired()
    with tempfile.TemporaryDirectory(prefix="runstore-") as directory:
        likeness = Path(directory) / workspace.name
        _mirror(workspace, likeness)
        done = repair.repaired(likeness, run, found, progress)

    def here(told: list[Told]) -> list[Told]:
        return [dataclasses.replace(one, what=one.what.replace(str(likeness), str(workspace))) for one in told]

    return Repaired(here(done.saved), here(done.lost), done.aside, here(done.left))


def _mirror(workspace: Path, likeness: Path) -> None:
    os.mkdir(likeness)
    for entry in files.listing(workspace):
        source, target = Path(entry.path), likeness / entry.name
        if entry.name in (names.LOCKS, names.DAMAGED):
            os.mkdir(target)
        else:
            _tree(source, target, _DEPTHS.get(entry.name, 0))


def _tree(source: Path, target: Path, depth: int) -> None:
    """Directories down to a depth, and links to what is in them."""
    if not depth or not source.is_dir():
        _link(source, target)
        return
    os.mkdir(target)
    for entry in files.listing(source):
        _tree(Path(entry.path), target / entry.name, depth - 1)


def _link(source: Path, target: Path) -> None:
    try:
        os.symlink(source, target)
    except (OSError, NotImplementedError):  # not allowed here: a copy does as well
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
