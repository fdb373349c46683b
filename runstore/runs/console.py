"""Standard output and standard error of this process, kept as a run's log and shown as before.

The descriptors themselves lead to the log, so that what C code and child processes print is in it too, and what was
written survives ``kill -9``. There is no pipe that could fill up or die. A thread shows what the log gets where the
descriptors led before; whatever it meets there, training doesn't notice.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, RLock, Thread
from typing import TYPE_CHECKING, Any

from runstore.disk import files
from runstore.disk.capabilities import CAN
from runstore.format import names
from runstore.runs import cstdio, logfile
from runstore.runs.echo import Echo
from runstore.runs.spool import Spool
from runstore.runs.stand_in import NAMES, StandIn

if TYPE_CHECKING:
    from runstore.runs.writer import Writer

STREAM = "user_logs/std_log.txt"
POLL = 0.05  # seconds until what is printed is shown
MARGIN = 1 << 18  # bytes left on the disk below which nothing more is kept
PATIENCE = 2.0  # seconds that the end of a block waits for a terminal that takes nothing

_lock = RLock()  # never held while a stream is written to or flushed: who holds that stream may want it
_flushing = RLock()  # taken before the other
_stack: list[Console] = []  # the innermost last: it has the descriptors
_outside: dict[int, int] = {}  # standard descriptors: duplicates of what they were before the outermost
_hooked = False


class Console:
    """What one ``with`` block of a run keeps."""

    def __init__(self, writer: Writer, label: str, alive: Callable[[], None] = lambda: None) -> None:
        """Nothing is kept yet.

        Args:
            writer: whose log it becomes.
            label: whose it is, in messages.
            alive: called with each look, by the thread that looks.
        """
        self._writer, self._label, self._alive = writer, label, alive
        self._pid = os.getpid()
        self._spools: list[Spool] = []
        self._echoes: list[Echo] = []
        self._targets: dict[int, int] = {}  # standard descriptor: what it is to lead to
        self._ending, self._wake, self._looks = False, Event(), 0
        self._refused_at = 0.0  # when the disk refused; 0 while it doesn't
        self._said: set[str] = set()
        self._grown = 0
        self._draining, self._showing, self._last = RLock(), RLock(), 0

    # ---- beginning

    def start(self) -> bool:
        """Begin to keep what is printed; False, and a word on stderr, where the machine can't."""
        self._stand_ins = []
        try:
            with _lock:
                if not _stack:
                    _look_outside()
                self._file = logfile.opened(self._writer, STREAM)
                self._stand_ins = [StandIn(fd, _Innermost()) for fd in NAMES]
                self._route()
            self._flush()  # what was printed before the block belongs outside
            if _stack and self._pid == _stack[-1]._pid:
                _stack[-1].catch_up()
            with _lock:
                _stack.append(self)
                self._lead(self._targets)
            self._thread = Thread(target=self._follow, name="runstore-console", daemon=True)
            self._thread.start()
        except (OSError, RuntimeError) as problem:
            self._undo()
            self._say(f"what is printed is not kept ({problem})")
            return False
        return True

    def _undo(self) -> None:
        """Give everything back that was taken."""
        with _lock:
            for one in reversed(self._stand_ins):
                one.step_back()
            if self in _stack:
                _stack.remove(self)
                self._lead(_stack[-1]._targets if _stack and not _stack[-1]._refused_at else _outside)

    def _route(self) -> None:
        """Decide where the descriptors lead: into the log, or into spools where one file could not tell what is whose.

        Raises:
            OSError: a spool can't be made.
        """
        places: dict[tuple[int, int], list[int]] = {}
        for fd, before in _outside.items():
            status = os.fstat(before)  # Windows numbers no pipes
            place = (status.st_dev, status.st_ino) if status.st_ino or os.isatty(before) else (-1, fd)
            places.setdefault(place, []).append(fd)
        self._direct = len(places) < 2 and not any(one.tee for one in self._stand_ins)
        for number, fds in enumerate(places.values()):
            echo = Echo(_outside[fds[0]])
            self._echoes.append(echo)
            target = self._file.fd
            if not self._direct:
                spool = Spool(self._spool_path(number))
                self._spools.append(spool)
                target = spool.fd
            self._targets.update(dict.fromkeys(fds, target))

    def _spool_path(self, number: int) -> Any:
        path = self._writer.directory / names.spool(self._writer.identity.writer, number)
        while path.exists():  # of an earlier block whose spool is still in use
            number += 2
            path = self._writer.directory / names.spool(self._writer.identity.writer, number)
        return path

    def _lead(self, targets: dict[int, int]) -> None:
        for fd, target in targets.items():
            with suppress(OSError):
                os.dup2(target, fd, inheritable=True)

    # ---- following

    def _follow(self) -> None:
        while not self._ending:
            self._wake.wait(POLL)
            self._wake.clear()
            try:
                if not self._refused_at:
                    with _flushing:
                        self._flush()
                self._look()
                self._looks += 1
                self._alive()
            except OSError as problem:
                self.give_way(problem)
            except Exception as problem:  # noqa: BLE001 - whatever it is, training goes on
                self._say(f"following what is printed failed ({problem!r})", once="failed")
        with suppress(OSError):
            self._look()

    def catch_up(self) -> None:
        """Wait, but not for ever, until what was printed so far is shown."""
        enough, last = self._looks + 2, time.monotonic() + PATIENCE  # one look may have begun before
        while self._looks < enough and self._thread.is_alive() and time.monotonic() < last:
            self._wake.set()
            time.sleep(0.002)

    def _look(self) -> None:
        """Show what is new.

        Raises:
            OSError: the log can't be read or written.
        """
        before = self._file.size
        if not self._refused_at:
            self._drain()
        self._show()
        self._file.mark()
        self._grown = max(self._file.size - before, self._grown // 2)
        self._mind_the_room()

    def _show(self) -> None:
        with self._showing:
            for spool, echo in zip(self._spools, self._echoes, strict=False):
                while piece := self._unshown(spool):
                    echo.write(piece)
            while piece := self._file.advance():
                if self._direct:
                    for echo in self._echoes:
                        echo.write(piece)

    def _unshown(self, spool: Spool) -> bytes:
        with self._draining:
            return spool.unshown()

    def _drain(self) -> None:
        """Copy what the spools have got into the log; in a forked child the parent does.

        Raises:
            OSError: the file system refuses.
        """
        if self._spools and self._pid != os.getpid():
            return
        with self._draining:
            for spool in self._spools:
                spool.drain(self._file)

    def turn(self, fd: int) -> None:
        """Another descriptor than before is written to: what came before goes into the log before it."""
        if self._last != fd and self._spools and not self._refused_at:
            self._last = fd
            with suppress(OSError):  # the thread that follows says so
                self._drain()

    def keep(self, data: bytes) -> None:
        """Keep what went to a stream that leads elsewhere."""
        if not self._refused_at:
            try:
                self._drain()
                self._file.write(data)
            except OSError as problem:
                self.give_way(problem)

    def _flush(self) -> None:
        for one in self._stand_ins:
            one.flush()
        cstdio.flush()

    # ---- where the disk refuses

    def _mind_the_room(self) -> None:
        """Give the descriptors back before the disk is full, so that printing never fails; take them again after."""
        if self._grown == 0 and not self._refused_at:
            return
        left = files.room(self._file.path)
        if left is None:
            return
        if not self._refused_at:
            if left < max(MARGIN, 4 * self._grown):
                self.give_way(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        elif left > 4 * MARGIN and time.monotonic() - self._refused_at > 1.0:
            with _lock:
                self._refused_at, self._grown = 0.0, 0
                if _stack and _stack[-1] is self:
                    self._lead(self._targets)
            self._say("what is printed is kept again")

    def give_way(self, problem: OSError) -> bool:
        """Let the descriptors lead where they led before; False where they do already."""
        with _lock:
            if self._refused_at or self._ending:
                return False
            self._refused_at = time.monotonic()
            if self._pid == os.getpid():
                with suppress(OSError):
                    self._show()  # what the log has comes before what goes past it
            if _stack and _stack[-1] is self:
                self._lead(_outside)
        self._say(f"can't keep what is printed ({problem.strerror or problem}); it is shown all the same")
        return True

    def _say(self, what: str, once: str = "") -> None:
        if once and once in self._said:
            return
        self._said.add(once)
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(f"runstore: {self._label}: {what}\n")

    # ---- ending

    def stop(self) -> None:
        """Give the descriptors back; when this returns, everything is shown and the log is whole."""
        if self not in _stack:
            return
        self._flush()
        self._undo()
        self._ending = True
        self._wake.set()
        if self._pid != os.getpid():
            return  # a forked child: the log is its parent's
        shown = False
        try:
            shown = self._wait()
        finally:
            self._settle()
            if shown and not _stack:
                _forget_outside()

    def _settle(self) -> None:
        """Leave the log whole. A spool of which it can't take the rest stays, and is read from."""
        try:
            self._drain()
            for spool in self._spools:
                spool.leave()
        except OSError as problem:
            self._say(f"the end of what was printed could not be kept in one file ({problem.strerror or problem})")
        with suppress(OSError):
            self._file.settle()

    def _wait(self) -> bool:
        """Wait for the thread to show everything; False where a terminal takes nothing."""
        taken, since = -1, time.monotonic()
        while self._thread.is_alive():
            self._thread.join(0.1)
            now = sum(echo.taken for echo in self._echoes)
            if now != taken:
                taken, since = now, time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                break
        else:
            return True
        for echo in self._echoes:
            echo.broken = True
        return False


# ---- the process's own


def _look_outside() -> None:
    """Keep what the standard descriptors lead to; one that is closed is left alone."""
    global _hooked
    for fd in NAMES:
        with suppress(OSError):
            _outside[fd] = os.dup(fd)
    if CAN.fork and not _hooked:
        _hooked = True
        os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_in_child)


def _forget_outside() -> None:
    for fd in _outside.values():
        with suppress(OSError):
            os.close(fd)
    _outside.clear()


class _Innermost:
    """What the stand-ins turn to: the innermost block there is at that moment."""

    def turn(self, fd: int) -> None:
        if _stack:
            _stack[-1].turn(fd)

    def refused(self, problem: OSError) -> bool:
        return bool(_stack) and _stack[-1].give_way(problem)

    def keep(self, data: bytes) -> None:
        if _stack:
            _stack[-1].keep(data)


def _before_fork() -> None:
    _flushing.acquire()  # a stream whose lock is held in a child stays locked
    _lock.acquire()


def _after_fork() -> None:
    _lock.release()
    _flushing.release()


def _in_child() -> None:
    global _lock, _flushing
    _lock, _flushing = RLock(), RLock()
    for console in _stack:
        console._draining, console._showing = RLock(), RLock()
