"""What a script prints, from its pipes into its log files.

A script must never wait for a log: its pipe is emptied every few milliseconds, so that it hardly ever fills up and no
line costs a wake-up. Where the disk refuses, what was printed is held for a while, then dropped and counted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from threading import Lock, Thread

from runstore.disk import files
from runstore.disk.held import InMemory, Shared, held

PAUSE = 0.005  # seconds between two looks at a pipe that is written to
FULL = 1 << 15  # bytes found in a pipe that say: look again at once
HELD = 4 << 20  # bytes of one stream that may wait for room on the disk
RETRY = 0.1  # seconds between two tries while a log refuses


class Output:
    """The streams of one script. ``streams`` is what another process needs to go on where this one is killed."""

    def __init__(self, streams: Sequence[tuple[int, ...]]) -> None:
        """Nothing is read yet.

        Args:
            streams: of each the pipe to read, and the descriptor of its log, opened for appending, which stays open
                until this has stopped; then, if it goes on for another process, what that has held back.
        """
        self._pipes = [_Pipe(*stream) for stream in streams]
        self.streams = [pipe.stream for pipe in self._pipes]

    @property
    def losses(self) -> list[int]:
        """How many bytes of each stream could not be kept."""
        return [pipe.lost for pipe in self._pipes]

    @property
    def lost(self) -> int:
        """How many bytes could not be kept."""
        return sum(self.losses)

    @property
    def problem(self) -> OSError | None:
        """Why a log refuses what is printed; None where none does."""
        return next((pipe.problem for pipe in self._pipes if pipe.problem), None)

    def start(self) -> None:
        """Begin to read.

        Raises:
            OSError, RuntimeError: there are no descriptors or threads left.
        """
        for pipe in self._pipes:
            pipe.start()

    def retry(self) -> None:
        """Try again to write what a log has refused. Call it now and then: a script may print no more."""
        for pipe in self._pipes:
            pipe.retry()

    def stop(self, patience: float = 5.0) -> bool:
        """Wait until the pipes are read to their ends, which come when no process has them open any more.

        Args:
            patience: seconds to wait.

        Returns:
            False where somebody still has a pipe open: what it prints from now on is not read.
        """
        last = time.monotonic() + patience
        stopped = [pipe.stop(max(0.0, last - time.monotonic())) for pipe in self._pipes]
        return all(stopped)


class _Pipe:
    """One stream. Its thread waits while nothing is printed, then looks every ``PAUSE``."""

    def __init__(self, pipe: int, log: int, shared: int = -1) -> None:
        self.lost = 0
        self.problem: OSError | None = None
        self._held: InMemory | Shared = held(log, shared)
        self.stream = (pipe, log, self._held.fd)
        self._pipe, self._log = pipe, log
        self._gap = 0  # bytes lost behind what is held, of which the log doesn't tell yet
        self._note = b""  # what it is to tell of them
        self._tried = 0.0
        self._over = False
        self._lock = Lock()
        self._thread = Thread(target=self._follow, name="runstore-output", daemon=True)

    def start(self) -> None:
        self._pipe = os.dup(self._pipe)  # the thread's own: it may still wait in it when the other is closed
        self._thread.start()

    def retry(self) -> None:
        with self._lock:
            if not self._over:
                self._flush()

    def stop(self, patience: float) -> bool:
        if self._thread.ident is not None:
            self._thread.join(patience)
        if self._lock.acquire(timeout=patience):  # a file system that hangs has it
            if not self._over:
                self._over, self._tried = True, 0.0
                self._flush()
                self.lost += len(self._held)
                if not self._thread.is_alive():
                    self._held.close()
            self._lock.release()
        return not self._thread.is_alive()

    def _follow(self) -> None:
        try:
            while (count := self._take()) and not self._over:
                with self._lock:
                    self._keep(count)
                if count < FULL:
                    time.sleep(PAUSE)
        finally:
            os.close(self._pipe)

    def _take(self) -> int:
        """Wait for bytes and take them."""
        if self._held.fd >= 0:
            try:
                return self._held.take(self._pipe)
            except OSError:  # not on this system: by the plain way, from now on
                with self._lock:
                    self._flush()
                    self.lost += len(self._held)
                    self._held = InMemory()
        try:
            return self._held.take(self._pipe)
        except OSError:  # the pipe was closed
            return 0

    # ---- the lock is held

    def _keep(self, count: int) -> None:
        """Write what was just taken, and before it what was held; what is too much is lost."""
        if self._over:
            return
        if self._gap:
            self._lose(count)
        self._flush()
        if len(self._held) > HELD:
            self._lose(len(self._held) - HELD)

    def _lose(self, count: int) -> None:
        self._held.drop(count)
        self.lost += count
        self._gap += count

    def _flush(self) -> None:
        """Write what is held, and after it how much is missing there."""
        if time.monotonic() < self._tried + RETRY or not self._tell():
            return
        while piece := self._held.first():
            done = self._write(piece)
            self._held.taken(done)
            if done < len(piece):
                return
        if self._gap:
            self._note = b"\n[%d bytes that were printed here could not be kept]\n" % self._gap
            self._gap = 0
            self._tell()

    def _tell(self) -> bool:
        """Write the note, if there is one; whether that is done."""
        if self._note:
            done = self._write(self._note)
            self._held.noted(done)
            self._note = self._note[done:]
        return not self._note

    def _write(self, data: bytes) -> int:
        """Write what the log takes; how many bytes it took."""
        done, view = 0, memoryview(data)
        try:
            while done < len(data):
                done += files.write(self._log, view[done:])
            self.problem = None
        except OSError as problem:
            self.problem, self._tried = problem.with_traceback(None), time.monotonic()
        return done
