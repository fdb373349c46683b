"""What is a file: its name and type, and its bytes when they are asked for."""

from __future__ import annotations

import mimetypes
import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_TEXTS = (".log", ".yaml", ".yml", ".toml", ".cfg", ".ini", ".ipynb", ".sh", ".rs", ".ts", ".jsonl")
BYTES = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it is sent. ``read`` gives its bytes, ``save`` writes them to a path; both verify them.

    Both raise ``StoreError`` where the bytes are not there, ``Damaged`` where they are not what was stored.
    """

    name: str
    media_type: str
    size: int
    sha256: str | None
    read: Callable[[], bytes]
    save: Callable[[Path], object]


def media_type(name: str) -> str:
    """What a file's name says of its type."""
    guessed, encoding = mimetypes.guess_type(posixpath.basename(name))
    if encoding is not None:
        return BYTES
    return "text/plain" if guessed is None and name.lower().endswith(_TEXTS) else guessed or BYTES
