"""Blocks: many settled runs in a few files. A run is what lies in its directory and what blocks hold of it, together.

A block is a directory that is published whole and never changed. It holds the small files of its runs as they were, and
the rows of their segments run after run. A block that another one replaces no longer counts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from runstore.disk import files
from runstore.errors import Damaged, FormatTooNew
from runstore.format import VERSION, blocks, documents, names
from runstore.format.blocks import Entry, Member, Where

SETTLED_SECONDS = 2.5  # coarser than any file system's directory time stamps
_TRIES = 5

_known: dict[tuple[str, str], Block] = {}  # by workspace and name: a block never changes
_counting: dict[str, tuple[int, list[Block], list[tuple[str, str]]]] = {}


@dataclass(slots=True)
class Block:
    """A block, by its record. ``body``: see ``docs/format.md``."""

    path: Path
    body: dict[str, Any]

    @property
    def name(self) -> str:
        """Of its directory."""
        return self.path.name

    def rows(self, kind: str) -> list[tuple[Path, dict[str, Any]]]:
        """The files that hold rows of a kind (of ``schemas.COLUMNS``), each with what the record says about it."""
        return [(self.path / name, one) for name, one in sorted(self.body["files"].items()) if one["kind"] == kind]

    def find(self, digits: str) -> Entry | None:
        """What it holds of a run, by the 18 digits of the run's directory; None for nothing.

        Raises:
            Damaged: the index or the entry is not as it was written.
            FileNotFoundError: the block is gone: others replaced it.
        """
        path = self.path / names.BLOCK_INDEX
        with files.opened(path) as file:
            fd = file.fileno()
            pages = files.size(fd) // blocks.PAGE
            where = blocks.find(
                digits, pages, lambda page: files.read_at(fd, page * blocks.PAGE, (page + 1) * blocks.PAGE), str(path)
            )
        if where is None:
            return None
        with files.opened(self.path / names.BLOCK_MEMBERS) as file:
            return self._entry(file.fileno(), where)

    def entries(self) -> Iterator[Entry]:
        """What it holds of every run, in the order in which they were put in: that of run ids.

        Raises:
            Damaged, FileNotFoundError: as ``find``.
        """
        path = self.path / names.BLOCK_INDEX
        places = sorted(where for _, where in blocks.every(files.read(path), str(path)))
        with files.opened(self.path / names.BLOCK_MEMBERS) as file:
            for where in places:
                yield self._entry(file.fileno(), where)

    def keys(self) -> list[str]:
        """The keys of its runs, in order.

        Raises:
            Damaged, FileNotFoundError: as ``find``.
        """
        path = self.path / names.BLOCK_INDEX
        return [key for key, _ in blocks.every(files.read(path), str(path))]

    def _entry(self, fd: int, where: Where) -> Entry:
        members = self.path / names.BLOCK_MEMBERS
        return blocks.entry(files.read_at(fd, where.offset, where.offset + where.length), str(members))

    def read(self, member: Member) -> bytes:
        """The bytes of a file of a run, verified.

        Raises:
            Damaged: they are not as they were.
            FileNotFoundError: the block is gone: others replaced it.
        """
        path = self.path / names.BLOCK_MEMBERS
        with files.opened(path) as file:
            stored = files.read_at(file.fileno(), member.offset, member.offset + member.stored)
        return member.content(stored, f"{path}, at byte {member.offset}")


class Held(NamedTuple):
    """A file of a run that lies in a block."""

    block: Block
    member: Member

    def read(self) -> bytes:
        """Its bytes; see ``Block.read``."""
        return self.block.read(self.member)


def key(run_path: Path) -> str:
    """The 18 digits of a run's directory, by which it is found in blocks."""
    return run_path.parent.name + run_path.name


def active(workspace: Path) -> list[Block]:
    """The blocks that count, in the order of names."""
    return _listed(workspace)[0]


def damaged(workspace: Path) -> list[tuple[str, str]]:
    """The blocks whose record can't be read, by their path in the workspace, each with what is wrong."""
    return _listed(workspace)[1]


def every(workspace: Path) -> list[Block]:
    """Every block whose record can be read, also those that others replace."""
    return _read(workspace)[0]


def holding(workspace: Path, digits: str) -> list[tuple[Block, Entry]]:
    """What blocks hold of a run, by the 18 digits of its directory; of one that was removed, nothing.

    Raises:
        Damaged: an index or an entry is not as it was written.
    """
    found = still_holding(workspace, digits)
    return [] if found and (workspace / names.tombstone(digits)).exists() else found


def still_holding(workspace: Path, digits: str) -> list[tuple[Block, Entry]]:
    """As ``holding``, and of a run that was removed what is still there of it: others may use its content.

    Raises:
        Damaged: an index or an entry is not as it was written.
    """
    for _ in range(_TRIES):
        try:
            return [(one, entry) for one in active(workspace) if (entry := one.find(digits)) is not None]
        except FileNotFoundError:  # replaced long ago and unlinked just now
            _counting.pop(str(workspace), None)
    raise Damaged(f"{workspace / names.BLOCKS}: a block has lost one of its files; restore it from a copy")


def forget(workspace: Path) -> None:
    """Look again at what blocks there are: this process has just changed them."""
    _counting.pop(str(workspace), None)


def _listed(workspace: Path) -> tuple[list[Block], list[tuple[str, str]]]:
    try:
        changed = os.stat(workspace / names.BLOCKS).st_mtime_ns
    except OSError:
        return [], []
    seen = _counting.get(str(workspace))
    if seen is not None and seen[0] == changed:
        return seen[1], seen[2]
    now = files.age(workspace / names.BLOCKS)
    found, wrong = _read(workspace)
    replaced = {name for one in found for name in one.body["replaces"]}
    counting = [one for one in found if one.name not in replaced]
    if not -SETTLED_SECONDS < now < SETTLED_SECONDS:
        _counting[str(workspace)] = changed, counting, wrong
    return counting, wrong


def _read(workspace: Path) -> tuple[list[Block], list[tuple[str, str]]]:
    found: list[Block] = []
    wrong: list[tuple[str, str]] = []
    for name in files.names_in(workspace / names.BLOCKS):
        if not names.is_block(name):
            continue
        try:
            found.append(_block(workspace, name))
        except (Damaged, FormatTooNew, OSError) as problem:
            if (workspace / names.BLOCKS / name).is_dir():  # else it is gone meanwhile
                wrong.append((f"{names.BLOCKS}/{name}", str(problem)))
    return found, wrong


def _block(workspace: Path, name: str) -> Block:
    known = _known.get((str(workspace), name))
    if known is not None:
        return known
    path = workspace / names.BLOCKS / name
    body = documents.parse(files.read(path / names.BLOCK_RECORD), str(path / names.BLOCK_RECORD))
    if body["runstore"] > VERSION:
        raise FormatTooNew(f"{path}: format {body['runstore']}, newer than this runstore; upgrade it")
    _known[str(workspace), name] = found = Block(path, body)
    return found
