"""Content that comes into a workspace: small pieces into the writer's pack, others loose under their SHA-256.

The same bytes are stored once: what the writer's own pack, another closed pack or ``blobs/`` has is not stored again.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from runstore.disk import files
from runstore.disk.pack import SMALL
from runstore.errors import InvalidValue, NotWritable, StoreError
from runstore.format import names
from runstore.runs import dedup
from runstore.runs.writer import Writer

LOGGED = 4 << 20  # bytes: up to here what is given as bytes goes to the pack too, so that no training waits for a disk
_PIECE = 1 << 20


class Content(NamedTuple):
    """Bytes, and where they lie. ``pack``: as in an ``artifact`` fact. ``head``: the first of the bytes."""

    sha256: str
    size: int
    pack: list[Any] | None
    head: bytes

    @property
    def body(self) -> dict[str, Any]:
        """What a fact says about them."""
        return {"sha256": self.sha256, "size": self.size, "pack": self.pack}


def _anything(sha256: str) -> None:
    """Allow it."""


def keep(
    workspace: Path, writer: Writer, name: str, source: object, allow: Callable[[str], None] = _anything
) -> Content:
    """Take content in.

    Args:
        workspace: the workspace's directory.
        writer: who takes it.
        name: what to call it in messages.
        source: bytes, a path, or a binary file object that is read to its end.
        allow: called with the hash before anything of it can be seen; raises where it is not wanted.

    Raises:
        InvalidValue: neither bytes nor a path nor a readable file.
        StoreError: the file can't be read.
        NotWritable: the workspace can't take it, or the run is no longer at its path.
    """
    writer.presence.refuse_new_files()
    stream, least = _open(name, source), SMALL
    if isinstance(source, bytes | bytearray | memoryview):
        least = LOGGED
    try:
        head = _read(name, stream, least)
        if len(head) < least:
            return _small(workspace, writer, head, allow)
        return _large(workspace, writer.identity.writer, name, head, stream, allow)
    except OSError as problem:
        if isinstance(problem, StoreError):
            raise
        raise NotWritable(f"artifact {name!r} could not be stored ({problem}); free space and upload again") from None
    finally:
        if stream is not source:
            stream.close()


def blob(workspace: Path, path: Path) -> dict[str, Any]:
    """Store a file of any size where no writer is: ``{"sha256", "size", "pack"}``, under ``blobs/`` if it is new.

    Raises:
        StoreError: the file can't be read.
        NotWritable: the workspace can't take it.
    """
    with _open(path.name, path) as stream:
        try:
            return _large(workspace, "", path.name, _read(path.name, stream, _PIECE), stream, _anything).body
        except StoreError:
            raise
        except OSError as problem:
            raise NotWritable(f"{path}: could not be stored ({problem}); free space and try again") from None


def shared(workspace: Path, data: bytes) -> dict[str, Any]:
    """Store bytes that many runs have in common under ``blobs/``, however few they are: no run needs a pack for them.

    Raises:
        NotWritable: the workspace can't take it.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        there, pack = _there(workspace, "", sha256, len(data))
        if there:
            return Content(sha256, len(data), pack, data).body
        return _large(workspace, "", "content", data, io.BytesIO(), _anything).body
    except OSError as problem:
        raise NotWritable(f"{workspace}: content could not be stored ({problem}); free space") from None


def measure(name: str, path: str | os.PathLike[str]) -> Content:
    """The hash and size of a file that is not taken in.

    Raises:
        StoreError: it can't be read.
    """
    digest, size, head = hashlib.sha256(), 0, b""
    with _open(name, path) as stream:
        while piece := _read(name, stream, _PIECE):
            digest.update(piece)
            size += len(piece)
            head = head or piece
    return Content(digest.hexdigest(), size, None, head)


def _open(name: str, source: object) -> BinaryIO:
    if isinstance(source, bytes | bytearray | memoryview):
        return io.BytesIO(source)
    if isinstance(source, str | os.PathLike):
        try:
            return open(source, "rb")
        except OSError as problem:
            raise StoreError(f"artifact {name!r}: can't read {source} ({problem.strerror}); check the path") from None
    if hasattr(source, "read"):
        return source  # type: ignore[return-value]
    raise InvalidValue(f"artifact {name!r}: give a path or a binary file, not {type(source).__name__}")


def _read(name: str, stream: BinaryIO, size: int) -> bytes:
    """So many bytes, fewer only at the end: pipes, sockets and unbuffered files give a piece at a time."""
    pieces, left = list[bytes](), size
    while left:
        try:
            piece = stream.read(left)
        except OSError as problem:
            raise StoreError(f"artifact {name!r}: can't be read ({problem.strerror}); upload it again") from None
        if not isinstance(piece, bytes | bytearray | memoryview):
            raise InvalidValue(f"artifact {name!r}: its file object must be opened in binary mode, and block")
        if not piece:
            break
        pieces.append(bytes(piece))
        left -= len(piece)
    return b"".join(pieces)


def _small(workspace: Path, writer: Writer, data: bytes, allow: Callable[[str], None]) -> Content:
    sha256 = hashlib.sha256(data).hexdigest()
    allow(sha256)
    there, pack = _there(workspace, writer.identity.writer, sha256, len(data))
    return Content(sha256, len(data), pack if there else [*writer.keep(data, sha256)], data)


def _there(workspace: Path, writer: str, sha256: str, size: int) -> tuple[bool, list[Any] | None]:
    """Whether the workspace has the content already, and in which pack, if in one."""
    where = dedup.find(workspace, sha256, size)
    if where is not None:
        return True, [*where[:2]] if where[2] == writer else [*where]
    return dedup.has_blob(workspace, sha256, size), None


def _large(
    workspace: Path, writer: str, name: str, head: bytes, stream: BinaryIO, allow: Callable[[str], None]
) -> Content:
    """Copy through a temporary file."""
    directory = workspace / names.BLOBS
    files.make_dir(directory)  # never the workspace: it may have been moved, and half of another one would be made
    temporary = directory / names.temporary("blob", os.urandom(8).hex())
    digest, size = hashlib.sha256(), 0
    fd = files.create(temporary)
    try:
        piece = head
        while piece:
            files.write_all(fd, piece)
            digest.update(piece)
            size += len(piece)
            piece = _read(name, stream, _PIECE)
        sha256 = digest.hexdigest()
        allow(sha256)
        there, pack = _there(workspace, writer, sha256, size)
        if not there:
            files.sync(fd)
        files.close(fd)
        fd = -1
        if not there:
            _reveal(workspace, temporary, sha256, size)
    finally:
        if fd >= 0:
            files.close(fd)
        files.unlink(temporary)
    return Content(sha256, size, pack, head)


def _reveal(workspace: Path, temporary: Path, sha256: str, size: int) -> None:
    final = workspace / names.blob(sha256)
    files.make_dirs(final.parent, durable=True)
    with suppress(FileExistsError):
        files.reveal(temporary, final)
    if not dedup.has_blob(workspace, sha256, size):  # swept in this instant; or its bytes were cut, and it is no blob
        os.replace(temporary, final)
    files.sync_dir(final.parent)
