"""A run that waits for its launcher."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.launch.handover import Queued
from runstore.runs import state
from runstore.runs.experiment import start_fact


@pytest.fixture
def a_queued_run(workspace: Path) -> Queued:
    """As ``submit`` leaves it."""
    experiment = runstore.Experiment(runstore.Workspace(workspace), "exp")
    run = experiment.workspace.run_class(experiment, "exp_1_ab")
    run._open({**start_fact(), "queued": True}, attempt=1, opener=False)
    run._end(state.QUEUED, None, explicit=False)
    return Queued(workspace, run.id, "exp")
