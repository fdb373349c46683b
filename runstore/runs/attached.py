"""Logs of other sources, a container's or a tool's, kept as further streams of a run while they come."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from io import FileIO
from pathlib import Path
from threading import Event, Thread
from typing import Any, Protocol

from runstore.disk import files
from runstore.errors import InvalidValue
from runstore.runs import logfile
from runstore.runs.writer import Writer

POLL = 0.2  # seconds between two looks at a file
PATIENCE = 1.0  # seconds that the end of the run waits for what is still on its way
_PIECE = 1 << 16


class Source(Protocol):
    """What ``Run.attach_log`` gives."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait so many seconds until nothing more is read; whether that is so."""

    def close(self) -> None:
        """Take what is there, and read no more."""


class Nothing:
    """A source where runstore is disabled."""

    def wait(self, timeout: float | None = None) -> bool:
        """There is nothing to wait for."""
        return True

    def close(self) -> None:
        """There is nothing to end."""


class Attached:
    """One source that is read in a thread until it ends or ``close`` is called."""

    def __init__(
        self,
        writer: Writer,
        stream: str,
        read: Callable[[], bytes | None],
        pause: float,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin to read.

        Args:
            writer: whose run keeps it.
            stream: under which name.
            read: gives the next bytes; none where there are none yet, None at the end.
            pause: seconds to wait where there are none yet.
            done: called when nothing more is read.
        """
        self._done = done
        self._writer, self._stream, self._read, self._pause, self._pid = writer, stream, read, pause, os.getpid()
        self._closing, self._ended, self._left = Event(), Event(), False
        self._label = f"run {writer.identity.run_id}: log {stream!r}"
        self._thread = Thread(target=self._run, name="runstore-attached", daemon=True)
        try:
            self._file = logfile.opened(writer, stream)
            self._thread.start()
        except (OSError, RuntimeError) as problem:
            self._left = True
            self._ended.set()
            _say(f"{self._label} is not kept ({problem})")

    def _run(self) -> None:
        try:
            while not self._left:
                last = self._closing.is_set()  # asked first: what comes before the end is read
                piece = self._read()
                if piece is None or (last and not piece):
                    return
                self._take(piece)
                if not piece:
                    self._closing.wait(self._pause)
        except Exception as problem:  # noqa: BLE001 - whatever the source does, training goes on
            _say(f"{self._label} ends here ({problem})")
        finally:
            self._leave()
            self._done()
            self._ended.set()

    def _take(self, piece: bytes) -> None:
        if piece and not self._left:
            self._file.write(piece)
        while self._file.advance():
            pass
        self._file.mark()

    def _leave(self) -> None:
        if not self._left:
            self._left = True
            with suppress(OSError):
                self._file.settle()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the source has ended, or so many seconds; whether it has."""
        return self._ended.wait(timeout)

    def close(self) -> None:
        """The run ends: take what is there, and read no more."""
        if self._pid != os.getpid() or self._left:
            return
        self._closing.set()
        self._thread.join(PATIENCE)
        self._leave()


def attach(writer: Writer, stream: str, source: Any) -> Attached:
    """Keep a source as a stream; see ``Run.attach_log``.

    Raises:
        InvalidValue: it can't be read.
    """
    if isinstance(source, str | os.PathLike):
        followed = Followed(Path(source))
        return Attached(writer, stream, followed.read, POLL, followed.close)
    if isinstance(source, bytes | bytearray | memoryview):
        pieces = iter([bytes(source)])
        return Attached(writer, stream, lambda: next(pieces, None), POLL)
    for method, argument in (("recv", _PIECE), ("read1", _PIECE), ("readline", -1), ("read", _PIECE)):
        read = getattr(source, method, None)
        if callable(read):
            return Attached(writer, stream, partial(_read, read, argument), POLL)
    if hasattr(source, "__next__"):
        return Attached(writer, stream, partial(_next, source), POLL)
    raise InvalidValue(
        f"log {stream!r}: give a path, a pipe, an open file, an iterator or bytes, not {type(source).__name__}"
    )


def _read(read: Callable[[int], Any], argument: int) -> bytes | None:
    """What a read gives; None at the end."""
    try:
        piece = read(argument)
    except (BlockingIOError, TimeoutError):  # a socket that does not block, or not for long, has nothing for now
        piece = None
    if piece is None:  # neither has such a pipe
        time.sleep(POLL)
        return b""
    return _encoded(piece) or None


def _next(source: Iterator[Any]) -> bytes | None:
    """What an iterator gives, such as a container's log from a client library; None at the end."""
    piece = next(source, None)
    return None if piece is None else _encoded(piece)


def _encoded(piece: Any) -> bytes:
    return piece.encode("utf-8", "backslashreplace") if isinstance(piece, str) else bytes(piece)


class Followed:
    """A file that somebody else writes: it may come later, begin anew or be replaced by another of the same name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: FileIO | None = None

    def read(self) -> bytes | None:
        """The next bytes; none where there are none yet."""
        if self._file is not None:
            piece = self._file.read(_PIECE)
            if piece or not self._replaced(self._file):
                return piece
            self._file.close()
        try:
            self._file = files.opened(self._path)
        except OSError:
            self._file = None
            return b""
        return self._file.read(_PIECE)

    def close(self) -> None:
        """Read no more."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _replaced(self, file: FileIO) -> bool:
        """Whether the name means another file by now, or this one was cut."""
        try:
            there, here = os.stat(self._path), os.fstat(file.fileno())
        except OSError:
            return False
        return (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino) or here.st_size < file.tell()


def _say(what: str) -> None:
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"runstore: {what}\n")
