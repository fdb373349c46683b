"""Building a block: runs are put in one after another, in the order of their ids; then it is there, whole, or it isn't.

It is made in a directory that readers ignore. Every file is synced and read back before that gets the block's name.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Collection, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from runstore.disk import block, files, segment
from runstore.disk.block import Block
from runstore.disk.block_rows import Rows
from runstore.errors import Damaged
from runstore.format import VERSION, blocks, documents, names
from runstore.format.blocks import Entry, Member, Where

TEMPORARY = "block"  # what such a directory is called after


class Piece(NamedTuple):
    """A small file of a run, as it is to be stored; where to doesn't matter."""

    name: str
    member: Member
    stored: bytes


class Part(NamedTuple):
    """The rows of a segment of a run: kind, the segment's name, batches."""

    kind: str
    name: str
    batches: Iterable[Any]


class Builder:
    """A block that is being built. Left without ``publish``, nothing is there.

    Args:
        workspace: the workspace's directory.
        level: how often its runs have been taken from block to block.
        acknowledged: the remotes that have all of its runs.
        replaces: the blocks that stop to count when it is there.
    """

    def __init__(
        self, workspace: Path, level: int, acknowledged: Collection[str] = (), replaces: Collection[str] = ()
    ) -> None:
        self._workspace, self._level = workspace, level
        self._acknowledged, self._replaces = sorted(acknowledged), sorted(replaces)
        self._directory = workspace / names.BLOCKS / names.temporary(TEMPORARY, secrets.token_hex(8))
        self._rows: dict[str, Rows] = {}
        self._index: list[tuple[str, Where]] = []
        self._last = ""

    def __enter__(self) -> Self:
        files.make_dirs(self._directory, durable=True)
        self._members = segment.Sink(files.create(self._directory / names.BLOCK_MEMBERS))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for rows in self._rows.values():
            rows.abandon()
        if not self._members.closed:
            files.close(self._members.fd)
        discard(self._directory)

    @property
    def runs(self) -> int:
        """How many are in it."""
        return len(self._index)

    def add(self, run_id: str, experiment: str, pieces: Iterable[Piece], parts: Iterable[Part]) -> None:
        """Put a run in.

        Raises:
            Damaged, OSError: what is given can't be read, or the file system refuses; the block can't be finished.
        """
        if self.runs and run_id <= self._last:
            raise ValueError("runs are put into a block in the order of their ids")
        entry = Entry(run_id, experiment)
        for name, member, stored in pieces:
            entry.files[name] = member._replace(offset=self._members.size)
            self._members.write(stored)
        for kind, name, batches in parts:
            entry.segments[name] = self._rows.setdefault(kind, Rows(self._directory, kind)).add(run_id, batches)
        data = entry.render()
        key = block.key(Path(names.run_dir(run_id)))
        self._index.append((key, Where(self._members.size, len(data))))
        self._members.write(data)
        self._last = run_id

    def publish(self) -> Block | None:
        """Let it be there; None where no run was put in and it replaces nothing.

        Raises:
            Damaged: what was written is not what lies there; there is no block.
            OSError: the file system refuses; there is no block.
        """
        if not self._index and not self._replaces:
            return None
        for rows in self._rows.values():
            rows.close()
        told = {names.BLOCK_MEMBERS: self._close_members(), names.BLOCK_INDEX: self._write_index()}
        for rows in self._rows.values():
            told |= rows.files
        body = {
            "runstore": VERSION, "level": self._level, "created": time.time_ns(), "runs": self.runs,
            "acknowledged": self._acknowledged, "replaces": self._replaces, "files": told,
        }  # fmt: skip
        data = documents.render(body)
        files.publish(self._directory, names.BLOCK_RECORD, data)
        final = self._workspace / names.block(hashlib.sha256(data).hexdigest())
        files.reveal_dir(self._directory, final)
        files.sync_dir(final.parent)
        block.forget(self._workspace)
        return Block(final, body)

    def _close_members(self) -> dict[str, Any]:
        sink = self._members
        try:
            sink.flush()
            files.sync(sink.fd)
        finally:
            sink.closed = True
            files.close(sink.fd)
        return self._checked(names.BLOCK_MEMBERS, sink.hash.hexdigest(), sink.size, "members")

    def _write_index(self) -> dict[str, Any]:
        data = blocks.render(self._index)
        files.publish(self._directory, names.BLOCK_INDEX, data)
        return self._checked(names.BLOCK_INDEX, hashlib.sha256(data).hexdigest(), len(data), "index")

    def _checked(self, name: str, digest: str, size: int, kind: str) -> dict[str, Any]:
        path = self._directory / name
        if files.sha256(path) != digest:
            raise Damaged(f"{path}: not what was written to it; nothing was changed")
        return {"sha256": digest, "size": size, "kind": kind}


def discard(directory: Path) -> bool:
    """Remove what never became a block, or is none any more; False where some of it is in use or it isn't there."""
    for name in files.names_in(directory):
        files.unlink(directory / name)
    return files.remove_dir(directory)
