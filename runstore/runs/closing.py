"""Journals that the fast path has left: their closing lines, their durability, and what to do where a disk fails.

A failed fsync is final for its file. A second one reports success over pages that the kernel has given up; read back
at once, they are still there. So what was never synced of a journal goes to another one.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from runstore.disk import files
from runstore.disk.append import AppendFile
from runstore.errors import Damaged
from runstore.format import lines
from runstore.runs.faults import Faults
from runstore.runs.hot import free


class Place(NamedTuple):
    """Where the next journal of a stream lies and how it begins."""

    path: Callable[[int], Path]
    header: Callable[[int, int], bytes]
    mapped: bool
    rotate: bool
    reserve: int = 0  # bytes of the last window kept for what must not be lost: how the run ended


class Detached(NamedTuple):
    """A journal that the fast path has left and that wants its closing line."""

    file: AppendFile
    position: int
    first: int
    end: int  # sequence number after its last item
    number: int
    synced: tuple[int, int]  # (bytes, sequence number) up to which fsync has succeeded


Closed = Callable[[Detached, int], None]


class Left:
    """The journals of one stream that were left, in their order."""

    def __init__(self, place: Place, faults: Faults, summing: Lock, number: Callable[[], int], closed: Closed) -> None:
        """None yet.

        Args:
            place: where journals lie.
            faults: the stream's account.
            summing: held while a file's running checksum moves on.
            number: gives the next free number of a journal.
            closed: told of each journal that was closed, with its size.
        """
        self._place, self._faults, self._summing, self._number, self._closed = place, faults, summing, number, closed
        self.journals: list[Detached] = []
        self._busy = False

    def finish(self) -> bool:
        """Close every journal and make it durable; False where the file system refuses for now."""
        if self._busy:
            return False  # a signal handler ends the run while its own thread is here
        self._busy = True
        try:
            return self._finish()
        finally:
            self._busy = False

    def _finish(self) -> bool:
        good = True
        for detached in list(self.journals):
            try:
                closed, size = self._close(detached)
            except OSError as problem:
                good = False
                self._faults.doubt(problem)
                continue
            except Damaged as problem:
                self._faults.dropped += detached.end - detached.synced[1]
                self._faults.refuse(problem, detached.file.path.parent)
                detached.file.abandon()
                self.journals.remove(detached)
            else:
                self.journals.remove(detached)
                self._closed(closed, size)
        return good

    def give_up(self) -> None:
        """Let go of what can't be closed; it is read as unclosed and sealed all the same."""
        if self._busy:
            return  # its own thread goes on with them
        unsafe = 0
        for detached in self.journals:
            try:
                detached.file.sync()  # there may just be no room for the closing line
            except OSError:
                unsafe += detached.end - detached.synced[1]
        self.abandon()
        if unsafe and self._place.rotate:
            stored = f"{unsafe:,} {self._faults.things} were stored"
            self._faults.say(f"{stored}, but the disk did not confirm them ({self._faults.reason})")

    def abandon(self) -> None:
        """Let go of the files as they are."""
        for detached in self.journals:
            with suppress(OSError, BufferError):
                detached.file.abandon()
        self.journals.clear()

    def _close(self, detached: Detached) -> tuple[Detached, int]:
        """Close one; where its file has failed, a copy of what that may have lost. Gives what is closed and its size.

        Raises:
            OSError: the file system refuses; another try may do.
            Damaged: what was not durable is gone.
        """
        file = detached.file
        try:
            if not file.failed:
                size = self._whole(detached)
                file.close(size)
                return detached, size
        except OSError:
            if not file.failed:
                raise
        if self._faults.early():
            raise OSError(errno.EIO, "the disk failed under a journal")
        copied = self._copy(detached)
        file.abandon()
        self._faults.settled()
        self._faults.say("the disk failed under a journal; what it had not confirmed is in another one", once="failed")
        return copied

    def _whole(self, detached: Detached) -> int:
        """Store a journal's closing line, once; give the size with it."""
        file = detached.file
        if not file.whole:
            size = file.size(detached.position)
            sum_up(file, size, self._summing)
            line = lines.checksum(lines.END, 0, size, detached.first, detached.end - detached.first, file.crc)
            file.store(detached.position, line)
            file.whole = size + len(line)  # not asked: a refused answer would have a second closing line stored
        return file.whole

    def _copy(self, detached: Detached) -> tuple[Detached, int]:
        """Write what was never synced of a journal to one of its own, whole; give it with its size."""
        start, first = detached.synced
        kept = unsynced(detached.file, start, detached.file.whole or detached.file.size(detached.position))
        number = self._number()
        file = AppendFile(self._place.path(number), False, self._place.header(number, first))
        copied = Detached(file, 0, first, detached.end, number, (0, first))
        try:
            file.store(0, kept)
            size = self._whole(copied)
            file.close(size)
        except OSError:
            file.abandon()
            files.unlink(file.path)
            raise
        return copied, size


def sum_up(file: AppendFile, end: int, summing: Lock) -> None:
    """Take a file's bytes up to ``end`` into its checksums; ``summing`` is held meanwhile.

    Raises:
        OSError: they can't be read back, or this very thread is at it (a signal handler ends the run).
    """
    if not free(summing):
        raise OSError(errno.EBUSY, "the journal is being summed up")
    with summing:
        if file.fd >= 0:
            file.sum_up(file.summed, end)


def unsynced(file: AppendFile, start: int, size: int) -> bytes:
    """The lines of items in the bytes [start, size) of a journal.

    Raises:
        OSError: they can't be read back.
        Damaged: they are not there any more.
    """
    data = files.read_at(file.fd, start, size)
    if len(data) != size - start or b"\0" in data:
        raise Damaged(f"{file.path}: the file system has given up what was written to it")
    return _items(data)


def held(file: AppendFile, start: int) -> bytes:
    """The lines of items from byte ``start`` on, whatever the writer's own account says.

    Raises:
        OSError: they can't be read back.
    """
    data = files.read_at(file.fd, start, files.size(file.fd))
    return _items(data.partition(b"\0")[0])


def _items(data: bytes) -> bytes:
    return b"".join(line for line in data.splitlines(keepends=True) if line.startswith(b"[") and line.endswith(b"\n"))


def extra(kept: bytes) -> int:
    """How many sequence numbers lines of items take beyond one a line."""
    return sum(lines.count(line) - 1 for line in kept.splitlines())
