"""One process's part in a run: its facts, its points, its packs, its lock. Only this writer touches these files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from runstore.disk import files, lock
from runstore.disk.pack import FULL, PackFile
from runstore.errors import StoreError
from runstore.format import lines, names
from runstore.runs import dedup
from runstore.runs.closing import Detached, Place
from runstore.runs.counts import Counts
from runstore.runs.hot import Overflow, free
from runstore.runs.points import Points
from runstore.runs.presence import Presence
from runstore.runs.side import THINGS, Side
from runstore.runs.stream import Stream
from runstore.runs.turning import Requests

if TYPE_CHECKING:
    from runstore.runs.logfile import LogFile

RESERVE = 4096  # bytes of the facts journal kept for how the run ended
SEAL_AT = 8  # closed journals (64 MiB) sealed at once while the run goes on: few, large segments, few child processes


_MESSAGES = frozenset({"failure", "warning"})  # facts that quote what a script or a tool says


class Identity(NamedTuple):
    """Which writer of which attempt of which run."""

    run_id: str
    experiment: str
    attempt: int
    opener: bool
    writer: str

    @classmethod
    def new(cls, run_id: str, experiment: str, attempt: int, *, opener: bool) -> Identity:
        """An identity that no other writer has."""
        return cls(run_id, experiment, attempt, opener, os.urandom(8).hex())


class Writer:
    """A live writer. Opening it claims the attempt (opener) or adds one more writer to it."""

    def __init__(
        self,
        directory: Path,
        identity: Identity,
        start: dict[str, Any],
        mapped: bool,
        wake: Callable[[], None],
        sealable: Callable[[Path], None],
    ) -> None:
        """Create the facts journal with its start fact.

        Raises:
            FileExistsError: another process has claimed the attempt.
            OSError: the directory can't be written.
        """
        self.directory, self.identity, self._sealable = directory, identity, sealable
        self._start = start
        self._offset = time.time_ns() - time.monotonic_ns()
        self._unsealed = 0
        self._pack: PackFile | None = None
        self._pack_number = 0
        self._doubtful = False  # a pack may have lost pages
        self._named: tuple[int, int, int, int, bool] | None = None  # the newest files whose names are durable
        self._beat_at = 0.0
        self._ending, self._depth = RLock(), 0
        self.ended = False
        self.counts = Counts(self.record)
        self.logs: dict[str, LogFile] = {}  # raw text, by the name of the stream
        label = f"run {identity.run_id}"
        self.points = Points(lambda name, text: self.record("description", {"name": name, "text": text}))
        self.stream = Stream(
            Place(self._points_path, self._points_header, mapped, rotate=True),
            self.points.log, self._offset, label, wake, self._points_closed,
        )  # fmt: skip
        self.points.hot = self.stream.hot
        self._side = Side(
            Place(self._side_path, self._side_header, mapped, rotate=True), self._offset, label, wake, self._side_closed
        )
        self._side.stream.faults.share(self.stream.faults)
        self.facts = Stream(
            Place(self._facts_path, self._facts_header, mapped, rotate=False, reserve=RESERVE),
            self.points.log, self._offset, label, wake,
        )  # fmt: skip
        self.facts.begin()
        try:
            self.liveness = lock.Liveness(directory / names.lock(identity.writer))
        except OSError:
            self.facts.abandon(_gone)
            with suppress(OSError):  # the attempt never began: nobody shall join it
                files.unlink(self._facts_path(0))
            raise
        self._requests = Requests(directory)
        self.presence = Presence(directory, self.stream, (self._side.stream, self.facts))

    def side(self) -> Side:
        """What takes this writer's log records and system metrics; its journal begins with the first of them."""
        return self._side

    def record(self, kind: str, body: Any) -> None:
        """Append one fact."""
        if kind in _MESSAGES:
            body = _redacted(body)
        self.facts.hot.put(lines.fact(kind, self.facts.hot.now(), body), 1)

    def keep(self, data: bytes, sha256: str) -> list[int]:
        """Put a small artifact into the pack, unless it is there; give [pack number, offset].

        Raises:
            OSError: the file system refuses.
        """
        with self._inside():
            offset = None if self._pack is None or self._pack.failed else self._pack.find(sha256, len(data))
            if offset is not None:
                return [self._pack_number, offset]
            if self._pack is not None and (self._pack.size >= FULL or self._pack.failed):
                self._close_pack()
            if self._pack is None:
                path = self.directory / names.pack(self.identity.writer, self._pack_number)
                self._pack = PackFile(path)
            return [self._pack_number, self._pack.add(data, sha256)]

    def lose(self, problem: Exception) -> None:
        """Count one thing logged that the file system refuses, and say so once."""
        cause = problem.__context__
        with self.stream.locked():
            self.stream.faults.dropped += 1
        self.stream.faults.refuse(cause if isinstance(cause, OSError) else problem, self.directory)

    def flush(self) -> bool:
        """Make everything logged so far survive the machine; False where the file system refuses."""
        with self._inside():
            if self.ended:
                return True
            good = self._check_presence()
            for stream in (self.stream, self._side.stream):
                good = stream.left.finish() and good
                good = stream.sync() and good
            good = self._sync_pack() and good
            self._tell_dropped(leave=RESERVE // 2)
            good = self.facts.sync() and good
            return self._names_synced() and good

    def _check_presence(self) -> bool:
        """Check that nobody has deleted the journals; let go of a pack that went with them."""
        present = self.presence.check()
        if self.presence.deleted and self._pack is not None:  # the next file is refused rather than lost
            with suppress(OSError):
                self._pack.close()
            self._pack, self._pack_number = None, self._pack_number + 1
        return present

    def _sync_pack(self) -> bool:
        if self._pack is not None:
            try:
                self._pack.sync()
            except OSError:
                self._doubtful = True
        return not self._doubtful

    def _names_synced(self) -> bool:
        """Make the names of the writer's files durable too; False where the file system refuses."""
        files_now = self.stream.last, self._side.stream.last, self.facts.last, self._pack_number, self._pack is None
        if self._named == files_now:
            return True
        above = (self.directory.parent, self.directory.parent.parent) if self._named is None else ()
        try:
            for directory in (self.directory, *above):
                files.sync_dir(directory)
        except OSError:
            return False
        self._named = files_now
        return True

    def beat(self) -> None:
        """What the flusher does every second: heartbeat, clock, and a flush."""
        now = time.monotonic()
        if now - self._beat_at >= lock.HEARTBEAT_SECONDS:
            self._beat_at = now
            self.liveness.touch()
        offset = time.time_ns() - time.monotonic_ns()
        if offset > self._offset:  # forward only: a clock set back must not reorder what is logged
            self._offset = offset
            for stream in (self.stream, self._side.stream, self.facts):
                stream.set_offset(offset)
        self.counts.tell()
        with self._inside():
            if not self.ended:
                self._requests.answer((self.stream, self._side.stream))
        self.flush()

    def end(
        self, status: str, error: str | None, explicit: bool, closed: Overflow, failure: dict[str, Any] | None = None
    ) -> int:
        """Close everything and say how it ended; give how many points could not be kept."""
        with self._ending:
            if self.ended or (self._interrupted() and self._end_soon(status, error, explicit, closed, failure)):
                return self.stream.faults.dropped
            self.counts.tell(now=True)
            self._check_presence()
            self.ended = True
            seq = self.stream.end(closed)
            records = self._side.stream.end(closed)
            if self._pack is not None:
                self._close_pack()
            self._tell_dropped(leave=RESERVE // 4)
            if failure:
                self.facts.store(lines.fact("failure", self.facts.hot.now(), _redacted(failure)), RESERVE // 2)
            body: dict[str, Any] = {
                "status": status,
                "error": _redacted(error) if error else None,
                "explicit": explicit,
                "points": seq,
                "journals": self.stream.number + 1,
                "dropped": self.stream.faults.dropped,
            }
            side, lost = self._side.stream, self._side.stream.faults.dropped
            if side.number >= 0 or lost:
                body["side"] = {"records": records, "journals": side.number + 1, "dropped": lost}
            self._last_word(body)
            self.facts.end(closed)
            for faults, what in ((side.faults, THINGS), (self.facts.faults, "params, tags, artifacts ...")):
                if faults.dropped:
                    faults.say(f"{faults.dropped:,} {what} could not be kept")
            with suppress(OSError):
                files.sync_dir(self.directory)
            self.liveness.release()
            if self.stream.number >= 0 or side.number >= 0 or self._pack_number:
                self._sealable(self.directory)
            return self.stream.faults.dropped

    @contextmanager
    def _inside(self) -> Iterator[None]:
        with self._ending:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1

    def _interrupted(self) -> bool:
        """Whether a signal handler is here whose own thread is in the midst of something."""
        streams = (self.stream, self.facts, self._side.stream)
        return self._depth > 0 or not all(free(stream.hot.get().lock) for stream in streams)

    def _end_soon(self, *how: Any) -> bool:
        """End as soon as that thread has got out; False where no thread can wait for it."""
        try:
            Thread(target=self.end, args=how, name="runstore-ender").start()
        except RuntimeError:
            return False
        return True

    def _last_word(self, body: dict[str, Any]) -> None:
        """Say how it ended: in a few words on a full disk, and once more to one that refuses for a moment."""
        now = self.facts.hot.now()
        brief = [{**body, "error": body["error"][:200]}] if body["error"] else []
        for pause in (0.0, 0.05, 0.1):
            time.sleep(pause)
            if any(self.facts.store(lines.fact("end", now, one)) for one in (body, *brief)):
                return

    def abandon(self, overflow: Overflow, facts_overflow: Overflow, side_overflow: Overflow) -> None:
        """In a forked child: let go of the parent's files; later calls go to ``overflow``."""
        self._ending, self._depth = RLock(), 0
        self.points.forget()
        self.stream.abandon(overflow)
        self.facts.abandon(facts_overflow)
        self._side.abandon(side_overflow)
        with suppress(OSError):
            self.liveness.abandon()
            if self._pack is not None:
                self._pack.close()
        self._pack = None
        self.ended = True

    def _close_pack(self) -> None:
        """Leave the pack. What its disk did not confirm is not vouched for as a whole."""
        pack = self._pack
        assert pack is not None
        whole = False
        with suppress(OSError):
            pack.mend()
            whole = True
        self._sync_pack()
        if whole and not pack.failed:
            self.record("pack", {"number": self._pack_number, "size": pack.size, "sha256": pack.sha256})
            with suppress(OSError):  # others may refer to it when its name is durable as well
                files.sync_dir(self.directory)
                who = self.identity
                dedup.closed(dedup.Closed(pack.path, who.run_id, who.writer, self._pack_number, pack.offsets))
            if not self.ended:
                self._sealable(self.directory)
        self._pack, self._pack_number = None, self._pack_number + 1
        with suppress(OSError):
            pack.close()

    def _tell_dropped(self, leave: int) -> None:
        for faults, what in ((self.stream.faults, "points"), (self._side.stream.faults, "records")):
            lost = faults.dropped - faults.told
            if lost:
                body = {"points": 0, what: lost, "reason": faults.reason}
                if self.facts.store(lines.fact("dropped", self.facts.hot.now(), body), leave):
                    faults.told += lost

    def _points_closed(self, detached: Detached, size: int) -> None:
        self._journal_closed("points", detached, size)

    def _side_closed(self, detached: Detached, size: int) -> None:
        self._journal_closed("side", detached, size)

    def _journal_closed(self, kind: str, detached: Detached, size: int) -> None:
        body = {"number": detached.number, "first": detached.first, "count": detached.end - detached.first}
        self.record(kind, {**body, "size": size})
        self._unsealed += 1
        if self._unsealed >= SEAL_AT and not self.ended:
            self._unsealed = 0
            self._sealable(self.directory)

    def _points_path(self, number: int) -> Path:
        return self.directory / names.points(self.identity.writer, number)

    def _points_header(self, number: int, first: int) -> bytes:
        who = self.identity
        return lines.header(lines.POINTS, who.run_id, who.experiment, who.writer, who.attempt, number, first)

    def _side_path(self, number: int) -> Path:
        return self.directory / names.points(names.side(self.identity.writer), number)

    def _side_header(self, number: int, first: int) -> bytes:
        who = self.identity
        side = names.side(who.writer)
        return lines.header(lines.POINTS, who.run_id, who.experiment, side, who.attempt, number, first)

    def _facts_path(self, number: int) -> Path:
        who = self.identity
        if number:  # after a failed fsync: any free name will do, the header says whose it is
            return self.directory / names.facts(who.attempt, os.urandom(8).hex())
        return self.directory / names.facts(who.attempt, "" if who.opener else who.writer)

    def _facts_header(self, number: int, first: int) -> bytes:
        who = self.identity
        head = lines.header(lines.FACTS, who.run_id, who.experiment, who.writer, who.attempt, number, first)
        if number:
            return head
        return head + lines.fact("start", time.monotonic_ns() + self._offset, self._start)


def _gone(line: bytes, count: int) -> None:
    raise StoreError("this writer never began")


def _redacted(body: Any) -> Any:
    from runstore.runs import redact  # not before it is needed: logging starts in milliseconds

    return redact.strings(body)
