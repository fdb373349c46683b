"""What is left to do where a script's run is ended from outside, and after it."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore.errors import LaunchError
from runstore.launch import job as jobs
from runstore.launch import working_copy
from runstore.launch.queue import SCRIPT, SWEEP
from runstore.runs import edits, state
from runstore.runs.run import CANCELED

if TYPE_CHECKING:
    from runstore.launch.run import Run

PATIENCE = 20.0  # seconds that the launcher is waited for: it kills what does not end by itself
_FIRST, _LONGEST = 0.02, 0.2  # seconds between two looks


def follow(run: Run, status: str) -> None:
    """Wait until the processes of a run that was just ended from outside are gone, and end a sweep's runs with it.

    Args:
        run: any run; of one that no launcher has begun there is nothing to wait for.
        status: what was said.
    """
    found = run._folded()
    if found.type not in (SCRIPT, SWEEP):
        return
    _gone(run, found)
    _forget(run, found)
    if found.type == SWEEP and status == CANCELED:
        below: list[Any] = [child for child in run.get_children() if child.status not in state.TERMINAL]
        for child in below:
            body = {"status": CANCELED, "error": f"sweep {run.id} was canceled"}
            edits.end(run.experiment.workspace.path, child.id, child.experiment.name, body, None)
        for child in below:
            _gone(child, child._folded())
            _forget(child, child._folded())


def _forget(run: Run, found: state.RunState) -> None:
    """Of a run that never began, take away the job, which holds what is secret: a launcher may never come for it."""
    if not any(writer.opener for writer in found.writers):
        with suppress(OSError):
            jobs.remove(run.path)


def _gone(run: Run, found: state.RunState) -> None:
    """Wait for the launcher of the newest attempt, a while."""
    last, pause = time.monotonic() + PATIENCE, _FIRST
    while time.monotonic() < last:
        newest = found.attempts[-1].number if found.attempts else 0
        if all(one.settled for one in found.writers if one.opener and one.attempt == newest):
            return
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST)
        found = run._folded()


def clean(run: Run, again: bool) -> list[str]:
    """Delete the working copies of all attempts; see ``Run.clean``."""
    found = run._folded()
    if found.type != SCRIPT:
        raise LaunchError(f"run {run.id} was not submitted; there is nothing to clean")
    if again:
        raise LaunchError(f"run {run.id} is cleaned already")
    if not found.settled or found.status not in state.TERMINAL:
        raise LaunchError(f"run {run.id} is {found.status}; wait for its end, or cancel it")
    numbers = [one.number for one in found.attempts] or [1]
    copies = [working_copy.place(run.experiment.workspace.path, run.id, number) for number in numbers]
    gone = [copy for copy in copies if _removed(copy)]
    return [f"{copy}: deleted" for copy in gone] or [f"{copies[-1]}: was deleted when the run ended"]


def _removed(directory: Path) -> bool:
    try:
        return working_copy.remove(directory)
    except OSError as problem:
        raise LaunchError(f"{directory}: can't be deleted ({problem.strerror}); mend that first") from None
