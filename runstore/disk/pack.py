"""Many small artifacts in one file: a line that names hash and size, the bytes, a newline; and so on.

A pack is readable without anything else, and every byte of it is covered: the bytes by their hash, the lines
between them by having exactly one right form.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import orjson

from runstore.disk import files, wherever
from runstore.disk.hints import Hints, key
from runstore.errors import Damaged

SMALL = 256 << 10  # artifacts below this many bytes go to the pack
FULL = 64 << 20  # bytes after which the next pack is begun
_LINE = 128  # bytes in which the line before an artifact ends


class Blob(NamedTuple):
    """One artifact in a pack. ``offset`` is that of its first byte."""

    offset: int
    size: int
    sha256: str


def frame(sha256: str, size: int) -> bytes:
    """The line before an artifact's bytes."""
    return b'{"sha256":"%b","size":%d}\n' % (sha256.encode(), size)


class PackFile:
    """A pack that one writer appends to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.failed = False  # a sync has failed
        self.offsets = Hints()  # where content lies, by its hash
        self._hash = hashlib.sha256()
        self.fd = files.create(path, append=True)

    def add(self, data: bytes, sha256: str) -> int:
        """Append an artifact; give the offset of its first byte.

        Raises:
            OSError: it could not be written whole; the pack is as before.
        """
        head = frame(sha256, len(data))
        piece = b"".join((head, data, b"\n"))
        self.mend()
        try:
            files.write_all(self.fd, piece)
        except OSError:
            with suppress(OSError):
                self.mend()
            raise
        self._hash.update(piece)
        offset = self.size + len(head)
        self.size += len(piece)
        self.offsets.put(key(sha256), offset)
        return offset

    def find(self, sha256: str, size: int) -> int | None:
        """The offset at which this content lies already."""
        offset = self.offsets.get(key(sha256))
        return offset if offset is not None and holds(self.fd, offset, size, sha256) else None

    def mend(self) -> None:
        """Cut the piece that a failed write has left after the last whole artifact, if it could not be cut then.

        Raises:
            OSError: it can't be cut now either.
        """
        if files.size(self.fd) != self.size:
            files.truncate(self.fd, self.size)

    @property
    def sha256(self) -> str:
        """The hash of the whole file so far."""
        return self._hash.hexdigest()

    def sync(self) -> None:
        """Make everything added survive the machine.

        Raises:
            OSError: it can't, or it couldn't once: then no later success is to be believed.
        """
        if self.failed:
            raise OSError(errno.EIO, "a sync of it has failed before", str(self.path))
        try:
            files.sync(self.fd)
        except OSError:
            self.failed = True
            raise

    def close(self) -> None:
        """Let go of the file."""
        if self.fd >= 0:
            files.close(self.fd)
            self.fd = -1


def read(path: Path, offset: int, size: int, sha256: str) -> bytes:
    """The bytes of one artifact.

    Raises:
        Damaged: they are not what was stored.
    """
    with wherever.opened(path) as window:
        data = window.read(offset, offset + size)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Damaged(f"{path}: artifact at byte {offset} does not match its SHA-256; restore the pack from a copy")
    return data


def holds(fd: int, offset: int, size: int, sha256: str) -> bool:
    """Whether a pack's line before ``offset`` says that this artifact lies there, and the pack goes on that far."""
    line = frame(sha256, size)
    return files.read_at(fd, offset - len(line), offset) == line and files.size(fd) > offset + size


def has(path: Path, offset: int, size: int, sha256: str) -> bool:
    """As ``holds``, of a pack by its path, wherever it lies.

    Raises:
        FileNotFoundError: it is gone.
        Damaged: its block can't be read.
    """
    line = frame(sha256, size)
    with wherever.opened(path) as pack:
        return pack.read(offset - len(line), offset) == line and pack.end - pack.start > offset + size


def frames(path: Path) -> Iterator[Blob]:
    """What a pack's lines say is in it, up to the first that is not right; the contents are not read."""
    with wherever.opened(path) as pack:
        at, end = 0, pack.end - pack.start
        while at < end:
            line, newline, _ = pack.read(at, at + _LINE).partition(b"\n")
            blob = framed(line + newline, at)
            if blob is None or blob.offset + blob.size >= end:
                return
            yield blob
            at = blob.offset + blob.size + 1


def framed(line: bytes, at: int) -> Blob | None:
    """The artifact after the line at byte ``at``; None where it is no such line."""
    try:
        said = orjson.loads(line)
        blob = Blob(at + len(line), int(said["size"]), str(said["sha256"]))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
    return blob if frame(blob.sha256, blob.size) == line else None


def blobs(data: bytes, where: str) -> Iterator[Blob]:
    """Walk a pack's bytes and check every one of them.

    Raises:
        Damaged: at the first byte that is not right; what came before was yielded.
    """
    at = 0
    while at < len(data):
        blob = framed(data[at : data.find(b"\n", at) + 1], at)
        if blob is None:
            raise Damaged(f"{where}: no artifact begins at byte {at}")
        end = blob.offset + blob.size
        if data[end : end + 1] != b"\n" or hashlib.sha256(data[blob.offset : end]).hexdigest() != blob.sha256:
            raise Damaged(f"{where}: the artifact at byte {blob.offset} does not match its SHA-256")
        yield blob
        at = end + 1


def torn(rest: bytes) -> bool:
    """Whether the bytes after the last whole artifact are one that its writer did not live to finish."""
    stop = rest.find(b"\n") + 1
    if not stop:
        return rest.startswith(b'{"sha256":"'[: len(rest)]) and len(rest) < len(frame("0" * 64, 2**63))
    try:
        line = orjson.loads(rest[:stop])
        return rest[:stop] == frame(str(line["sha256"]), int(line["size"])) and len(rest) <= stop + int(line["size"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return False
