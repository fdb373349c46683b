"""A file of a run by its path in the run's directory, wherever it lies: there, or in a block.

For those who know a name (a pack, a raw log) and not what else the run has; whoever has its inventory asks that.
"""

from __future__ import annotations

import functools
import heapq
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

from runstore.disk import block, files
from runstore.disk.block import Block, Held
from runstore.errors import Damaged
from runstore.format import names
from runstore.format.blocks import Entry, Member


class Window(NamedTuple):
    """An open file, and which of its bytes are meant: [start, end)."""

    file: IO[bytes]
    start: int
    end: int

    def read(self, start: int, end: int) -> bytes:
        """The bytes [start, end) of what is meant, or those of them that there are."""
        self.file.seek(self.start + start)
        return self.file.read(max(0, min(self.start + end, self.end) - self.start - start))


def held(path: Path) -> Held | None:
    """What a block holds under this path; None where none does, and for paths of no run's files.

    Raises:
        Damaged: an index or an entry is not as it was written.
    """
    found = None
    for one, entry in holding(path.parent):
        if path.name in entry.files:
            found = Held(one, entry.files[path.name])
    return found


def holding(run_path: Path) -> list[tuple[Block, Entry]]:
    """What blocks hold of a run; remembered for a few runs, since one is asked about again and again.

    Raises:
        Damaged: an index or an entry is not as it was written.
    """
    key = block.key(run_path)
    if not re.fullmatch("[0-9a-f]{18}", key) or len(run_path.parts) < 4 or run_path.parts[-3] != names.RUNS:
        return []
    workspace = run_path.parents[2]
    counting = block.active(workspace)
    return _holding(workspace, key, tuple(one.name for one in counting)) if counting else []


@functools.lru_cache(maxsize=16)
def _holding(workspace: Path, key: str, counting: tuple[str, ...]) -> list[tuple[Block, Entry]]:
    return block.still_holding(workspace, key)


def there(path: Path) -> bool:
    """Whether a file is there. What is held in a block that can't be read isn't."""
    if path.exists():
        return True
    with suppress(Damaged):
        return held(path) is not None
    return False


def size(path: Path) -> int:
    """How many bytes a file has.

    Raises:
        FileNotFoundError: it is gone.
        Damaged: as ``held``.
    """
    found = _status(path)
    return found.size if isinstance(found, Member) else found.st_size


def modified(path: Path) -> int:
    """When a file was modified last, in nanoseconds; 0 where its block doesn't tell.

    Raises:
        FileNotFoundError: it is gone.
        Damaged: as ``held``.
    """
    found = _status(path)
    return found.modified if isinstance(found, Member) else found.st_mtime_ns


def _status(path: Path) -> os.stat_result | Member:
    try:
        return os.stat(path)
    except FileNotFoundError:
        kept = held(path)
        if kept is None:
            raise
        return kept.member


def read(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        FileNotFoundError: it is gone.
        Damaged: in its block it is not as it was.
    """
    try:
        return files.read(path)
    except FileNotFoundError:
        kept = held(path)
        if kept is None:
            raise
        return kept.read()


@contextmanager
def opened(path: Path) -> Iterator[Window]:
    """A file open for reading; what a block holds as it is (packs) is not verified.

    Raises:
        FileNotFoundError: it is gone.
        Damaged: in its block it is not as it was.
    """
    try:
        file = io.BufferedReader(files.opened(path))
    except FileNotFoundError:
        kept = held(path)
        if kept is None:
            raise
        with _inside(kept) as window:
            yield window
        return
    with file:
        yield Window(file, 0, os.fstat(file.fileno()).st_size)


@contextmanager
def _inside(kept: Held) -> Iterator[Window]:
    member = kept.member
    if member.deflated:
        yield Window(io.BytesIO(kept.read()), 0, member.size)
        return
    with io.BufferedReader(files.opened(kept.block.path / names.BLOCK_MEMBERS)) as file:
        yield Window(file, member.offset, member.offset + member.stored)


def listed(run_path: Path) -> list[str]:
    """The names of a run's small files, in its directory and in blocks, sorted.

    Raises:
        Damaged: as ``held``.
    """
    found = set(files.names_in(run_path))
    for _, entry in holding(run_path):
        found |= entry.files.keys()
    return sorted(found)


def runs(workspace: Path) -> Iterator[Path]:
    """The directory of every run, in the order of names, also where it lies in a block only.

    What a damaged block doesn't tell is left out: ``unreadable`` names it.
    """
    last = None
    for path in heapq.merge(live(workspace), *(_blocked(workspace, one) for one in block.active(workspace))):
        if path != last:
            yield path
        last = path


def unreadable(workspace: Path) -> list[str]:
    """The blocks whose runs can't all be found, each with what is wrong."""
    found = [what for _, what in block.damaged(workspace)]
    for one in block.active(workspace):
        try:
            one.keys()
        except FileNotFoundError:
            found += [f"{one.path}: has no index"] if one.path.is_dir() else []  # else others have replaced it
        except (Damaged, OSError) as problem:
            found.append(str(problem))
    return found


def live(workspace: Path) -> Iterator[Path]:
    """The directories of runs that there are."""
    for shard in files.listing(workspace / names.RUNS):
        if shard.is_dir():
            for entry in files.listing(Path(shard.path)):
                if entry.is_dir():
                    yield Path(entry.path)


def _blocked(workspace: Path, one: Block) -> Iterator[Path]:
    keys: list[str] = []
    with suppress(Damaged, OSError):
        keys = one.keys()
    for key in keys:
        yield workspace / names.RUNS / key[:2] / key[2:]
