"""A file of raw text that belongs to a run: what it printed, or the log of another source."""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from threading import RLock
from typing import TYPE_CHECKING

from runstore.disk import files
from runstore.errors import RunstoreError
from runstore.format import names

if TYPE_CHECKING:
    from runstore.runs.writer import Writer

PIECE = 1 << 18  # bytes read at once
MARK_SECONDS = 1.0  # how exact the times of lines are
_opening = RLock()


class LogFile:
    """One stream of one writer. It only grows, by any process that has its descriptor; threads may share it."""

    def __init__(self, writer: Writer, stream: str, number: int) -> None:
        """Create it.

        Raises:
            OSError: the file system refuses.
        """
        self.stream, self.number = stream, number
        self.path = writer.directory / names.log(writer.identity.writer, number)
        self.fd = files.create(self.path, append=True)
        self.size = 0  # of what was read back and taken into the hash
        self._writer, self._hash, self._lock = writer, hashlib.sha256(), RLock()
        self._marked, self._marked_at = 0, time.monotonic()
        writer.record("stream", {"number": number, "stream": stream})

    def advance(self) -> bytes:
        """The next bytes that nobody has read back; none where there are none.

        Raises:
            OSError: they can't be read.
        """
        with self._lock:
            piece = files.read_at(self.fd, self.size, self.size + PIECE) if self.fd >= 0 else b""
            self._hash.update(piece)
            self.size += len(piece)
            return piece

    def write(self, data: bytes) -> None:
        """Append bytes.

        Raises:
            OSError: the file system refuses, or the file was left.
        """
        files.write_all(self.fd, data)

    def mark(self) -> None:
        """Keep when the file had grown so far, unless that was done just before."""
        now = time.monotonic()
        if self.size > self._marked and now - self._marked_at >= MARK_SECONDS:
            self._marked, self._marked_at = self.size, now
            with suppress(RunstoreError):  # the writer has ended
                self._writer.side().mark(self.stream, self.size)

    def settle(self) -> None:
        """Leave the file: read the rest of it, make it durable, say what it holds. An empty one goes.

        It may be opened again.

        Raises:
            OSError: the file system refuses; the file is read as one that was not left.
        """
        with self._lock:
            if self.fd < 0:
                return
            try:
                while self.advance():
                    pass
                if self.size:
                    files.sync(self.fd)
                body = {"number": self.number, "size": self.size, "sha256": self._hash.hexdigest()}
                with suppress(RunstoreError):
                    self._writer.record("streamed", body)
            finally:
                files.close(self.fd)
                self.fd = -1
                if not self.size:
                    files.unlink(self.path)

    def reopen(self) -> None:
        """Go on with a file that was left.

        Raises:
            OSError: the file system refuses.
        """
        with self._lock:
            if self.fd < 0:
                self.fd = files.reopen(self.path, append=True) if self.size else files.create(self.path, append=True)


def opened(writer: Writer, stream: str) -> LogFile:
    """The file of a stream, made where there is none.

    Raises:
        OSError: the file system refuses.
    """
    with _opening:
        file = writer.logs.get(stream)
        if file is None:
            file = writer.logs[stream] = LogFile(writer, stream, len(writer.logs))
        else:
            file.reopen()
        return file
