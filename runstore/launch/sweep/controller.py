"""One sweep, controlled: children are started, followed, stopped and counted until all have run.

The controller keeps nothing that the store doesn't: whoever takes over after its death asks the store for the children
and goes on. Ids are ``<sweep>_<number>``, so none is run twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from runstore.errors import LaunchError
from runstore.launch.sweep.config import Sweep
from runstore.launch.sweep.policies import Standing
from runstore.runs.state import CANCELED, COMPLETED, FAILED, TERMINAL

if TYPE_CHECKING:
    from runstore.launch.job import Job
    from runstore.launch.run import Run
    from runstore.launch.sweep.study import Study

_SHORTEST, _LONGEST = 0.1, 1.0  # seconds between two looks
_SHARE = 9  # times what it took to look or to read: that is a tenth of one processor, however much there is
_PATIENCE = 60.0  # seconds that canceled children have to end
_STARTS = 4  # children that are started between two looks
BEST = "best_child_run_id"  # a property of the sweep, as in the SDK
Say = Callable[..., None]  # component, text, level="INFO"


@dataclass(frozen=True, slots=True)
class Seen:
    """A child as the store has it. ``values``: its parameters, None where it never got so far."""

    number: int
    run_id: str
    status: str
    values: Mapping[str, Any] | None
    begun: bool  # whether a launcher ever took it up
    lost: bool  # whether it died on its way into the queue: it is still to be run
    alive: bool  # whether a process of it is known to live
    stopped: bool  # whether a policy stopped it

    @property
    def gone(self) -> bool:
        """Whether it has ended and so have its processes."""
        return self.status in TERMINAL and not self.alive

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.gone and not self.lost


class Children(Protocol):
    """The runs of a sweep: what the controller needs of the world."""

    def all(self) -> list[Seen]:
        """Every child there is, in the order of numbers."""

    def look(self, numbers: Collection[int]) -> list[Seen]:
        """Some of them, as they are now."""

    def standings(self, numbers: Collection[int]) -> Mapping[int, Standing]:
        """How some of them stand by the primary metric: where a policy may look, and last; without one only last."""

    def earlier(self) -> list[tuple[Seen, Standing]]:
        """The runs of earlier sweeps that this one is to learn from, and how they stand."""

    def start(self, number: int, values: Mapping[str, Any]) -> None:
        """Start a child. Once more for the same number: what is missing is done."""

    def stop(self, number: int, why: str, early: bool = False) -> None:
        """Cancel a child; ``early``: a policy wants it."""


class Controller:
    """A sweep on its way."""

    def __init__(
        self,
        sweep: Sweep,
        study: Study,
        children: Children,
        say: Say,
        rest: Callable[[float], bool],
        deadline: float | None = None,
    ) -> None:
        """Take over; ``run`` begins.

        Args:
            sweep: what is wanted.
            study: a new one.
            children: the world.
            say: takes what is done: a component, a text, perhaps a level.
            rest: waits for so many seconds, or until the sweep is ended from outside; whether it is.
            deadline: when its time is over, in seconds since 1970.
        """
        self._sweep, self._study, self._children, self._say, self._rest = sweep, study, children, say, rest
        self._deadline = deadline
        self._running: dict[int, Mapping[str, Any]] = {}
        self._ended: dict[int, str] = {}
        self._next = 0
        self._judgement = 0.0  # when those that run are next compared

    def run(self) -> tuple[str, str | None]:
        """Do it; how the sweep ends: status and error."""
        try:
            self._take_over()
            return self._go_on()
        except BaseException:
            self._stop_all("the controller fails")
            raise

    # ---- the store is the state

    def _take_over(self) -> None:
        for seen, standing in self._children.earlier():
            if self._study.adopt(seen.run_id, seen.values or {}):
                self._tell(seen.run_id, seen.status, seen.stopped, standing)
        found = self._children.all()
        ended = [seen.number for seen in found if seen.over]
        standings = self._children.standings(ended) if ended else {}
        for seen in found:
            self._next = seen.number + 1
            if seen.values is None:
                self._begin(seen.number)
                continue
            self._study.adopt(seen.number, seen.values)
            if seen.over:
                self._end(seen.number, seen.status, seen.stopped, standings.get(seen.number, {}))
            elif seen.begun:
                self._running[seen.number] = seen.values
                if seen.stopped:
                    self._children.stop(seen.number, "stopped early")  # who decided that died in between
            else:
                self._begin(seen.number, seen.values)
        if found:
            told = f"{len(self._ended)} have ended, {len(self._running)} run"
            self._say("API", f"sweep taken over: of {len(found)} children {told}")

    # ---- round and round

    def _go_on(self) -> tuple[str, str | None]:
        self._say("API", f"sweep of {self._sweep.total} runs, {self._sweep.concurrent} at a time")
        outside = False
        while not outside:
            if self._deadline is not None and time.time() >= self._deadline:
                self._stop_all("the time of the sweep is over")
                break
            began = time.process_time()
            looked = self._children.look(list(self._running))
            pause = min(max(_SHORTEST, _SHARE * (time.process_time() - began)), _LONGEST)
            self._follow(looked)
            self._fill()
            if not self._running:
                break
            outside = self._rest(pause)
        if outside:
            self._stop_all("the sweep is canceled")
            return CANCELED, None
        return self._outcome()

    def _fill(self) -> None:
        room = min(self._sweep.concurrent - len(self._running), self._sweep.total - self._next)
        for _ in range(min(room, _STARTS)):
            self._begin(self._next)
            self._next += 1

    def _begin(self, number: int, known: Mapping[str, Any] | None = None) -> None:
        values = self._study.draw(number) if known is None else known
        if known is None:
            self._say("GENERATOR", f"sampled for child {number}: {dict(values)}")
        try:
            self._children.start(number, values)
        except LaunchError as problem:
            self._say("SCHEDULER", f"child {number} can't be started: {problem}", "ERROR")
            self._end(number, FAILED, False, {})
        else:
            self._running[number] = values
            self._say("SCHEDULER", f"child {number} is started")

    def _follow(self, looked: list[Seen]) -> None:
        """Take how children have ended, and stop those that a policy wants to end.

        Args:
            looked: the running ones, seen before it is read how they stand: an ended child has logged all by then.
        """
        over = {seen.number for seen in looked if seen.over}
        judged = self._sweep.policy is not None and time.monotonic() >= self._judgement
        wanted = {*over, *self._running} if judged else over
        began = time.process_time()
        standings = self._children.standings(wanted) if wanted else {}
        for seen in looked:
            standing = standings.get(seen.number, {})
            if seen.over:
                self._end(seen.number, seen.status, seen.stopped, standing)
            elif seen.number in wanted and not seen.stopped and (why := self._study.follow(seen.number, standing)):
                self._say("CONTROLLER", f"child {seen.number} is stopped, {why}")
                self._children.stop(seen.number, why, early=True)
        if judged:
            self._judgement = time.monotonic() + _SHARE * (time.process_time() - began)

    def _end(self, number: int, status: str, stopped: bool, standing: Standing) -> None:
        self._running.pop(number, None)
        self._ended[number] = status
        self._tell(number, status, stopped, standing)
        self._say("SCHEDULER", f"child {number} has ended: {status}")

    def _tell(self, child: int | str, status: str, stopped: bool, standing: Standing) -> None:
        self._study.follow(child, standing)  # the others are compared with it
        self._study.tell(child, status, stopped, standing)

    # ---- the end

    def _stop_all(self, why: str) -> None:
        """Cancel what runs, and wait until it has ended, a while: its launchers see to it without this one."""
        if self._running:
            self._say("API", f"{why}; {len(self._running)} children are canceled")
        for number in self._running:
            self._children.stop(number, why)
        last = time.monotonic() + _PATIENCE
        while self._running and time.monotonic() < last:
            for seen in self._children.look(list(self._running)):
                if seen.gone:
                    self._running.pop(seen.number)
                    self._ended[seen.number] = seen.status
            if self._running:
                time.sleep(_SHORTEST)

    def _outcome(self) -> tuple[str, str | None]:
        counts = {status: [*self._ended.values()].count(status) for status in (COMPLETED, CANCELED, FAILED)}
        told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
        self._say("API", f"sweep has ended: {told}")
        if self._ended and counts[FAILED] == len(self._ended):
            return FAILED, f"all {len(self._ended)} children failed"
        return COMPLETED, None


def control(run: Run, job: Job, stop: Callable[[float], bool]) -> tuple[str, str | None]:
    """Control the sweep of a run that is open in this process, its launcher.

    Args:
        run: the sweep's run.
        job: what it was queued with.
        stop: waits for so many seconds, or until the launcher is told to end; whether it is.

    Returns:
        How the run ends: status and error.
    """
    from runstore.launch.sweep.children import StoredChildren
    from runstore.launch.sweep.log import Log
    from runstore.launch.sweep.study import Study
    from runstore.query import connect

    connect.be_modest()
    sweep = Sweep.from_dict(job.sweep or {})
    say = Log(run)

    def rest(seconds: float) -> bool:
        return stop(seconds) or run.status in TERMINAL

    try:
        end = Controller(sweep, Study(sweep), StoredChildren(run, sweep), say, rest, _deadline(run, sweep)).run()
        _conclude(run, say)
        return end
    except Exception as problem:
        say("CONTROLLER", f"{type(problem).__name__}: {problem}", "ERROR")
        raise
    finally:
        say.close()


def _conclude(run: Run, say: Say) -> None:
    """Say which child was the best, as properties called as in the SDK; they stay as they are."""
    from runstore.launch.sweep import results

    best = results.best(run, earlier=False)
    if best is not None:
        say("CONTROLLER", f"the best child is {best.run_id}: {best.best_primary_metric}")
        if BEST not in run.get_properties():
            run.add_properties({BEST: best.run_id, "score": str(best.best_primary_metric)})


def _deadline(run: Run, sweep: Sweep) -> float | None:
    """When the sweep's time is over; it began with its first attempt."""
    started = run._folded().started
    return None if sweep.minutes is None or started is None else started / 1e9 + 60 * sweep.minutes
