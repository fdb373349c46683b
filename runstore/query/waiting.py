"""Waiting for a run that some process logs, this one or another."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from runstore.errors import RunFailed
from runstore.runs.state import FAILED, TERMINAL

if TYPE_CHECKING:
    from runstore.query.run import Run

_FIRST, _LONGEST = 0.02, 0.5  # seconds between two looks
_POST_PROCESSING = {"Finalizing", "CancelRequested"}  # counts as ended, unless they are waited for (Azure ML SDK v1)


def wait(run: Run, show_output: bool, wait_post_processing: bool, raise_on_error: bool) -> dict[str, Any]:
    """Wait for the end of a run; see ``Run.wait_for_completion``."""
    over = TERMINAL if wait_post_processing or show_output else TERMINAL | _POST_PROCESSING
    pause = _FIRST
    while run.status not in over:
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST)
    details = run.get_details()
    if raise_on_error and details["status"] == FAILED:
        raise RunFailed(f"run {run.id} has failed: {run.error or 'nobody said why'}")
    return details
