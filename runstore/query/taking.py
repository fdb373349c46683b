"""Files taken out of another workspace: each is there whole or not at all, and nothing there is ever written to."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from runstore.disk import files, wherever
from runstore.errors import Damaged
from runstore.format import names

_PIECE = 1 << 20  # bytes read at once
SAME, LONGER, SHORTER, OTHER = "same", "longer", "shorter", "other"


@dataclass(slots=True)
class Merged:
    """What was taken. ``refused``: a file or a registered name of the other workspace, and why it was left there."""

    runs: int = 0
    files: int = 0
    bytes: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


class Taker:
    """Puts files into a workspace and counts them; a dry one only counts."""

    def __init__(self, other: Path, dry: bool = False) -> None:
        self.done = Merged()
        self._other, self.dry = other, dry

    def refuse(self, path: Path, why: str) -> None:
        """Name what is left where it is: a file of the other workspace."""
        told = path.relative_to(self._other).as_posix(), why
        if told not in self.done.refused:  # a block is the trouble of all its runs
            self.done.refused.append(told)

    def count(self, size: int) -> None:
        """One more file is taken, of so many bytes."""
        self.done.files, self.done.bytes = self.done.files + 1, self.done.bytes + size

    def put(self, target: Path, data: bytes, like: Path | None = None, replace: bool = False) -> None:
        """Publish bytes under a name.

        Args:
            target: the name.
            data: the bytes.
            like: the file whose modification time it gets.
            replace: in place of the beginning of these bytes that lies there.

        Raises:
            OSError: the file system refuses.
        """
        self._publish(target, [data], like, replace)

    def copy(self, source: Path, target: Path, sha256: str | None = None, replace: bool = False) -> None:
        """Publish a file of any size.

        Args:
            source: the file.
            target: the name.
            sha256: what its bytes must be.
            replace: in place of what lies there.

        Raises:
            Damaged: its bytes are others; nothing was put there.
            OSError: the file system refuses.
        """
        if self.dry and sha256 is not None and source.exists() and files.sha256(source) != sha256:
            raise Damaged(f"{source}: not the bytes that its name promises; run `check` there")
        self._publish(target, _chunks(source), source if sha256 is None else None, replace, sha256)

    def grown(self, source: Path, target: Path) -> None:
        """Take a file that is only ever appended to: all of it, or the rest of it."""
        if not wherever.there(target):
            self.copy(source, target)
            return
        found = relation(source, target)
        if found == LONGER:
            self.copy(source, target, replace=True)
        elif found == OTHER:
            self.refuse(source, "other bytes under the same name; what is here stays")

    def _publish(
        self, target: Path, pieces: Iterable[bytes], like: Path | None, replace: bool, sha256: str | None = None
    ) -> None:
        if self.dry:
            self.count(sum(map(len, pieces)))
            return
        files.make_dirs(target.parent, durable=True)
        above = target.parent.parent
        aside = above if above.name == names.BLOBS else target.parent  # where what is left over is looked for
        temporary = aside / names.temporary(target.name, os.urandom(4).hex())
        try:
            size = _written(temporary, pieces, sha256)
            modified = wherever.modified(like) if like is not None else 0
            if modified:
                os.utime(temporary, ns=(modified, modified))
            if replace:
                os.replace(temporary, target)
            else:
                files.reveal(temporary, target)
        finally:
            files.unlink(temporary)
        files.sync_dir(target.parent)
        self.count(size)


def _written(path: Path, pieces: Iterable[bytes], sha256: str | None) -> int:
    """Write a new file, durably; give its size."""
    size, digest = 0, hashlib.sha256()
    fd = files.create(path)
    try:
        for piece in pieces:
            files.write_all(fd, piece)
            size += len(piece)
            digest.update(piece if sha256 else b"")
        if sha256 is not None and digest.hexdigest() != sha256:
            raise Damaged(f"{path.name}: not the bytes that its name promises; run `check` on the other workspace")
        files.sync(fd)
    finally:
        files.close(fd)
    return size


def _chunks(path: Path) -> Iterator[bytes]:
    with wherever.opened(path) as window:
        for at in range(0, window.end - window.start, _PIECE):
            yield window.read(at, at + _PIECE)


def relation(theirs: Path, ours: Path) -> str:
    """How one file stands to another that may be the beginning of it."""
    with wherever.opened(theirs) as one, wherever.opened(ours) as other:
        at = 0
        while True:
            left, right = one.read(at, at + _PIECE), other.read(at, at + _PIECE)
            at += _PIECE
            if left != right:
                if left[: len(right)] != right and right[: len(left)] != left:
                    return OTHER
                return LONGER if len(left) > len(right) else SHORTER
            if not left:
                return SAME
