"""What has changed in a workspace since somebody asked: runs with new points or facts, runs that came or ended."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from runstore.errors import RunstoreError
from runstore.runs import follow, state, tally
from runstore.runs.state import TERMINAL, RunState

ALL = 2.0  # seconds between two looks at every run, at least
SHARE = 20.0  # which take no more than one part in so many of the time
REFRESH = 30.0  # seconds after which a workspace that lies elsewhere is asked what has come


class Changed(NamedTuple):
    """An answer. ``cursor``: to ask with next; ``runs``: ids; ``listed``: whether the list of runs is another one."""

    cursor: str
    runs: list[str]
    listed: bool


class _Sign(NamedTuple):
    """What is another one once a run has changed. ``list``: of which the list of runs is another one as well."""

    list: tuple[Any, ...]
    more: tuple[Any, ...]


class Changes:
    """Looks at a workspace and remembers what changed when.

    A run that goes on is looked at each time, and so is one of which a notice came; all of them from time to time.
    """

    def __init__(
        self,
        workspace: Path,
        refresh: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is known yet.

        Args:
            workspace: its directory.
            refresh: fetches what has come to where the workspace really lies.
            clock: seconds; only goes on.
        """
        self._workspace, self._refresh, self._clock = workspace, refresh, clock
        self._name = secrets.token_hex(4)  # cursors of another process mean nothing here
        self._count = self._listed = 0
        self._changed: dict[str, int] = {}  # by run: the count at which it changed last
        self._signs: dict[str, _Sign] = {}
        self._going: dict[str, Path] = {}
        self._noticed: set[Path] = set()
        self._next_all = self._next_refresh = 0.0
        self._notices: follow.Notices | None = None
        self._lock, self._looking = Lock(), Lock()

    def follow(self) -> None:
        """Let the system tell of new files, where it does. It may take a moment."""
        if self._notices is None:
            self._notices = follow.Notices(self._notice)
            self._notices.follow(self._workspace)

    def leave(self) -> None:
        """Follow nothing any longer; looking goes on to work."""
        notices, self._notices = self._notices, None
        if notices is not None:
            notices.close()

    def look(self) -> bool:
        """Look once; whether anything has changed. Who comes while another one looks waits for that."""
        with self._looking:
            return self._look()

    def _look(self) -> bool:
        before = self._count
        now = self._clock()
        if self._refresh is not None and now >= self._next_refresh:
            with suppress(RunstoreError, OSError):  # it is asked again
                self._refresh()
            self._next_refresh = self._clock() + REFRESH
        if now >= self._next_all:
            self._look_at_all()
            self._next_all = self._clock() + max(ALL, (self._clock() - now) * SHARE)
        else:
            paths = {*self._going.values(), *self._noticed}
            self._noticed.clear()
            self._take(run for path in sorted(paths) if (run := _folded(path)) is not None)
        return self._count != before

    @property
    def last(self) -> str | None:
        """The cursor of the last look; none before the first."""
        with self._lock:
            return f"{self._name}-{self._count}" if self._count else None

    def goes_on(self, run_id: str) -> bool:
        """Whether a run was at work, or may have been, when it was looked at last."""
        with self._lock:
            return run_id in self._going

    def since(self, cursor: str | None) -> Changed:
        """What has changed since a cursor was given; for none, and for one of another process, what may have."""
        name, _, number = (cursor or "").partition("-")
        known = name == self._name and number.isascii() and number.isdigit() and int(number) <= self._count
        with self._lock:
            at = f"{self._name}-{self._count}"
            if not known:
                return Changed(at, sorted(self._going), True)
            runs = sorted(run_id for run_id, count in self._changed.items() if count > int(number))
            return Changed(at, runs, self._listed > int(number))

    def _look_at_all(self) -> None:
        from runstore.query import catalog

        self._noticed.clear()
        found = catalog.of(self._workspace)
        first = not self._count
        self._take([*found.loose, *found.gone])
        there = {run.run_id for run in [*found.loose, *found.gone]}
        with self._lock:
            for run_id in self._signs.keys() - there:  # removed, or settled for ever
                del self._signs[run_id]
                self._going.pop(run_id, None)
                self._listed = self._count = self._count + 1
            if first:  # what was there before anybody asked is no change
                self._changed.clear()
                self._count, self._listed = 1, 0

    def _take(self, runs: Iterable[RunState]) -> None:
        for run in runs:
            sign = _sign(run)
            with self._lock:
                before = self._signs.get(run.run_id)
                self._signs[run.run_id] = sign
                if run.settled and run.status in TERMINAL:
                    self._going.pop(run.run_id, None)
                else:
                    self._going[run.run_id] = run.path
                if sign != before:
                    self._count += 1
                    self._changed[run.run_id] = self._count
                    if before is None or sign.list != before.list:
                        self._listed = self._count

    def _notice(self, path: str) -> None:
        """Of watchdog's thread: a file of a run lies in ``runs/<2>/<16>/``."""
        with suppress(ValueError):
            own = Path(path).relative_to(self._workspace)
            if len(own.parts) == 4:
                self._noticed.add(self._workspace / own.parent)


def _folded(path: Path) -> RunState | None:
    with suppress(OSError, RunstoreError):
        run = state.fold(path)
        return run if run.run_id else None
    return None


def _sign(run: RunState) -> _Sign:
    files = run.inventory
    sides = tuple(map(tally.next_number, files.sides))
    return _Sign(
        (run.status, run.deleted, run.archived),
        (run.points, run.newest, len(files.journals), sides, tuple(map(files.size, files.logs))),
    )
