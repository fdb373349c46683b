"""Jobs: one of many processes that do the same at the same instant."""

from __future__ import annotations

import os

from tests.crash import calls, jobs
from tests.crash.template import Shared, Talk


def member(talk: Talk, shared: Shared, path: str, run_id: str, thread: int, total: int) -> None:
    """Start or join a run at the word, log, tell the attempt, and end at the next word."""
    jobs.unsealed()
    talk.send("ready")
    talk.receive()
    run = jobs.start(path, run_id, rank=thread)
    for i in range(total):
        calls.log(run, thread, i)
    talk.send(run._writer.identity.attempt)
    talk.receive()
    run.complete()
    os._exit(0)
