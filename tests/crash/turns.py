"""Jobs: trainings whose flusher looks often, so that what is asked of them over and over is done as often."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from runstore.format import names
from runstore.query import turning
from runstore.runs import flusher
from tests.crash import calls, forks, jobs
from tests.crash.template import Shared, Talk

BURST = 50  # calls between two pauses


def _attentive() -> None:
    flusher.WINDOW = 0.01


def crash(talk: Talk, shared: Shared, path: str, run_id: str, **more: Any) -> None:
    """Log at full speed till killed, or so many times."""
    _attentive()
    jobs.crash(talk, shared, path, run_id, **more)


def train(talk: Talk, shared: Shared, path: str, run_id: str) -> None:
    """Log for ever, not much faster than others seal."""
    _attentive()
    jobs.unsealed()
    run, i = jobs.start(path, run_id), 0
    while True:
        calls.log(run, 0, i)
        i += 1
        shared[0] = i
        if i % BURST == 0:
            time.sleep(0.002)


def forking(talk: Talk, shared: Shared, path: str, run_id: str) -> None:
    """Fork children that log while threads log."""
    _attentive()
    forks.forks_while_threads_log(talk, shared, path, run_id)


def turn(talk: Talk, shared: Shared, path: str, run_id: str) -> None:
    """Seal what there is whenever that is said; an observer with the capabilities of the training."""
    while True:
        talk.receive()
        trouble = turning.turn(Path(path), [Path(path, names.run_dir(run_id))], 20.0)
        talk.send(list(trouble.values()))
