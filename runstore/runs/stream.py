"""One writer's stream of one kind (facts or points): the journals one after another, and everything rare about them.

The fast path is in ``hot``. Here: opening the next journal, extending it, checking lines, fsync, what to do when
the file system refuses. After a failed fsync the unsynced bytes go to the next journal, whose header repeats their
first sequence number; what can't be kept at all is counted exactly and logging goes on when the fault ends.
"""

from __future__ import annotations

import errno
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock

from runstore.disk import files
from runstore.disk.append import AHEAD, PIECE, AppendFile
from runstore.errors import Damaged
from runstore.format import lines
from runstore.runs.closing import Closed, Detached, Left, Place, unsynced
from runstore.runs.faults import Faults
from runstore.runs.hot import Cursor, General, Hot, Overflow, mapped, written

ROTATE = 8 << 20  # bytes after which a points journal is closed and the next one begun
LOOK = 4096  # lines written between two looks at a written journal's size
STUCK = 2.0  # seconds after which a lock can only be held by this very thread
RETRY = 0.05  # seconds between two tries while the file system refuses
WAITING = 10_000  # facts that may wait for room
UNFINISHED = 32  # closed journals that may wait for their last checking line
FULL = (errno.ENOSPC, errno.EDQUOT)  # a checking line finds no room; another journal would find none either


class Stream:
    """The journals of one kind of one writer. ``label`` says whose, in messages."""

    def __init__(
        self,
        place: Place,
        general: General,
        offset: int,
        label: str,
        wake: Callable[[], None],
        closed: Closed = lambda detached, size: None,
    ) -> None:
        self.place, self.wake = place, wake
        self.file: AppendFile | None = None
        self.number = -1
        self.last = -1  # the highest number that a journal of this stream has
        self.first = 0  # sequence number at the start of the current journal
        self.checked_seq = 0  # sequence number at the start of the range not checked yet
        self.checked_extra = 0
        self.synced = (0, 0)  # (bytes, sequence number) up to which fsync has succeeded
        self.faults = Faults(label)
        self.waiting: deque[tuple[bytes, int]] = deque()  # lines that came while their thread was inside
        self.summing = Lock()
        self.left = Left(place, self.faults, self.summing, self._number, closed)
        make = mapped if place.mapped else written
        self.hot: Hot = make(general, self._later, Cursor(self._overflow, Lock(), offset=offset))

    # ---- the rare side of the fast path; the cursor's lock is held

    def _overflow(self, line: bytes, count: int) -> None:
        faults = self.faults
        if faults.retry_at and time.monotonic() < faults.retry_at:
            self._lose(line, count)
            return
        try:
            self._make_room(line)
        except (OSError, Damaged) as problem:
            self._lose(line, count)
            self._refused(problem)
            return
        self.hot.change(extra=self.hot.get().extra + count - 1)
        if faults.retry_at:
            faults.retry_at = 0.0
            faults.say(f"logging again; {faults.dropped:,} points could not be kept")
            self.wake()

    def _lose(self, line: bytes, count: int) -> None:
        """Count points that can't be kept; facts are few and wait for room."""
        if self.place.rotate or len(self.waiting) >= WAITING:
            self.faults.dropped += count
        else:
            self.waiting.append((line, count))

    def _make_room(self, line: bytes) -> None:
        """Store a line for which the fast path has no room."""
        file = self.file or self._open(self.first)
        if self.place.rotate and self._size() >= ROTATE and len(self.left.journals) < UNFINISHED:
            with suppress(OSError, Damaged):  # no new file to be had (descriptors, quota): go on in this one
                file = self._rotate(file)
        if file.window is None:
            file.store(0, line)
            self.hot.change(position=file.fd, limit=LOOK)
            return
        cursor = self.hot.get()
        end = cursor.position + len(line)
        if end + self.place.reserve <= len(file.window):
            start = cursor.position // AHEAD * AHEAD
            files.populate(file.window, start, min(2 * AHEAD, len(file.window) - start))
            self._aim(file, file.store(cursor.position, line))
        else:
            self._aim(file, file.extend(cursor.position, line))
            self.wake()

    def _aim(self, file: AppendFile, position: int) -> None:
        """Point the fast path at the file's window from ``position`` on, as far as its pages are there."""
        if file.window is None:
            self.hot.change(position=file.fd, limit=LOOK)
            return
        limit = min((position // AHEAD + 1) * AHEAD, len(file.window) - self.place.reserve)
        self.hot.change(window=file.window, position=position, limit=limit)

    def _open(self, first: int) -> AppendFile:
        """Begin the next journal with sequence number ``first``."""
        number = self.last + 1
        file = AppendFile(self.place.path(number), self.place.mapped, self.place.header(number, first))
        self.file, self.number, self.first, self.checked_seq = file, number, first, first
        self.last = number
        self.checked_extra, self.synced = self.hot.get().extra, (0, first)
        self._aim(file, file.start)
        return file

    def _number(self) -> int:
        """Take the next number for a journal beside the fast path."""
        with self.locked():
            self.last += 1
            return self.last

    def _size(self) -> int:
        return self.file.size(self.hot.get().position) if self.file else 0

    def _rotate(self, file: AppendFile) -> AppendFile:
        detached = self._detach(file)
        try:
            new = self._open(detached.end)
        except OSError:
            self.file = file
            raise
        self.left.journals.append(detached)
        self.wake()
        return new

    def _detach(self, file: AppendFile) -> Detached:
        if file.window is None:
            file.mend()  # the fast path's last write may have been a short one
        cursor = self.hot.get()
        size = file.size(cursor.position)
        with self.summing:
            file.sum_up(file.summed, size)
        end = self.checked_seq + file.newlines - 1 + cursor.extra - self.checked_extra
        return Detached(file, cursor.position, self.first, end, self.number, self.synced)

    def _refused(self, problem: Exception) -> None:
        self.faults.retry_at = time.monotonic() + RETRY
        if self.file is not None and self.file.window is None:
            self.hot.change(limit=-1)  # every line comes here until the file is whole again
        self.faults.refuse(problem, self.place.path(max(self.number, 0)).parent)

    def _later(self, line: bytes, count: int) -> None:
        self.waiting.append((line, count))

    def begin(self) -> None:
        """Open the first journal now.

        Raises:
            FileExistsError: somebody else has its name.
        """
        with self.locked():
            self._open(self.first)

    def set_offset(self, offset: int) -> None:
        """Move the clock of later points."""
        with self.locked() as taken:
            if taken:
                self.hot.change(offset=offset)

    # ---- the flusher's side, or the caller's in flush() and at the end

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Take the cursor's lock; False where this very thread is inside it (a signal handler ends the run)."""
        lock = self.hot.get().lock
        taken = lock.acquire(timeout=STUCK)
        try:
            yield taken
        finally:
            if taken:
                lock.release()

    def store(self, line: bytes) -> bool:
        """Store a line that must not be lost, in the reserve if need be; whether it could be kept."""
        with self.locked() as taken:
            if not taken:
                return False
            try:
                self._make_room(line)
            except OSError:
                file, cursor = self.file, self.hot.get()
                if file is None or file.window is None or cursor.position + len(line) > len(file.window):
                    return False
                self._aim(file, file.store(cursor.position, line))
        return True

    def check(self) -> tuple[AppendFile, int, int] | None:
        """Append a checking line over what is new; give the file, its size and the next sequence number.

        Raises:
            OSError: the bytes can't be read back or the line can't be stored; nothing changed.
        """
        self._drain()
        self._sum_up_most()
        with self.locked() as taken:
            file = self.file
            if file is None or not taken:
                return None
            cursor, size = self.hot.get(), self._size()
            with self.summing:
                file.sum_up(file.summed, size)
            count = file.newlines - 1 + cursor.extra - self.checked_extra
            if file.newlines > 1:
                crc = file.range_crc
                line = lines.checksum(lines.SUM, file.checked, size, self.checked_seq, count, crc)
                self._aim(file, file.store(cursor.position, line))
                file.begin_range(size)
                self.checked_seq += count
                self.checked_extra = cursor.extra
            return file, self._size(), self.checked_seq

    def _sum_up_most(self) -> None:
        """Sum up in pieces without holding up the caller, until little is left."""
        while True:
            with self.locked():
                file, size = self.file, self._size()
            if file is None or size - file.summed <= PIECE:
                return
            with self.summing:
                if file.fd >= 0 and file.summed < size:
                    file.sum_up(file.summed, min(size, file.summed + PIECE))

    def sync(self) -> bool:
        """Check, then make everything so far survive the machine; False where the file system refuses."""
        file = None
        try:
            state = self.check()
            if state is None:
                return self.file is None
            file, size, seq = state
            if self.synced[0] == size and self.file is file:
                return True
            file.sync()
        except (OSError, Damaged) as problem:
            if file is not None and file is not self.file:
                return False  # left meanwhile: what it lost is copied when it is closed
            return self._rescue(problem)
        if self.file is file:
            self.synced = size, seq
        self.faults.settled()
        return True

    def _rescue(self, problem: Exception) -> bool:
        """Copy what was never synced to the next journal and go on there; False where that can't be or need not be."""
        with self.locked() as taken:
            file = self.file
            if file is None or not taken:
                return False
            full = not file.failed and getattr(problem, "errno", None) in FULL
            if full or self.faults.early():
                return False
            start, seq = self.synced
            cursor = self.hot.get()
            before = self.checked_extra, self.checked_seq, self.first, self.number
            try:
                kept = unsynced(file, start, self._size())
                new = self._open(seq)
                self._aim(new, new.store(new.start, kept))
            except (OSError, Damaged) as second:
                self._return_to(file, cursor)
                self.checked_extra, self.checked_seq, self.first, self.number = before
                self.synced = start, seq
                self.faults.doubt(second)
                return False
            self.checked_extra = cursor.extra - sum(lines.count(line) - 1 for line in kept.splitlines())
            file.abandon()
        self.faults.say("the disk failed under a journal; what it had not confirmed is in the next one", once="failed")
        return self.sync()

    def _return_to(self, file: AppendFile, cursor: Cursor) -> None:
        """Take the journal again in whose place no other could be begun."""
        other, self.file = self.file, file
        self.hot.set(cursor)
        if other is not None and other is not file:
            with suppress(OSError):
                other.abandon()
                files.unlink(other.path)

    def end(self, overflow: Overflow, last: bytes = b"") -> int:
        """Store a last line and close the journal; later calls go to ``overflow``. Gives the next sequence number."""
        self._drain()
        if last:
            self.store(last)
        with suppress(OSError, Damaged):
            self._sum_up_most()
        seq = self.checked_seq
        with self.locked() as taken:
            if taken:
                if self.file is not None:
                    with suppress(OSError, Damaged):
                        self.left.journals.append(self._detach(self.file))
                        seq = self.left.journals[-1].end
                self.hot.change(overflow=overflow, window=None, limit=-1)
                self.file = None
        self.faults.settled()  # the last chance is not too early
        if not self.left.finish():
            self.left.give_up()
        return seq

    def _drain(self) -> None:
        for _ in range(len(self.waiting)):
            self.hot.put(*self.waiting.popleft())

    def abandon(self, overflow: Overflow) -> None:
        """In a forked child: let go of the parent's files without touching them."""
        self.hot.change(overflow=overflow, lock=Lock(), window=None, limit=-1)
        self.summing = Lock()
        self.left.abandon()
        if self.file is not None:
            with suppress(OSError, BufferError):
                self.file.abandon()
        self.file = None
        self.waiting.clear()
