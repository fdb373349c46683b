"""All processes that a script has started, however far they went: found, and ended.

A process belongs to a run if it is in the session or group of one of its ranks, if it descends from one, or if its
environment has the run's mark, which whoever leaves group, session and parent behind still carries. One with another
run's mark belongs to that, whoever its parent is: a script that was submitted by a script is a run of its own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection

from runstore.disk import processes
from runstore.disk.processes import Process

MARK = "RUNSTORE_LAUNCH"  # environment variable of every process of a run
GRACE = 5.0  # seconds between being asked to end and being ended
_NAMED = f"{MARK}=".encode()
STUBBORN = 5.0  # seconds after which what still lives can't be ended: it hangs in the kernel
_FIRST, _LONGEST = 0.002, 0.1  # seconds between two looks


def find(groups: Collection[int], mark: str) -> set[int]:
    """The ids of a run's living processes, this process never among them.

    Args:
        groups: the ids of its ranks, which are their groups' and sessions' too.
        mark: the value of ``MARK`` in their environment; without blanks.
    """
    return _belonging(processes.table(), set(groups), mark)


def _belonging(table: Collection[Process], roots: set[int], value: str) -> set[int]:
    mark = _NAMED + value.encode()
    children: dict[int, list[int]] = {}
    new: list[int] = []
    for one in table:
        marks = [word for word in one.environment.replace(b"\0", b" ").split(b" ") if word.startswith(_NAMED)]
        if marks and mark not in marks:
            continue
        children.setdefault(one.parent, []).append(one.pid)
        if roots & {one.pid, one.group, one.session} or mark in marks:
            new.append(one.pid)
    found: set[int] = set()
    while new:
        pid = new.pop()
        if pid not in found and pid != os.getpid():
            found.add(pid)
            new.extend(children.get(pid, ()))
    return found


def kill(groups: Collection[int], mark: str, grace: float = GRACE) -> set[int]:
    """End all of a run's processes: asked first, after ``grace`` seconds ended. Returns when none lives.

    Zombies count as dead; who started them reaps them.

    Args:
        groups: the ids of its ranks.
        mark: the value of ``MARK`` in their environment.
        grace: seconds they have to end by themselves; 0 asks nobody.

    Returns:
        The ids of those that could not be ended within ``STUBBORN`` seconds more; normally none.
    """
    asked: set[int] = set()
    last = time.monotonic() + grace
    pause = _FIRST
    while table := processes.table():
        living = _belonging(table, set(groups), mark)
        if not living:
            return living
        now = time.monotonic()
        if now >= last + STUBBORN:
            return living
        if now >= last:
            for pid in living:
                processes.destroy(pid)
        else:
            for pid in living - asked:
                processes.ask_to_end(pid)
            asked |= living
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST)
    return _kill_blindly(groups)


def _kill_blindly(groups: Collection[int]) -> set[int]:
    """Where no process but one's own can be seen: end the ranks, and with them what the system ends along."""
    for pid in groups:
        processes.destroy(pid)
    return set()
