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
from runstore.runs.closing import Closed, Detached, Left, Place, extra, held, sum_up, unsynced
from runstore.runs.faults import Faults
from runstore.runs.hot import PATIENCE, Cursor, General, Hot, Overflow, free, mapped, patiently, written

ROTATE = 8 << 20  # bytes after which a points journal is closed and the next one begun
LOOK = 4096  # lines written between two looks at a written journal's size
RETRY = 0.05  # seconds between two tries while the file system refuses
WAITING = 10_000  # facts that may wait for room
UNFINISHED = 32  # closed journals that may wait for their last checking line
PASSING = (errno.ENOSPC, errno.EDQUOT, errno.EBUSY)  # says nothing against the file: the next check may do


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
        things: str = "points",
    ) -> None:
        self.place, self.wake = place, wake
        self.file: AppendFile | None = None
        self.number = -1
        self.last = -1  # the highest number that a journal of this stream has
        self.first = 0  # sequence number at the start of the current journal
        self.checked_seq = 0  # sequence number at the start of the range not checked yet
        self.checked_extra = 0
        self.synced = (0, 0)  # (bytes, sequence number) up to which fsync has succeeded
        self.shaken = False  # all that was stored since then has to be counted anew
        self.faults = Faults(label, "" if place.rotate else "params, tags, artifacts ... wait", things)
        self.waiting: deque[tuple[bytes, int]] = deque()  # lines that came while their thread was inside
        self.summing = Lock()
        self.left = Left(place, self.faults, self.summing, self._number, closed)
        make = mapped if place.mapped else written
        self.hot: Hot = make(general, self._later, self._broken, Cursor(self._overflow, Lock(), offset=offset))

    # ---- the rare side of the fast path; the cursor's lock is held

    def _overflow(self, line: bytes, count: int) -> None:
        try:
            self._store_or_lose(line, count)
        except BaseException:
            self._shake()
            raise

    def _store_or_lose(self, line: bytes, count: int) -> None:
        faults = self.faults
        if faults.retry_at and time.monotonic() < faults.retry_at:
            self._lose(line, count)
            return
        try:
            self._drain()
            self._make_room(line)
        except (OSError, Damaged) as problem:
            self._lose(line, count)
            faults.retry_at = time.monotonic() + RETRY
            faults.refuse(problem, self.place.path(max(self.number, 0)).parent)
            return
        self._took(count)
        if faults.retry_at:
            faults.retry_at = 0.0
            lost = f"; {faults.dropped:,} {faults.things} could not be kept" if faults.dropped else ""
            faults.say(f"logging again{lost}")
            self.wake()

    def _took(self, count: int) -> None:
        self.hot.change(extra=self.hot.get().extra + count - 1)

    def _drain(self) -> None:
        """Store the lines that wait, in their order; OSError where there is no room, the rest waits on."""
        while self.waiting:
            line, count = self.waiting.popleft()
            try:
                self._make_room(line)
            except (OSError, Damaged):
                self.waiting.appendleft((line, count))
                raise
            self._took(count)

    def _lose(self, line: bytes, count: int) -> None:
        """Count points that can't be kept; facts are few and wait for room, and later ones behind them."""
        if self.place.rotate or len(self.waiting) >= WAITING:
            self.faults.dropped += count
        else:
            self.waiting.append((line, count))
        if not (self.place.rotate and self.place.mapped):
            self.hot.change(limit=-1)  # the next comes here: a piece of this one may have to be cut before it

    def _make_room(self, line: bytes) -> None:
        """Store a line for which the fast path has no room."""
        if self.shaken:
            self._anew()
        file = self.file or self._open(self.first)
        if self.place.rotate and self._size() >= ROTATE and len(self.left.journals) < UNFINISHED:
            with suppress(OSError, Damaged):  # no new file to be had (descriptors, quota): go on in this one
                file = self._rotate(file)
        if file.window is None:
            self._put(file, 0, line)
            return
        cursor = self.hot.get()
        end = cursor.position + len(line)
        if end + self.place.reserve <= len(file.window):
            start = cursor.position // AHEAD * AHEAD
            files.populate(file.window, start, min(2 * AHEAD, len(file.window) - start))
            self._put(file, cursor.position, line)
        else:
            self._aim(file, file.extend(cursor.position, line))
            self.wake()

    def _put(self, file: AppendFile, position: int, line: bytes) -> None:
        try:
            self._aim(file, file.store(position, line))
        except OSError:
            if file.window is None:
                self.hot.change(limit=-1)  # a piece may be there: every line comes here until it is cut
            raise

    def _aim(self, file: AppendFile, position: int) -> None:
        """Point the fast path at the file's window from ``position`` on, as far as its pages are there."""
        behind = self.waiting and not self.place.rotate  # facts keep their order
        if file.window is None:
            self.hot.change(position=file.fd, limit=-1 if behind else LOOK)
            return
        limit = min((position // AHEAD + 1) * AHEAD, len(file.window) - self.place.reserve)
        self.hot.change(window=file.window, position=position, limit=-1 if behind else limit)

    def _open(self, first: int, kept: bytes = b"") -> AppendFile:
        """Begin the next journal with sequence number ``first``, and with lines that are in another one too."""
        place = self.place
        while True:
            number = self.last + 1
            try:
                file = AppendFile(place.path(number), place.mapped, place.header(number, first) + kept)
                break
            except FileExistsError:
                if not place.rotate:
                    raise
                self.last = number  # left by a try of this very writer that could not even be undone
        taken = self.hot.get().extra - extra(kept)
        self.file, self.number, self.last, self.first, self.checked_seq = file, number, number, first, first
        self.checked_extra, self.synced = taken, (0, first)
        self._aim(file, file.start)
        return file

    def _anew(self) -> None:
        """Go on in the next journal, which repeats what was never synced of this one.

        Raises:
            OSError, Damaged: it can't be read back, or no other be begun; everything is as before.
        """
        file, (start, seq) = self.file, self.synced
        if file is not None:
            self._open(seq, held(file, start) if self.shaken else unsynced(file, start, self._size()))
            with suppress(OSError):
                file.abandon()
        self.shaken = False

    def _shake(self) -> None:
        """A signal handler raised in the midst of something: what the file holds is true, the account of it is not."""
        self.shaken = True
        self.hot.change(limit=-1)

    def _number(self) -> int:
        """Take the next number for a journal beside the fast path."""
        with self.locked():
            self.last += 1
            return self.last

    def _size(self) -> int:
        return self.file.size(self.hot.get().position) if self.file else 0

    def _rotate(self, file: AppendFile) -> AppendFile:
        detached = self._detach(file)
        new = self._open(detached.end)
        self.left.journals.append(detached)
        self.wake()
        return new

    def _detach(self, file: AppendFile) -> Detached:
        cursor = self.hot.get()
        sum_up(file, file.size(cursor.position), self.summing)
        end = self.checked_seq + file.newlines - 1 + cursor.extra - self.checked_extra
        return Detached(file, cursor.position, self.first, end, self.number, self.synced)

    def _later(self, line: bytes, count: int) -> None:
        self.waiting.append((line, count))

    def _broken(self, until: float | None = None) -> None:
        """A signal handler raised while the lock was being taken: if nobody gives it back, go on with another."""
        until = until or time.monotonic() + PATIENCE
        try:
            if not free(self.hot.get().lock, until - time.monotonic()):
                self.hot.change(lock=Lock())
        except BaseException:
            self._broken(until)  # it raised once more in here: people press Ctrl-C twice
            raise

    def begin(self) -> None:
        """Open the first journal now; FileExistsError where somebody else has its name."""
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
        with patiently(self.hot.get().lock) as taken:
            try:
                yield taken
            except BaseException as problem:
                if taken and not isinstance(problem, OSError | Damaged):
                    self._shake()
                raise

    def store(self, line: bytes, leave: int = 0) -> bool:
        """Store one fact, in the reserve if need be, of which ``leave`` bytes stay; whether it could be kept."""
        with self.locked() as taken:
            if not taken:
                return False
            try:
                self._drain()
                self._make_room(line)
            except (OSError, Damaged):
                file, end = self.file, self.hot.get().position + len(line)
                if file is None or file.window is None or end + leave > len(file.window):
                    return False
                self._put(file, end - len(line), line)
        return True

    def check(self) -> tuple[AppendFile, int, int] | None:
        """Append a checking line over what is new; give the file, its size and the next sequence number.

        Raises:
            OSError: the bytes can't be read back or the line can't be stored; nothing changed.
        """
        self._store_waiting()
        self._sum_up_most()
        with self.locked() as taken:
            if self.shaken and taken:
                self._anew()
            file = self.file
            if file is None or not taken:
                return None
            cursor, size = self.hot.get(), self._size()
            sum_up(file, size, self.summing)
            count = file.newlines - 1 + cursor.extra - self.checked_extra
            if file.newlines > 1:
                crc = file.range_crc
                line = lines.checksum(lines.SUM, file.checked, size, self.checked_seq, count, crc)
                self._put(file, cursor.position, line)
                file.begin_range(size)
                self.checked_seq += count
                self.checked_extra = cursor.extra
            return file, self._size(), self.checked_seq

    def _sum_up_most(self) -> None:
        """Sum up what is there by now, in pieces, so as not to hold up the caller.

        What comes meanwhile is left: a caller that never pauses would be faster than this for ever.
        """
        with self.locked() as taken:
            file = self.file
            if file is None or self.shaken or not taken:
                return
            size = self._size()
        while file is self.file and size - file.summed > PIECE:
            sum_up(file, min(size, file.summed + 4 * PIECE), self.summing)

    def turn(self) -> bool:
        """Begin the next journal now if there is anything in this one; False where that has to be tried again."""
        try:
            self._sum_up_most()
            with self.locked() as taken:
                if not taken or self.shaken or self.faults.retry_at or len(self.left.journals) >= UNFINISHED:
                    return False
                if self.file is not None and self._detach(self.file).end > self.first:
                    self._rotate(self.file)
        except (OSError, Damaged):  # no new file to be had: go on in this one
            return False
        return True

    def _store_waiting(self) -> None:
        with self.locked() as taken, suppress(OSError, Damaged):
            if taken:
                self._drain()

    def sync(self) -> bool:
        """Check, then make everything so far survive the machine; False where the file system refuses."""
        file, before = None, self.file
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
            if before is None or before.failed or getattr(problem, "errno", None) not in PASSING:
                return self._rescue()
            with suppress(OSError):
                before.sync()  # no room for the checking line: the points are safe without it
            return False
        if self.file is file:
            self.synced = size, seq
        self.faults.settled()
        return True

    def _rescue(self) -> bool:
        """Copy what was never synced to the next journal and go on there; False where that can't be now."""
        with self.locked() as taken:
            if self.file is None or not taken or self.faults.early():
                return False
            try:
                self._anew()
            except (OSError, Damaged) as second:
                self.faults.doubt(second)
                return False
        self.faults.say("the disk failed under a journal; what it had not confirmed is in the next one", once="failed")
        return self.sync()

    def end(self, overflow: Overflow) -> int:
        """Close the journal; later calls go to ``overflow``. Gives the next sequence number."""
        self._store_waiting()
        with suppress(OSError, Damaged):
            self._sum_up_most()
        seq = self.checked_seq
        with self.locked() as taken:
            if taken:
                if self.file is not None:
                    seq = self._leave()
                self.hot.change(overflow=overflow, window=None, limit=-1)
                self.file = None
                self.faults.dropped += sum(count for _, count in self.waiting)
                self.waiting.clear()
        self.faults.settled()  # the last chance is not too early
        if not self.left.finish():
            self.left.give_up()
        return seq

    def _leave(self) -> int:
        """Have the last journal closed; the next sequence number, as far as it can be told."""
        file = self.file
        assert file is not None
        try:
            if self.shaken:
                self._anew()
                file = self.file or file
            self.left.journals.append(self._detach(file))
        except (OSError, Damaged):
            for let_go in (file.sync, file.abandon):
                with suppress(OSError):
                    let_go()
            return self.checked_seq
        return self.left.journals[-1].end

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
