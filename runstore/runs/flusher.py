"""The one background thread of a logging process: once a second it makes every live writer's data durable.

It starts with the first writer and ends with the last. It takes the caller's lock for microseconds only, and nothing
it meets may reach the training.
"""

from __future__ import annotations

import sys
from threading import Event, Lock, Thread
from typing import Protocol

WINDOW = 1.0  # seconds: what the death of the machine may cost


class Beating(Protocol):
    """What the flusher needs of a writer."""

    def beat(self) -> None:
        """Flush, say that the writer is alive."""


_writers: list[Beating] = []
_lock = Lock()
_wake = Event()
_thread: Thread | None = None


def add(writer: Beating) -> None:
    """Look after a writer from now on."""
    global _thread
    with _lock:
        _writers.append(writer)
        if _thread is None:
            try:
                _thread = Thread(target=_run, name="runstore-flusher", daemon=True)
                _thread.start()
            except RuntimeError:  # no thread to be had: points survive the process all the same, the next try may do
                _thread = None


def remove(writer: Beating) -> None:
    """Stop looking after a writer."""
    with _lock:
        if writer in _writers:
            _writers.remove(writer)
        if not _writers:
            _wake.set()


def wake() -> None:
    """Look at the writers now: a journal was left or memory is to be given back."""
    _wake.set()


def forget() -> None:
    """In a forked child: the thread is not here, the writers are the parent's."""
    global _writers, _lock, _wake, _thread
    _writers, _lock, _wake, _thread = [], Lock(), Event(), None


def _run() -> None:
    global _thread
    reported = False
    while True:
        _wake.wait(WINDOW)
        _wake.clear()
        with _lock:
            writers = list(_writers)
            if not writers:
                _thread = None
                return
        for writer in writers:
            try:
                writer.beat()
            except Exception as problem:  # noqa: BLE001 - whatever it is, training goes on, so do the others
                if not reported:
                    reported = True
                    sys.stderr.write(f"runstore: flushing failed ({problem!r}); logging goes on\n")
