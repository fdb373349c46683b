"""What was known at an earlier time: of a writer that said no last word, whether it still seemed to live then."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runstore.disk.inventory import Inventory

if TYPE_CHECKING:
    from runstore.runs.state import Fact, RunState, WriterState

_DIRTY = 10_000_000_000  # nanoseconds that a mapped file's modification time may lag behind what is stored into it


@dataclass(frozen=True, slots=True)
class Past:
    """A time that is asked about.

    ``until``: what was recorded later doesn't count; nanoseconds, UTC. ``logged``: when a writer last logged something
    that is no fact (a point, a row, a log record), for which points have to be read; asked where nothing else tells.
    """

    until: int
    logged: Callable[[RunState, str], int]

    def lived(self, run: RunState, part: WriterState, facts: Iterable[Fact], lock_path: Path, silence: float) -> bool:
        """Whether a writer that is dead or silent now still gave signs of life after the time, or close before it.

        Args:
            run: the run.
            part: the writer.
            facts: all facts of the run, later ones too.
            lock_path: its liveness lock, whose modification time is the heartbeat.
            silence: seconds without a sign after which it counts as what it is now.
        """
        until = self.until - int(silence * 1e9)
        told = [time for time, writer, *_ in facts if writer == part.writer]
        if max(_changed(lock_path), *told, part.started or 0) > until:
            return True
        return newest(run.inventory) > until and self.logged(run, part.writer) > until


def newest(found: Inventory) -> int:
    """A time, in nanoseconds, before which everything that is no fact was logged."""
    sealed = [max(int(body["created"]), found.latest[name]) for name, body in found.seals]
    live = [_changed(path) + _DIRTY for path in found.points + found.sides]
    return max([*sealed, *live], default=0)


def _changed(path: Path) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
