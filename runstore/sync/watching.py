"""Going on with remotes: whenever something has changed here, and from time to time, until somebody ends it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event

from runstore.errors import RunstoreError, Unreachable
from runstore.format import names
from runstore.runs import follow

EVERY = 3.0  # seconds between two turns, at least
POLL = 10.0  # seconds after which one looks unasked: a journal that grows tells nobody
SHARE = 20.0  # looking takes no more than one part in so many of the time
LONGEST = 300.0  # seconds between two tries to reach a remote, at most
BREATH = 0.5  # seconds in which it is seen that somebody has ended it
_FOLLOWED = (names.RUNS, names.EXPERIMENTS, names.MODELS, names.ENVIRONMENTS, names.TOMBSTONES)

Turn = Callable[[], None]


class Pace:
    """When it is time for a remote's next turn, as plain arithmetic. Times are seconds of a clock that only goes on."""

    def __init__(self, now: float, chance: Callable[[], float] = random.random) -> None:
        """It is time now."""
        self.failures = 0
        self._due = self._earliest = now
        self._chance = chance

    def wait(self, now: float) -> float:
        """Seconds until it is time."""
        return max(self._due - now, 0.0)

    def noticed(self) -> None:
        """Something has changed: sooner, if not at once. A remote that can't be reached is not reached by that."""
        self._due = min(self._due, self._earliest)

    def went(self, began: float, now: float) -> None:
        """A turn is over, and went well."""
        self.failures = 0
        self._earliest = now + EVERY
        self._due = now + max(POLL, (now - began) * SHARE)

    def failed(self, now: float, after: float = 0.0) -> None:
        """A turn came to nothing; ``after``: seconds for which the remote wants to be left alone."""
        self.failures += 1
        pause = min(EVERY * 2.0 ** min(self.failures, 16), LONGEST)
        self._due = self._earliest = now + max(pause * (0.5 + self._chance() / 2), after)


class Watching:
    """Turns for each of some remotes, again and again, until ``stop``."""

    def __init__(
        self,
        workspace: Path,
        turns: Mapping[str, Turn],
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        """Nothing is done yet.

        Args:
            workspace: the directory that is followed.
            turns: what to do for each remote, by its name; may raise what goes wrong.
            say: called with a line where something goes wrong for the first time, and when it goes well again.
            clock: seconds; only goes on.
            sleep: waits for so many seconds, or less.
        """
        self._workspace, self._turns, self._say, self._clock = workspace, turns, say, clock
        self._paces = {name: Pace(clock()) for name in turns}
        self._told: dict[str, str] = {}
        self._wake, self._changed, self._stopped = Event(), False, False
        self._sleep = sleep or self._wake.wait

    def stop(self) -> None:
        """End after the turn that is under way. May be called by the handler of a signal: it takes no lock."""
        self._stopped = True

    def run(self) -> None:
        """Go on until ``stop``."""
        notices = follow.Notices(self._notice)
        try:
            for folder in _FOLLOWED:
                if (self._workspace / folder).is_dir():
                    notices.follow(self._workspace / folder)
            while not self._stopped:
                self._step()
        finally:
            notices.close()

    @property
    def troubled(self) -> list[str]:
        """The remotes whose last turn came to nothing."""
        return sorted(self._told)

    def _notice(self, path: str) -> None:
        self._changed = True
        self._wake.set()

    def _step(self) -> None:
        """The turn that it is time for, or some waiting."""
        self._wake.clear()
        if self._changed:
            self._changed = False
            for pace in self._paces.values():
                pace.noticed()
        now = self._clock()
        name, pace = min(self._paces.items(), key=lambda one: one[1].wait(now))
        if pace.wait(now) > 0:
            self._sleep(min(pace.wait(now), BREATH))
            return
        try:
            self._turns[name]()
        except (RunstoreError, OSError) as problem:
            pace.failed(self._clock(), problem.after if isinstance(problem, Unreachable) else 0.0)
            self._trouble(name, problem)
        else:
            pace.went(now, self._clock())
            if self._told.pop(name, None) is not None:
                self._say(f"{name}: goes well again")

    def _trouble(self, name: str, problem: Exception) -> None:
        """Say what is wrong, once for each kind of it."""
        kind = type(problem).__name__ if isinstance(problem, Unreachable) else str(problem)
        if self._told.get(name) != kind:
            self._told[name] = kind
            said = str(problem).removesuffix("; try again")
            said = said if said.startswith(name) else f"{name}: {said}"
            self._say(f"{said}; it is tried again and again")
