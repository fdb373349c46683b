"""The few instructions between ``run.log()`` and the journal: closures over locals, nothing else.

Everything rare (no room, no file, the run has ended, the process was forked) goes through ``overflow``, which is
swapped from outside. Nothing here may take longer than a memory copy or one write: measured in ``benchmarks/log.py``,
which is also why the two ``log`` functions repeat their checks instead of calling a shared one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from mmap import mmap
from threading import Lock
from time import monotonic_ns, sleep
from typing import Any, NamedTuple

import orjson

from runstore.disk import files

INFINITY = float("inf")
BELOW = -INFINITY  # made once: negating costs the fast path 15 ns
TOP_STEP = 2**63
PATIENCE = 0.5  # a signal handler may log while its own thread is inside: wait no longer, store a moment later
STUCK = 2.0  # seconds after which a lock can only be held by this very thread


class Missing:
    """The type of ``MISSING``: no value was given."""

    def __repr__(self) -> str:
        return "<no value>"


MISSING: Any = Missing()
Overflow = Callable[[bytes, int], None]
General = Callable[[Any, Any, str, Any], None]


class Cursor(NamedTuple):
    """What the closures share. Mapped: store into ``window`` at ``position``, up to ``limit``.

    Written: write to the descriptor ``position``; ``limit`` counts down lines until somebody looks at the file's size.
    ``extra`` is how many sequence numbers were taken beyond one a line; ``offset`` turns the monotonic clock into UTC.
    """

    overflow: Overflow
    lock: Lock
    window: mmap | None = None
    position: int = -1
    limit: int = -1
    extra: int = 0
    offset: int = 0


class Hot:
    """The closures: ``log`` for one point, ``put`` for any line, and a view of their cursor.

    ``now`` is UTC in nanoseconds by the monotonic clock: it never runs backwards.
    """

    __slots__ = ("get", "log", "now", "put", "set")

    def __init__(
        self,
        log: Callable[..., None],
        put: Overflow,
        now: Callable[[], int],
        get: Callable[[], Cursor],
        set: Callable[[Cursor], None],
    ) -> None:
        self.log, self.put, self.now, self.get, self.set = log, put, now, get, set

    def change(self, **fields: Any) -> None:
        """Set some of the cursor's fields. Hold the lock, or be the only thread."""
        self.set(self.get()._replace(**fields))


def mapped(general: General, later: Overflow, broken: Callable[[], None], cursor: Cursor) -> Hot:
    """Closures that store into a mapped window."""
    overflow, window, position, limit, extra, offset = cursor.overflow, cursor.window, 0, -1, 0, cursor.offset
    lock, acquire, release = cursor.lock, cursor.lock.acquire, cursor.lock.release
    dumps, newline = orjson.dumps, orjson.OPT_APPEND_NEWLINE

    def log(name: Any, value: Any = MISSING, description: str = "", step: Any = None) -> None:
        nonlocal position
        if not (type(value) is float and type(step) is int and type(name) is str and name and not description):
            return general(name, value, description, step)
        if not (BELOW < value < INFINITY and step < TOP_STEP):
            return general(name, value, description, step)
        try:
            line = dumps([name, value, step, monotonic_ns() + offset], None, newline)
        except TypeError:
            return general(name, value, description, step)
        try:
            if not (acquire(False) or acquire(True, PATIENCE)):
                return later(line, 1)
        except BaseException:
            broken()
            raise
        try:
            end = position + len(line)
            if end > limit:
                return overflow(line, 1)
            window[position:end] = line  # type: ignore[index]
            position = end
        finally:
            release()

    def put(line: bytes, count: int) -> None:
        nonlocal position, extra
        try:
            if not (acquire(False) or acquire(True, PATIENCE)):
                return later(line, count)
        except BaseException:
            broken()
            raise
        try:
            end = position + len(line)
            if end > limit:
                return overflow(line, count)
            window[position:end] = line  # type: ignore[index]
            position = end
            extra += count - 1
        finally:
            release()

    def put_cursor(to: Cursor) -> None:
        nonlocal overflow, lock, window, position, limit, extra, offset, acquire, release
        overflow, lock, window, position = to.overflow, to.lock, to.window, to.position
        limit, extra, offset, acquire, release = to.limit, to.extra, to.offset, lock.acquire, lock.release

    def cursor_now() -> Cursor:
        return Cursor(overflow, lock, window, position, limit, extra, offset)

    return Hot(log, put, lambda: monotonic_ns() + offset, cursor_now, put_cursor)


def written(general: General, later: Overflow, broken: Callable[[], None], cursor: Cursor) -> Hot:
    """Closures that write to an O_APPEND file."""
    overflow, fd, left, extra, offset = cursor.overflow, -1, -1, 0, cursor.offset
    lock, acquire, release = cursor.lock, cursor.lock.acquire, cursor.lock.release
    write, dumps, newline = files.write, orjson.dumps, orjson.OPT_APPEND_NEWLINE

    def log(name: Any, value: Any = MISSING, description: str = "", step: Any = None) -> None:
        nonlocal left
        if not (type(value) is float and type(step) is int and type(name) is str and name and not description):
            return general(name, value, description, step)
        if not (BELOW < value < INFINITY and step < TOP_STEP):
            return general(name, value, description, step)
        try:
            line = dumps([name, value, step, monotonic_ns() + offset], None, newline)
        except TypeError:
            return general(name, value, description, step)
        try:
            if not (acquire(False) or acquire(True, PATIENCE)):
                return later(line, 1)
        except BaseException:
            broken()
            raise
        try:
            left -= 1
            if left < 0 or write(fd, line) != len(line):
                return overflow(line, 1)
        except OSError:
            return overflow(line, 1)
        finally:
            release()

    def put(line: bytes, count: int) -> None:
        nonlocal left, extra
        try:
            if not (acquire(False) or acquire(True, PATIENCE)):
                return later(line, count)
        except BaseException:
            broken()
            raise
        try:
            left -= 1
            extra += count - 1  # before the write: a signal handler may raise right after it
            if left < 0 or write(fd, line) != len(line):
                extra -= count - 1
                return overflow(line, count)
        except OSError:
            extra -= count - 1
            return overflow(line, count)
        finally:
            release()

    def put_cursor(to: Cursor) -> None:
        nonlocal overflow, lock, fd, left, extra, offset, acquire, release
        overflow, lock, fd, left = to.overflow, to.lock, to.position, to.limit
        extra, offset, acquire, release = to.extra, to.offset, lock.acquire, lock.release

    def cursor_now() -> Cursor:
        return Cursor(overflow, lock, None, fd, left, extra, offset)

    return Hot(log, put, lambda: monotonic_ns() + offset, cursor_now, put_cursor)


@contextmanager
def patiently(lock: Lock) -> Iterator[bool]:
    """Hold a lock; False where it can only be this very thread that holds it."""
    if not free(lock):
        yield False
        return
    with lock:
        yield True


def free(lock: Lock, patience: float | None = None) -> bool:
    """Wait till a lock is free, to take it by ``with``: unlike a call, that is one step for a signal handler."""
    until = monotonic_ns() + (STUCK if patience is None else patience) * 1e9
    while lock.locked():
        if monotonic_ns() > until:
            return False
        sleep(0.0005)
    return True
