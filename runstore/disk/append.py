"""One growing journal file: mapped where the file system is proven safe for it, else written.

Mapped: blocks are allocated first, then mapped in windows (64 KiB, doubling to 1 MiB), so a store can't find the disk
full, and memory stays flat. Written: one ``write`` per append to an O_APPEND file. This module knows bytes and
offsets; what a line is, who counts and when to sync is decided above.
"""

from __future__ import annotations

import errno
import mmap
import zlib
from contextlib import suppress
from pathlib import Path

from runstore.disk import files
from runstore.errors import Damaged

FIRST_WINDOW, LAST_WINDOW = 1 << 16, 1 << 20
PIECE = 1 << 18  # bytes read at once for checksums
AHEAD = 1 << 16  # bytes of a window faulted in at once


class AppendFile:
    """The descriptor, the current window, and the running checksum of one journal file.

    In a mapped file ``[base, base + len(window))`` is writable memory; in a written one there is no window.
    """

    def __init__(self, path: Path, mapped: bool, head: bytes) -> None:
        """Create the file (it must not exist) and put its header line in.

        Raises:
            FileExistsError: somebody else has the name.
            OSError: the file system refuses; nothing is left behind.
        """
        self.path = path
        self.mapped = mapped
        self.base = 0
        self.window: mmap.mmap | None = None
        self.fd = files.create(path, append=not mapped)
        self.checked = 0  # where the last checking line begins: everything before it is covered
        self.crc = 0  # of the bytes [0, summed)
        self.range_crc = 0  # of the bytes [checked, summed)
        self.summed = 0
        self.newlines = 0  # in [checked, summed)
        self.failed = False  # a sync has failed
        self.whole = 0  # the size with the closing line, once that is stored
        try:
            if mapped:
                self._map(0, max(FIRST_WINDOW, _pages(len(head))))
                self.window[: len(head)] = head  # type: ignore[index]
            else:
                files.write_all(self.fd, head)
        except OSError:
            self.abandon()
            files.unlink(path)
            raise
        self.start = len(head)

    def _map(self, base: int, length: int) -> None:
        files.allocate(self.fd, base, length)
        window = files.mapping(self.fd, base, length)
        files.populate(window, 0, min(AHEAD, length))
        if self.window is not None:
            self.window.close()
        self.base, self.window = base, window

    def extend(self, position: int, line: bytes) -> int:
        """Move the window on to the page of ``position`` and store a line there; give the position after it.

        Raises:
            OSError: no more room; nothing of the line is stored and the window is the old one.
        """
        assert self.window is not None
        start = position // mmap.ALLOCATIONGRANULARITY * mmap.ALLOCATIONGRANULARITY
        position -= start
        end = position + len(line)
        least = max(FIRST_WINDOW, _pages(end))
        wanted = max(least, min(len(self.window) * 2, LAST_WINDOW))
        try:
            self._map(self.base + start, wanted)
        except OSError:  # nearly full: a small window may still fit
            self._map(self.base + start, least)
        self.window[position:end] = line
        return end

    def store(self, position: int, line: bytes) -> int:
        """Put a line at ``position`` of the window (written files: at the end); give the position after it.

        Raises:
            OSError: no room. A written file may keep a piece of the line: ``size`` and the next ``store`` cut it.
        """
        if self.window is None:
            self.mend()
            files.write_all(self.fd, line)
            return position
        end = position + len(line)
        if end > len(self.window):
            return self.extend(position, line)
        self.window[position:end] = line
        return end

    def mend(self) -> int:
        """Cut the piece that a failed write of this writer's own left after the last whole line; the size then."""
        size = files.size(self.fd)
        if not size or files.read_at(self.fd, size - 1, size) in (b"\n", b"\0"):
            return size  # NULs are no piece of a line: the file system has given up what was there
        start, at = size, -1
        while start and at < 0:
            end, start = start, max(0, start - PIECE)
            at = files.read_at(self.fd, start, end).rfind(b"\n")
        files.truncate(self.fd, start + at + 1)
        return start + at + 1

    def size(self, position: int) -> int:
        """How many bytes are in use, given the position in the window.

        Raises:
            OSError: a piece of a line is there and can't be cut.
        """
        return self.base + position if self.mapped else self.mend()

    def sum_up(self, start: int, end: int) -> None:
        """Take the bytes [start, end) into the running checksums; a failure keeps what was taken.

        Raises:
            OSError: they can't be read back.
            Damaged: they are not there.
        """
        while start < end:
            piece = files.read_at(self.fd, start, min(start + PIECE, end))
            if not piece:
                raise Damaged(f"{self.path}: shorter than what was written to it; somebody cut it")
            start += len(piece)
            sums = zlib.crc32(piece, self.crc), zlib.crc32(piece, self.range_crc), self.newlines + piece.count(b"\n")
            self.crc, self.range_crc, self.newlines, self.summed = *sums, start  # at once: a signal handler may raise

    def begin_range(self, at: int) -> None:
        """Start the next checked range at the checking line that begins at ``at``."""
        self.checked, self.range_crc, self.newlines = at, 0, 0

    def sync(self) -> None:
        """Make what is stored survive the machine.

        Raises:
            OSError: it can't, or it couldn't once: then no later success is to be believed.
        """
        if self.failed:
            raise OSError(errno.EIO, "a sync of it has failed before", str(self.path))
        try:
            files.sync(self.fd)
        except OSError:
            self.failed = True
            raise

    def close(self, size: int) -> None:
        """Cut the allocation to the bytes used, sync, and let go of the file.

        Raises:
            OSError: the file system refuses; the file stays open, so that it can be read back.
        """
        if self.window is not None:
            self.window.close()
            self.window = None
        if self.mapped:
            files.truncate(self.fd, size)
        self.sync()
        self.abandon()

    def abandon(self) -> None:
        """Let go of the file as it is (after a failure, or in a forked child)."""
        if self.window is not None:
            self.window.close()
            self.window = None
        fd, self.fd = self.fd, -1
        if fd >= 0:
            with suppress(OSError):  # it is closed all the same; what had to be durable was synced before
                files.close(fd)


def _pages(length: int) -> int:
    """Round up to whole allocation units."""
    unit = mmap.ALLOCATIONGRANULARITY
    return (length + unit - 1) // unit * unit
