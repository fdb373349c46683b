"""``python -m runstore.launch.launcher WORKSPACE RUN_ID``: begins a queued run and carries it out, one process a run.

Whoever starts it need not stay: with ``--detach`` it says one word when the run has begun, and nothing more.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from runstore.errors import LaunchError, RunstoreError
from runstore.format import names
from runstore.launch import job as jobs
from runstore.launch.job import Job
from runstore.launch.stop import Stop
from runstore.runs import process, state
from runstore.runs.experiment import start_fact
from runstore.runs.media import MediaRun
from runstore.runs.run import COMPLETED, FAILED
from runstore.runs.workspace import Workspace

WORD, DETACH = "launched", "--detach"  # as launch.handover.local has them


class Begun(NamedTuple):
    """A run that this process has begun."""

    run: MediaRun
    job: Job


def main(arguments: Sequence[str]) -> int:
    """Launch a run; give the exit code: 1 where it has not ended well."""
    words = [word for word in arguments if word != DETACH]
    if len(words) != 2:
        sys.stderr.write("usage: python -m runstore.launch.launcher [--detach] WORKSPACE RUN_ID\n")
        return 2
    stop = Stop()
    stop.install()
    try:
        begun = _begin(Path(words[0]), words[1])
    except (RunstoreError, OSError) as problem:
        sys.stderr.write(f"runstore: {problem}\n")
        return 1
    if DETACH in arguments:
        _detach(begun is not None)
    return 0 if begun is None or _carry_out(begun, stop) == COMPLETED else 1


def _begin(workspace: Path, run_id: str) -> Begun | None:
    """Open the run's next attempt; None where there is nothing to do: it was canceled, or another launcher has it.

    Raises:
        RunstoreError: it can't be opened.
    """
    directory = Workspace(workspace, create=False).path / names.run_dir(run_id)
    found = state.fold(directory)
    if found.run_id != run_id:
        raise LaunchError(f"no run {run_id} in {workspace}; `runstore runs` lists them")
    job = jobs.read(directory)
    over = found.status in state.TERMINAL and found.error != state.VANISHED
    if over or job is None:
        with suppress(OSError):
            jobs.remove(directory)
        return None
    run = _named(workspace, found, job)
    begins = {} if job.sweep else {"status": "Preparing"}  # never seen as running before its script is
    run._open({**start_fact(), "rank": None, **begins})
    if not run._live().identity.opener:
        run._end(COMPLETED, None, explicit=False)
        return None
    if job.sweep is None:
        with suppress(OSError):
            jobs.remove(directory)
    return Begun(run, job)


def _named(workspace: Path, found: state.RunState, job: Job) -> MediaRun:
    """The run's object: of a sweep, one that can be asked for its children."""
    if job.sweep is None:
        there = Workspace(workspace, create=False)
    else:
        from runstore.launch.workspace import Workspace as Whole

        there = Whole(workspace, create=False)
    return there.run_class(there.experiment_class(there, found.experiment), found.run_id)


def _detach(begun: bool) -> None:
    """Say the word, and let go of whoever waits for it."""
    if begun:
        with suppress(OSError):  # whoever waited has died: the run goes on
            os.write(1, f"{WORD}\n".encode())
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (1, 2):
        os.dup2(null, fd)
    os.close(null)


def _carry_out(begun: Begun, stop: Stop) -> str:
    """Do it, end the run, and give its status."""
    run, job = begun
    failure = None
    if job.sweep is None:
        from runstore.launch.execution import Execution

        status, error, failure = Execution(run, job, stop)()
    else:
        status, error = _sweep(run, job, stop)
    run._end(status, error, explicit=True, failure=failure)
    if job.sweep is not None:  # not before: whoever takes over where this process dies needs it
        with suppress(OSError):
            jobs.remove(run.path)
    return status


def _sweep(run: MediaRun, job: Job, stop: Stop) -> tuple[str, str | None]:
    from runstore.launch.run import Run
    from runstore.launch.sweep import controller

    assert isinstance(run, Run)
    try:
        return controller.control(run, job, stop)
    except Exception as problem:  # noqa: BLE001 - a sweep whose controller fails says so
        return FAILED, process.describe(problem)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
