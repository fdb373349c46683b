"""Ending what one thread asks, from another: for somebody who has asked and gone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from runstore.errors import QueryError

OVER = "the question was stopped: nobody waits for the answer any more; ask again"
_own = threading.local()


class Stop:
    """Ends the questions of a thread: those at work, and any that would begin after them. Safe for any thread."""

    def __init__(self) -> None:
        """Nothing is asked yet."""
        self._lock = threading.Lock()
        self._ends: dict[object, Callable[[], object]] = {}
        self._over = False

    def now(self) -> None:
        """End them."""
        with self._lock:
            self._over = True
            for end in self._ends.values():
                end()

    @contextmanager
    def of_this_thread(self) -> Iterator[None]:
        """What this thread asks within the block is ended by ``now``."""
        before = getattr(_own, "stop", None)
        _own.stop = self
        try:
            yield
        finally:
            _own.stop = before

    @property
    def over(self) -> bool:
        """Whether ``now`` was called."""
        return self._over

    def _add(self, end: Callable[[], object]) -> object:
        with self._lock:
            if self._over:
                raise QueryError(OVER)
            key = object()
            self._ends[key] = end
            return key

    def _remove(self, key: object) -> None:
        with self._lock:
            del self._ends[key]


def over() -> bool:
    """Whether nobody waits any more for what this thread asks."""
    stop: Stop | None = getattr(_own, "stop", None)
    return stop is not None and stop.over


def ended_by(end: Callable[[], object]) -> None:
    """From now on a ``Stop`` of this thread, if there is one, calls ``end`` too, which must be safe at any time.

    Raises:
        QueryError: it has been called already.
    """
    stop: Stop | None = getattr(_own, "stop", None)
    if stop is not None:
        stop._add(end)


@contextmanager
def ending(end: Callable[[], object]) -> Iterator[None]:
    """As ``ended_by``, within the block.

    Raises:
        QueryError: it has been called already.
    """
    stop: Stop | None = getattr(_own, "stop", None)
    key = stop._add(end) if stop is not None else None
    try:
        yield
    finally:
        if stop is not None:
            stop._remove(key)
