"""What child processes do. They import nothing any more: the template has it all."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path
from typing import Any

from runstore.disk import append
from runstore.format import names
from runstore.query import sealer
from runstore.runs import seal, state, stream
from runstore.runs.workspace import Workspace
from tests.crash import calls, seam
from tests.crash.template import Shared, Talk

PHASE = 100  # the counter in which a job says how far it is; counters 0 ... are acknowledged calls by thread


def small(rotate: int) -> None:
    """Have journals rotated early, and windows small and looked at often enough for it."""
    if rotate:
        stream.ROTATE, stream.LOOK = rotate, 100
        stream.AHEAD = append.AHEAD = 4096
        append.FIRST_WINDOW, append.LAST_WINDOW = 8192, 16384


def unsealed() -> None:
    """Leave sealing to the test."""
    seal.request = lambda workspace, run_dir: None


def start(path: str, run_id: str | None = None, experiment: str = "e", **more: Any) -> Any:
    """A run in the workspace at ``path``."""
    return Workspace(path).experiment(experiment).start_logging(run_id=run_id, **more)


def work(run: Any, shared: Shared, thread: int, total: int) -> None:
    """Log ``total`` calls as fast as possible, acknowledging each in the shared memory."""
    acknowledged, log = shared.counters, calls.log
    for i in range(total):
        log(run, thread, i)
        acknowledged[thread] = i + 1


def crash(
    talk: Talk,
    shared: Shared,
    path: str,
    run_id: str,
    threads: int = 1,
    total: int = 1 << 40,
    rotate: int | None = None,
) -> None:
    """Log from several threads till killed, or till ``total`` calls each are made; then complete."""
    small(rotate)
    unsealed()
    talk.send("ready")
    talk.receive()
    run = start(path, run_id)
    shared[PHASE] = 1
    others = [threading.Thread(target=work, args=(run, shared, n, total), daemon=True) for n in range(1, threads)]
    for thread in others:
        thread.start()
    work(run, shared, 0, total)
    for thread in others:
        thread.join()
    shared[PHASE] = 2
    run.complete()
    shared[PHASE] = 3
    os._exit(0)


def session(run: Any, shared: Shared, first: int = 0, calls_each: int = 40) -> None:
    """A bit of everything that goes to disk: three journals, facts, artifacts of both kinds, flushes, an end."""
    for i in range(first, first + 3 * calls_each):
        calls.log(run, 0, i)
        shared[0] = i + 1
        if i % calls_each == calls_each - 1:
            run.log_params({f"p{i}": i})
            run.flush()
            shared[1] = i + 1
    run.upload_file("small", io.BytesIO(b"small"))
    run.upload_file("large", io.BytesIO(b"large" * 60_000))
    run.complete()
    shared[PHASE] = 3


def die_at(
    talk: Talk, shared: Shared, path: str, run_id: str, number: int, during: bool, attempt: int | None = None
) -> None:
    """A whole session, killed at a call through the seam. It counts nothing that a later attempt does."""
    small(2048)
    unsealed()
    with seam.acting(number, seam.die_during if during else seam.die_before):
        session(start(path, run_id, attempt=attempt), shared)
    os._exit(0)


def seal_all(talk: Talk, shared: Shared, path: str, run_ids: list[str]) -> None:
    """What the sealing child does."""
    talk.send("ready")
    talk.receive()
    sealer.main([path, *(names.run_dir(run_id) for run_id in run_ids)])
    os._exit(0)


def observe(talk: Talk, shared: Shared | None, path: str) -> None:
    """Tell the status and error of the run at ``path``, as another process with these capabilities sees it."""
    folded = state.fold(Path(path))
    talk.send([folded.status, folded.error])
    os._exit(0)
