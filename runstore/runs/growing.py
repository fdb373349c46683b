"""Files that somebody is writing: a text log copied as it grows, any other file as long as it was when looked at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from runstore.runs import logfile
from runstore.runs.attached import Followed

if TYPE_CHECKING:
    from runstore.runs.writer import Writer

_HEAD = 4096


class Stream:
    """A text log that somebody writes, copied as it grows."""

    def __init__(self, writer: Writer, name: str, path: Path) -> None:
        """Begin it.

        Raises:
            OSError: the workspace can't take it.
        """
        self._file, self._source = logfile.opened(writer, name), Followed(path)
        self._piece: bytes | None = None  # what the workspace did not take yet
        self._closed = False

    def take(self) -> None:
        """Copy what is new.

        Raises:
            OSError: it can't be read, or the workspace can't take it.
        """
        while not self._closed:
            self._piece = self._piece or self._source.read()
            if not self._piece:
                break
            self._file.write(self._piece)
            self._piece = None
            while self._file.advance():
                pass
        self._file.mark()

    def close(self) -> None:
        """Let go of both.

        Raises:
            OSError: the disk did not confirm what was copied.
        """
        if not self._closed:
            self._closed = True
            self._source.close()
            self._file.settle()


class UpTo:
    """A file as long as it was when it was looked at: one that grows as fast as it is read has an end, too."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size

    def read(self, size: int = -1) -> bytes:
        """So many bytes, fewer at the end."""
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


def is_text(path: str | os.PathLike[str]) -> bool:
    """Whether a file begins like text in UTF-8.

    Raises:
        OSError: it can't be read.
    """
    with open(path, "rb") as file:
        return _text(file.read(_HEAD))


def _text(head: bytes) -> bool:
    """Whether a file begins like text in UTF-8; an empty one doesn't begin at all."""
    if not head or b"\0" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as problem:
        return len(head) == _HEAD and problem.start > _HEAD - 4  # cut within a character
    return True
