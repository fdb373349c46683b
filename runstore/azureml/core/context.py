"""Which run this process is part of: ``Run.get_context()``."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from runstore.azureml.core import offline
from runstore.azureml.core.run import _SubmittedRun
from runstore.azureml.exceptions import RunEnvironmentException
from runstore.launch import inside

OFFLINE = "RUNSTORE_OFFLINE"
DEFAULT = inside.DEFAULT  # the experiment of runs that were started as plain scripts

_recorded: list[Any] = []
_within: ContextVar[Any] = ContextVar("runstore_run", default=None)  # of this thread: a function that is a run


def context(allow_offline: bool) -> Any:
    """The run that this is part of (the same object each time); else a new one that prints, or the one that records.

    Raises:
        RunEnvironmentException: no submitted run, and none offline allowed.
    """
    run = current()
    if run is not None:
        return run
    if not allow_offline:
        raise RunEnvironmentException(f"this process is not part of a submitted run ({inside.RUN_ID} is not set)")
    if os.environ.get(OFFLINE, "").strip().lower() == "record":
        if not _recorded or _recorded[0]._writer is None:
            _recorded[:] = [_record()]
        return _recorded[0]
    from logging import getLogger

    run = offline._OfflineRun()
    getLogger("runstore.core.run").info("no submitted run; %s prints what it is told", run.id)
    return run


def current() -> Any:
    """The run of the function that this is called in, else the submitted run; None where there is neither."""
    run, run_id = _within.get(), inside.run_id()
    if run is not None or run_id is None:
        return run
    return inside.join(run_id, _SubmittedRun, lambda: _submitted(run_id))


@contextmanager
def within(run: Any) -> Iterator[None]:
    """Have ``Run.get_context()`` give this run in the block, in this thread."""
    before = _within.set(run)
    try:
        yield
    finally:
        _within.reset(before)


def _submitted(run_id: str) -> _SubmittedRun:
    """The run of that id, in the workspace that $RUNSTORE_DIR names, not joined yet."""
    from runstore.azureml.core.experiment import Experiment
    from runstore.azureml.core.workspace import Workspace
    from runstore.format import names
    from runstore.runs import state

    workspace = Workspace(workspace_name=os.environ.get("AZUREML_ARM_WORKSPACE_NAME"))
    found = state.fold(workspace.path / names.run_dir(run_id))
    if found.run_id == run_id:
        parent = Experiment.existing(workspace, found.experiment)
    else:
        parent = Experiment(workspace, os.environ.get(inside.PROJECT) or DEFAULT)
    return _SubmittedRun(parent, run_id)


def _record() -> Any:
    from runstore.azureml.core.experiment import Experiment
    from runstore.azureml.core.workspace import Workspace

    experiment = Experiment(Workspace(), DEFAULT)
    return experiment.start_logging(run_id=offline.PREFIX + str(uuid.uuid4()), snapshot_directory=None)
