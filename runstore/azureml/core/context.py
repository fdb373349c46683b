"""Which run this process is part of: ``Run.get_context()``."""

from __future__ import annotations

import os
import uuid
from typing import Any

from runstore.azureml.core import offline
from runstore.azureml.exceptions import RunEnvironmentException

RUN_ID = "RUNSTORE_RUN_ID"  # set by the launcher, inherited by the processes that the script starts
OFFLINE = "RUNSTORE_OFFLINE"
DEFAULT = "Default"  # the experiment of runs that were started as plain scripts

_joined: dict[str, Any] = {}
_recorded: list[Any] = []


def context(allow_offline: bool) -> Any:
    """The submitted run (the same object each time); else a new one that prints, or the one that records.

    Raises:
        RunEnvironmentException: no submitted run, and none offline allowed.
    """
    run_id = os.environ.get(RUN_ID)
    if run_id:
        return _joined.get(run_id) or _joined.setdefault(run_id, _join(run_id))
    if not allow_offline:
        raise RunEnvironmentException(f"this process is not part of a submitted run ({RUN_ID} is not set)")
    if os.environ.get(OFFLINE, "").strip().lower() == "record":
        if not _recorded or _recorded[0]._writer is None:
            _recorded[:] = [_record()]
        return _recorded[0]
    from logging import getLogger

    run = offline._OfflineRun()
    getLogger("runstore.core.run").info("no submitted run; %s prints what it is told", run.id)
    return run


def _join(run_id: str) -> Any:
    """The run of that id, in the workspace that $RUNSTORE_DIR names, joined as one more writer."""
    from runstore.azureml.core.experiment import Experiment
    from runstore.azureml.core.run import _SubmittedRun
    from runstore.azureml.core.workspace import Workspace
    from runstore.format import names
    from runstore.runs import experiment, state

    workspace = Workspace(workspace_name=os.environ.get("AZUREML_ARM_WORKSPACE_NAME"))
    found = state.fold(workspace.path / names.run_dir(run_id))
    if found.run_id == run_id:
        parent = Experiment.existing(workspace, found.experiment)
    else:
        parent = Experiment(workspace, os.environ.get("AZUREML_ARM_PROJECT_NAME") or DEFAULT)
    run = _SubmittedRun(parent, run_id)
    return run._open(experiment.start_fact())


def _record() -> Any:
    from runstore.azureml.core.experiment import Experiment
    from runstore.azureml.core.workspace import Workspace

    experiment = Experiment(Workspace(), DEFAULT)
    return experiment.start_logging(run_id=offline.PREFIX + str(uuid.uuid4()), snapshot_directory=None)
