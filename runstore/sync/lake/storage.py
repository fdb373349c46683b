"""Names and bytes somewhere: a directory or a bucket, whichever an address means."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from runstore.errors import UsageError

CLOUDS = ("s3", "s3a", "az", "abfs", "abfss", "gs")
SMALL = 16 << 20  # bytes that are put in one request


class Stored(NamedTuple):
    """A name that is there. ``modified``: seconds since 1970, by the storage's clock."""

    name: str
    size: int
    modified: float


class Storage(Protocol):
    """Where a lake lies.

    Attributes:
        label: its address, for messages: nothing secret is in it.
        root: its address, for who opens tables there: an absolute path or a URL, without ``/`` at its end.
        local: whether it is a directory.
    """

    label: str
    root: str
    local: bool

    def put(self, name: str, chunks: Iterable[bytes], size: int) -> None:
        """Put bytes under a name, whole or not at all, also where ``chunks`` raises; what is there is replaced."""
        ...

    def create(self, name: str, data: bytes) -> bool:
        """Put a few bytes where nothing is. False where there are others; the same bytes are success."""
        ...

    def size(self, name: str) -> int | None:
        """How many bytes are there; None where nothing is."""
        ...

    def read(self, name: str, start: int = 0, size: int | None = None) -> Iterator[bytes]:
        """The bytes from ``start`` on, so many of them or all.

        Raises:
            Missing: nothing is there.
        """
        ...

    def names(self, prefix: str, after: str = "") -> Iterator[Stored]:
        """What is there below a directory, those whose names come after another, in any order."""
        ...

    def delete(self, name: str) -> None:
        """Remove a name, if it is there."""
        ...

    def settle(self) -> None:
        """Make what was put survive the death of the machine it is on."""
        ...


def is_lake(text: object) -> bool:
    """Whether an address means a lake wherever one is asked for: ``s3://``, ``az://``, ``abfss://``, ``gs://``, ``file://``."""
    return isinstance(text, str) and text.partition("://")[0].lower() in (*CLOUDS, "file") and "://" in text


def at(url: str | os.PathLike[str]) -> Storage:
    """The storage at an address: a path, ``file://``, ``s3://``, ``az://``, ``abfss://`` or ``gs://``.

    Credentials come from the environment, and stay there.

    Raises:
        UsageError: it is none of these, or has credentials in it.
        Refused: the environment has no usable settings for it.
    """
    text = os.fspath(url)
    scheme, marked, _ = text.partition("://")
    if not marked:
        from runstore.sync.lake.directory import Directory

        return Directory(Path(text).absolute())
    parts = urlsplit(text)
    if scheme.lower() == "file":
        from runstore.sync.lake.directory import Directory

        return Directory(_path(parts.path))
    if scheme.lower() not in CLOUDS:
        raise UsageError(f"{scheme}://: no storage of a lake; use a path, file://, s3://, az://, abfss:// or gs://")
    if parts.query or parts.fragment or parts.password or (parts.username and not scheme.lower().startswith("abfs")):
        raise UsageError(f"{scheme}://: the address holds more than a place; put credentials in the environment")
    if not parts.netloc or ".." in parts.path.split("/"):
        raise UsageError(f"{text}: names no bucket or container; write {scheme}://BUCKET/PATH")
    from runstore.sync.lake.objects import Bucket

    return Bucket(text.rstrip("/"))


def _path(text: str) -> Path:
    plain = unquote(text)
    if re.match(r"/[A-Za-z]:", plain):  # file:///C:/lake
        plain = plain[1:]
    return Path(plain).absolute()
