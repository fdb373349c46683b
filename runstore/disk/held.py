"""Bytes on their way from a pipe to a file: held until the file takes them.

Where the system can, they are held in an anonymous file that a second process has open too. They get there without
passing through this process, in one call, and what the file has taken is told by its size: so whoever takes over when
this process is killed, at whatever moment, finds each byte exactly once.
"""

from __future__ import annotations

import os
from contextlib import suppress

from runstore.disk import files
from runstore.disk.capabilities import CAN

PIECE = 1 << 18  # bytes moved at once
_ROOM = 1 << 20  # bytes of memory that may have been used before they are given back
_HEAD = 8  # its first bytes: how much longer the log is than what of this file is in it


class InMemory:
    """Held by this process alone; its death loses them. ``fd`` is -1."""

    fd = -1

    def __init__(self) -> None:
        """Nothing is held."""
        self._bytes = bytearray()

    def __len__(self) -> int:
        return len(self._bytes)

    def take(self, pipe: int) -> int:
        """Wait for bytes in a pipe and take them; how many, 0 at its end."""
        piece = os.read(pipe, PIECE)
        self._bytes += piece
        return len(piece)

    def first(self) -> bytes:
        """The bytes that come next, a piece of them."""
        return bytes(self._bytes[:PIECE])

    def taken(self, count: int) -> None:
        """The log has taken so many."""
        del self._bytes[:count]

    def noted(self, count: int) -> None:
        """The log has got so many bytes that were never held here."""

    def drop(self, count: int) -> None:
        """Let go of the last so many."""
        del self._bytes[len(self._bytes) - count :]

    def close(self) -> None:
        """Let go of all."""
        self._bytes.clear()


class Shared:
    """Held in an anonymous file, in which the next byte's place is the shared position. ``fd`` is its descriptor."""

    def __init__(self, log: int, fd: int = -1) -> None:
        """Hold nothing yet, or go on where another process was.

        Args:
            log: the file that takes the bytes, and grows by them and by what is ``noted`` only.
            fd: what that process held them in.

        Raises:
            OSError: there is no anonymous file to be had.
        """
        size = files.size(log)
        if fd < 0:
            fd = os.memfd_create("runstore-held", os.MFD_CLOEXEC)  # type: ignore[attr-defined,unused-ignore]
            os.lseek(fd, _HEAD, os.SEEK_SET)
            os.pwrite(fd, _number(size - _HEAD), 0)
        self.fd = fd
        self._ahead = int.from_bytes(os.pread(fd, _HEAD, 0), "little", signed=True)
        self._start = self._emptied = size - self._ahead

    def __len__(self) -> int:
        return max(0, os.lseek(self.fd, 0, os.SEEK_CUR) - self._start)

    def take(self, pipe: int) -> int:
        """Wait for bytes in a pipe and take them; how many, 0 at its end.

        Raises:
            OSError: the system can't do it this way.
        """
        if self._start - self._emptied > _ROOM and not len(self):
            os.ftruncate(self.fd, _HEAD)  # gives back the memory; the position stays
            self._emptied = self._start
        return os.splice(pipe, self.fd, PIECE)  # type: ignore[attr-defined,unused-ignore]

    def first(self) -> bytes:
        """The bytes that come next, a piece of them."""
        return os.pread(self.fd, min(PIECE, len(self)), self._start)

    def taken(self, count: int) -> None:
        """The log has taken so many; to others its size tells so."""
        self._start += count

    def noted(self, count: int) -> None:
        """The log has got so many bytes that were never held here."""
        self._ahead += count
        os.pwrite(self.fd, _number(self._ahead), 0)

    def drop(self, count: int) -> None:
        """Let go of the last so many."""
        os.ftruncate(self.fd, os.lseek(self.fd, -count, os.SEEK_CUR))

    def close(self) -> None:
        """Let go of all."""
        os.close(self.fd)
        self.fd = -1


def _number(value: int) -> bytes:
    return value.to_bytes(_HEAD, "little", signed=True)


def held(log: int, fd: int = -1) -> InMemory | Shared:
    """A place for bytes on their way to a log: shared where possible."""
    if CAN.splice:
        with suppress(OSError):
            return Shared(log, fd)
    return InMemory()
