"""Several blocks into one: their runs in order, read once from the first to the last, in little memory.

What is copied was verified before. Runs that were removed for good and points that were thinned away are left out; of
a run that two of them hold, both parts go in. Where these tell of the same rows in different ways, the run goes back to
its directory instead.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from runstore.disk import block, files, segment
from runstore.disk.block import Block
from runstore.disk.block_build import Builder, Part, Piece
from runstore.disk.block_rows import Cursor
from runstore.format import names, schemas
from runstore.format.blocks import Entry, Member
from runstore.query import shares, thawing

Step = Callable[[], None]


@dataclass(slots=True)
class _Source:
    """A block that is read from its first run to its last."""

    block: Block
    members: IO[bytes]
    rows: dict[str, Cursor]

    def stored(self, member: Member) -> bytes:
        """A member's bytes, as they lie there."""
        return files.read_at(self.members.fileno(), member.offset, member.offset + member.stored)


@dataclass(slots=True)
class _Joined:
    """What several blocks hold of a run: where each file and each segment is; ``clear``: no kind is told of twice."""

    files: dict[str, tuple[_Source, Member]] = field(default_factory=dict)
    segments: dict[str, tuple[_Source, str]] = field(default_factory=dict)
    clear: bool = True


def merge(
    workspace: Path, blocks: Sequence[Block], level: int, step: Step = lambda: None, drop: Collection[str] = ()
) -> None:
    """Publish a block that replaces others.

    Args:
        workspace: the workspace's directory.
        blocks: what is merged; the same remotes have acknowledged all of them.
        level: that of the new one.
        step: called after each run.
        drop: removed runs, by the digits of their directories, of whose packs nobody needs anything. Others stay as
            long as they have packs.

    Raises:
        Damaged: a block is not as it was written; nothing was changed.
        OSError: a file can't be read, or the file system refuses; nothing was changed.
    """
    for one in blocks:
        trust(one)
    (acknowledged,) = {tuple(one.body["acknowledged"]) for one in blocks}
    removed = {name.partition(".")[0] for name in files.names_in(workspace / names.TOMBSTONES)}
    with ExitStack() as stack:
        sources = [_opened(stack, one) for one in blocks]
        builder = stack.enter_context(Builder(workspace, level, acknowledged, _replaced(workspace, blocks)))
        for run_id, held in itertools.groupby(
            heapq.merge(*map(_entries, range(len(sources)), sources)), lambda e: e[0]
        ):
            run_path, parts = workspace / names.run_dir(run_id), [(sources[number], entry) for _, number, entry in held]
            digits = block.key(run_path)
            if digits not in removed:
                _put(workspace, run_path, builder, parts)
            elif digits not in drop and not all(free(entry) for _, entry in parts):
                _put_content(builder, parts)
            step()
        builder.publish()


def free(entry: Entry) -> bool:
    """Whether nobody can need what is held of a run, once that was removed."""
    return not any(name.endswith(".pack") for name in entry.files)


def trust(one: Block) -> None:
    """Check every byte of a block before what it stands for goes. Remembered while its files stay the same.

    Raises:
        Damaged: a file is not as it was written.
        OSError: a file can't be read.
    """
    for name, entry in one.body["files"].items():
        segment.verify(one.path / name, entry)


def _replaced(workspace: Path, blocks: Iterable[Block]) -> set[str]:
    """What the new one replaces: also what these had replaced and is still there, since it must not count again."""
    there = {one.name for one in block.every(workspace)}
    return {name for one in blocks for name in [one.name, *one.body["replaces"]]} & there


def _opened(stack: ExitStack, one: Block) -> _Source:
    members = stack.enter_context(files.opened(one.path / names.BLOCK_MEMBERS))
    return _Source(one, members, {kind: Cursor(one.rows(kind)) for kind in schemas.COLUMNS})


def _entries(number: int, source: _Source) -> Iterator[tuple[str, int, Entry]]:
    for entry in source.block.entries():
        yield entry.run_id, number, entry


def _put(workspace: Path, run_path: Path, builder: Builder, held: list[tuple[_Source, Entry]]) -> None:
    run_id, experiment = held[0][1].run_id, held[0][1].experiment
    joined = _joined(held, shares.superseded(run_path))
    if not joined.clear:
        thawing.thaw(workspace, run_path)
        return
    parts = []
    for name, (source, where) in sorted(joined.segments.items()):
        kind = source.block.body["files"][where]["kind"]
        parts.append(Part(kind, name, source.rows[kind].take(run_id)))
    builder.add(run_id, experiment, _pieces(joined), parts)


def _put_content(builder: Builder, held: list[tuple[_Source, Entry]]) -> None:
    """Of a removed run its packs, and the facts that say where in them something lies."""
    pieces = (piece for piece in _pieces(_joined(held)) if not piece.name.startswith("seal-"))
    builder.add(held[0][1].run_id, held[0][1].experiment, pieces, ())


def _pieces(joined: _Joined) -> Iterator[Piece]:
    for name, (source, member) in sorted(joined.files.items()):
        yield Piece(name, member, source.stored(member))


def _joined(held: Iterable[tuple[_Source, Entry]], without: Collection[str] = ()) -> _Joined:
    found, kinds = _Joined(), dict[str, str]()
    for source, entry in held:
        for name, member in entry.files.items():
            if name not in found.files or member.size > found.files[name][1].size:  # of a growing file the longer copy
                found.files[name] = source, member
        for name, where in entry.segments.items():
            if name not in found.segments and name not in without:
                kind = source.block.body["files"][where]["kind"]
                found.clear = found.clear and kinds.setdefault(kind, name) == name
                found.segments[name] = source, where
    return found
