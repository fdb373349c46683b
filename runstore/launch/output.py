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

PAUSE = 0.005  # seconds between two looks at a pipe that is written to
PIECE = 1 << 18  # bytes read at once
FULL = 1 << 15  # bytes found in a pipe that say: look again at once
HELD = 4 << 20  # bytes of one stream that may wait for room on the disk
RETRY = 0.1  # seconds between two tries while a log refuses


class Output:
    """The streams of one script."""

    def __init__(self, streams: Sequence[tuple[int, int]]) -> None:
        """Nothing is read yet.

        Args:
            streams: of each the pipe to read, and the descriptor of its log, opened for appending, which stays open
                until this has stopped.
        """
        self._pipes = [_Pipe(pipe, log) for pipe, log in streams]

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

    def __init__(self, pipe: int, log: int) -> None:
        self.lost = 0
        self.problem: OSError | None = None
        self._pipe, self._log = pipe, log
        self._held = bytearray()  # what the log has refused
        self._gap = 0  # bytes lost behind it, of which the log doesn't tell yet
        self._tried = 0.0
        self._over = False
        self._lock = Lock()
        self._thread = Thread(target=self._follow, name="runstore-output", daemon=True)

    def start(self) -> None:
        self._pipe = os.dup(self._pipe)  # the thread's own: it may still wait in it when the other is closed
        self._thread.start()

    def retry(self) -> None:
        with self._lock:
            self._try_again()

    def stop(self, patience: float) -> bool:
        if self._thread.ident is not None:
            self._thread.join(patience)
        if self._lock.acquire(timeout=patience):  # a file system that hangs has it
            self._over = True
            self._tried = 0.0
            self._try_again()
            self.lost += len(self._held)
            self._held.clear()
            self._lock.release()
        return not self._thread.is_alive()

    def _follow(self) -> None:
        try:
            while piece := os.read(self._pipe, PIECE):
                with self._lock:
                    if self._over:
                        return
                    self._keep(piece)
                if len(piece) < FULL:
                    time.sleep(PAUSE)
        finally:
            os.close(self._pipe)

    # ---- the lock is held

    def _keep(self, piece: bytes) -> None:
        self._try_again()
        if not self._held:
            piece = piece[self._write(piece) :]
        room = 0 if self._gap else HELD - len(self._held)
        self._held += piece[:room]
        self._gap += len(piece[room:])
        self.lost += len(piece[room:])

    def _try_again(self) -> None:
        """Write what is held, and after it how much is missing there."""
        refused = time.monotonic() < self._tried + RETRY
        while self._held and not refused:
            piece = bytes(self._held[:PIECE])
            done = self._write(piece)
            refused = done < len(piece)
            del self._held[:done]
            if not self._held and self._gap:
                self._held += b"\n[%d bytes that were printed here could not be kept]\n" % self._gap
                self._gap = 0

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
