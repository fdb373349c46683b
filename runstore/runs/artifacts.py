"""Files that belong to a run: small ones into the writer's pack, others loose under their SHA-256."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any, BinaryIO

from runstore.disk import files
from runstore.disk.pack import SMALL
from runstore.errors import InvalidValue, NotWritable, StoreError
from runstore.format import names
from runstore.runs import sniff
from runstore.runs.writer import Writer

_PIECE = 1 << 20


def add(
    workspace: Path,
    writer: Writer,
    name: str,
    source: object,
    kind: str,
    step: int | None,
    media_type: str | None = None,
) -> dict[str, Any]:
    """Take a file in and give the fact that records it.

    Args:
        source: bytes, a path, or a binary file object that is read to its end.
        media_type: None: what the bytes or the name say.

    Raises:
        InvalidValue: neither a path nor a readable file.
        StoreError: the file can't be read.
        NotWritable: the workspace can't take it.
    """
    stream = _open(name, source)
    try:
        head = _read(name, stream, SMALL)
        if len(head) < SMALL:
            fact = _small(writer, head)
        else:
            fact = _large(workspace, name, head, stream)
    except OSError as problem:
        raise NotWritable(f"artifact {name!r} could not be stored ({problem}); free space and upload again") from None
    finally:
        if stream is not source:
            stream.close()
    return {"name": name, "media_type": media_type or sniff.media_type(name, head), "kind": kind, "step": step, **fact}


def blob(workspace: Path, path: Path) -> dict[str, Any]:
    """Store a file of any size under ``blobs/``, where no writer is: ``{"sha256", "size", "pack": None}``.

    Raises:
        StoreError: the file can't be read.
        NotWritable: the workspace can't take it.
    """
    with _open(path.name, path) as stream:
        try:
            return _large(workspace, path.name, _read(path.name, stream, _PIECE), stream)
        except OSError as problem:
            raise NotWritable(f"{path}: could not be stored ({problem}); free space and try again") from None


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


def _small(writer: Writer, data: bytes) -> dict[str, Any]:
    sha256 = hashlib.sha256(data).hexdigest()
    return {"sha256": sha256, "size": len(data), "pack": writer.keep(data, sha256)}


def _large(workspace: Path, name: str, head: bytes, stream: BinaryIO) -> dict[str, Any]:
    """Copy through a temporary file; the same bytes are stored once in the workspace."""
    directory = workspace / names.BLOBS
    files.make_dirs(directory)
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
        files.sync(fd)
        files.close(fd)
        fd = -1
        _reveal(workspace, temporary, digest.hexdigest())
    finally:
        if fd >= 0:
            files.close(fd)
        files.unlink(temporary)
    return {"sha256": digest.hexdigest(), "size": size, "pack": None}


def _reveal(workspace: Path, temporary: Path, sha256: str) -> None:
    final = workspace / names.blob(sha256)
    files.make_dirs(final.parent, durable=True)
    try:
        files.reveal(temporary, final)
    except FileExistsError:
        return  # stored before
    files.sync_dir(final.parent)
