"""The log of another source, kept by somebody who looks on: the run goes on in another process."""

from __future__ import annotations

from contextlib import suppress
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

from runstore.errors import RunstoreError
from runstore.runs import attached, state

if TYPE_CHECKING:
    from runstore.runs.run import Run

LOOK = 0.5  # seconds between two looks whether the run has ended


class Bystander:
    """One source, and the writer in the run that keeps nothing else. How it ends says nothing of the run."""

    def __init__(self, run: Run, stream: str, source: Any) -> None:
        """Join the run and begin to read.

        Raises:
            InvalidValue: it can't be read.
            RunClosed: the run has ended, or has not begun.
            OSError, RuntimeError: nothing more can be opened or started here.
        """
        self._run = type(run)(run.experiment, run.id)  # an object of its own: the other one still takes no points
        self._run._may_join = True
        self._lock, self._ended = Lock(), Event()
        writer = self._run._live()
        try:
            self._held = attached.attach(writer, stream, source)
            self._run._companions.append(self._held)
            Thread(target=self._watch, name="runstore-bystander", daemon=True).start()
        except BaseException:
            self._end()
            raise

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the source or the run has ended, or so many seconds; whether one has."""
        return self._ended.wait(timeout)

    def close(self) -> None:
        """Take what is there, and leave the run."""
        self._held.close()
        self._end()

    def _watch(self) -> None:
        while not self._held.wait(LOOK) and not self._over():
            pass
        self._end()

    def _over(self) -> bool:
        try:
            return self._run.status in state.TERMINAL
        except RunstoreError:  # removed
            return True

    def _end(self) -> None:
        with self._lock, suppress(RunstoreError):  # the end of the process may be ending it
            self._run.end_at_exit(None)
        self._ended.set()


def attach(run: Run, stream: str, source: Any) -> attached.Source:
    """Keep a source as a stream of a run, which this process may have started or not; see ``Run.attach_log``.

    Raises:
        InvalidValue: it can't be read.
        RunClosed: the run has ended, or has not begun.
    """
    if run._disabled:
        return attached.Nothing()
    if run._writer is None and run._outside:
        return Bystander(run, stream, source)
    held = attached.attach(run._live(), stream, source)
    run._companions.append(held)
    return held
