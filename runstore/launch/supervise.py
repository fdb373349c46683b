"""From the moment a script's processes run to the moment none of them is left."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from typing import NamedTuple

from runstore.launch import tree
from runstore.launch.guard import Guard
from runstore.launch.output import Output
from runstore.launch.ranks import Ranks

ASK = 0.2  # seconds between two questions whether the run was ended from outside
_FIRST, _LONGEST = 0.002, 0.05  # seconds between two looks at the processes
_TERMINATED = (-signal.SIGTERM, 128 + signal.SIGTERM)  # a scheduler that ends a job asks all of its processes at once


class Outcome(NamedTuple):
    """How a script ended.

    ``ending`` is "ended" (by itself), "outside" (``said`` is what was answered), "timeout" or "stopped".
    ``code`` is that of ``rank``, the first that failed; 0 where all ended well, None where they still ran.
    """

    ending: str
    code: int | None = None
    rank: int = 0
    said: str = ""


def supervise(
    ranks: Ranks,
    ended_outside: Callable[[], str | None],
    timeout: float | None = None,
    stopped: Callable[[], bool] = lambda: False,
    tick: Callable[[], None] = lambda: None,
) -> Outcome:
    """Wait until the script has ended, one of its ranks has failed, or it is to be ended.

    Nothing is killed here; ``end`` does that.

    Args:
        ranks: started.
        ended_outside: asked every ``ASK`` seconds; what it answers, if anything, ends the run.
        timeout: seconds it may take; None: as long as it likes.
        stopped: whether this process was told to stop; asked with every look. A signal handler should only set what
            this reads: an event that is waited for at that moment would hang.
        tick: called every ``ASK`` seconds.
    """
    begun, asked, pause = time.monotonic(), -ASK, _FIRST
    while True:
        outcome = _ended(ranks.poll())
        if outcome:
            return Outcome("stopped") if outcome.code in _TERMINATED and stopped() else outcome
        now = time.monotonic()
        if stopped():
            return Outcome("stopped")
        if timeout is not None and now - begun >= timeout:
            return Outcome("timeout")
        if now - asked >= ASK:
            asked = now
            tick()
            if said := ended_outside():
                return Outcome("outside", said=said)
        time.sleep(pause)
        pause = min(pause * 1.1, _LONGEST)


def _ended(codes: list[int | None]) -> Outcome | None:
    """One that fails ends them all, as the others may wait for it for ever."""
    for rank, code in enumerate(codes):
        if code:
            return Outcome("ended", code, rank)
    return None if None in codes else Outcome("ended", 0)


def end(ranks: Ranks, output: Output, guard: Guard | None, grace: float = tree.GRACE) -> set[int]:
    """End all processes of a script, those it has left behind too, and take in the last they printed.

    Args:
        ranks: started or not.
        output: of their pipes.
        guard: over them; it ends last.
        grace: seconds that processes have to end by themselves.

    Returns:
        The ids of those that could not be ended; normally none.
    """
    left = tree.kill(ranks.groups, ranks.mark, grace)
    output.stop()
    ranks.close()
    if guard:
        guard.done()
    return left
