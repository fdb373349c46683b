"""Jobs: a child whose wall clock is set to and fro while it logs."""

from __future__ import annotations

import os
import time
from typing import Any

from tests.crash import calls, jobs
from tests.crash.template import Shared, Talk

HOUR = 3600 * 10**9
STEPS = (0, -HOUR, 24 * HOUR, -48 * HOUR, HOUR, 0)  # off the truth, one after another
EACH = 100  # calls of log() under each


def set_to_and_fro(talk: Talk, shared: Shared, path: str, run_id: str, threads_beat: bool) -> None:
    """Log under every clock; the flusher looks at it now and then, or not at all."""
    jobs.small(1 << 14)
    jobs.unsealed()
    run = jobs.start(path, run_id)
    i = 0
    for off in STEPS:
        _set(off)
        if threads_beat:
            run._writer.beat()
        for i in range(i, i + EACH):  # noqa: B020 (goes on where it was)
            calls.log(run, 0, i)
        i += 1
    run.complete()
    os._exit(0)


def set_back(talk: Talk, shared: Shared, path: str, run_id: str, off: int, first: int) -> None:
    """One attempt under a clock that is off."""
    _set(off)
    jobs.unsealed()
    run = jobs.start(path, run_id)
    for i in range(EACH):
        run.log("v", first + i, step=first + i)
    run.complete()
    os._exit(0)


_real: dict[str, Any] = {"time": time.time, "time_ns": time.time_ns}


def _set(off: int) -> None:
    time.time_ns = lambda: _real["time_ns"]() + off  # type: ignore[method-assign]
    time.time = lambda: _real["time"]() + off / 1e9  # type: ignore[method-assign]
