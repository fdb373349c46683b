"""Parts of a run's logs, so that who follows a long one reads its end only.

What a process left is verified whole before the first part of it is told; what it still writes is told as it is.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from runstore.disk import wherever
from runstore.errors import Damaged, StoreError
from runstore.query import consoles
from runstore.query.consoles import LogText
from runstore.query.files import File


def size(file: File) -> int:
    """How many bytes a log has by now.

    Raises:
        StoreError: it can't be read.
    """
    return len(_spooled(file)) + _length(file) if isinstance(file, LogText) else file.size


def part(file: File, offset: int, limit: int) -> bytes:
    """At most so many bytes from an offset on.

    Raises:
        StoreError: it can't be read.
        Damaged: it is not what was stored.
    """
    if not isinstance(file, LogText):
        return file.read()[offset : offset + limit]
    told, length = file.raw.told, _length(file)
    try:
        if told["size"] is not None and length:
            _verified(file.path, told["sha256"], told["size"])
        data = _read(file.path, offset, min(limit, max(length - offset, 0)))
    except OSError as problem:
        if isinstance(problem, Damaged):
            raise
        raise StoreError(f"{file.path.name}: can't be read ({problem.strerror}); mend that first") from None
    if len(data) == limit:
        return data
    start = max(offset - length, 0)
    return data + _spooled(file)[start : start + limit - len(data)]


def _length(file: LogText) -> int:
    try:
        return wherever.size(file.path)
    except FileNotFoundError:
        return 0  # nothing was printed yet


def _read(path: Path, offset: int, many: int) -> bytes:
    if many <= 0:
        return b""
    with wherever.opened(path) as window:
        return window.read(offset, offset + many)


def _spooled(file: LogText) -> bytes:
    """What is in no log yet, of a process that prints to several places."""
    return b"".join(filter(None, map(consoles.rest, file.raw.spools)))


@functools.lru_cache(maxsize=256)
def _verified(path: Path, sha256: str, size: int) -> None:
    """Look once at what a process left; what is wrong is looked at again."""
    if hashlib.sha256(_read(path, 0, size)).hexdigest() != sha256:
        raise Damaged(f"{path.name}: does not match its SHA-256; restore it from a copy")
