"""Runs of sweeps."""

from __future__ import annotations

import pytest

from runstore.azureml.core import Experiment
from runstore.azureml.exceptions import NotYetException
from runstore.azureml.train.hyperdrive import HyperDriveRun


@pytest.mark.parametrize(
    "call",
    ["get_best_run_by_primary_metric", "get_children_sorted_by_primary_metric", "get_hyperparameters",
     "get_diagnostics"],
)  # fmt: skip
def test_what_is_a_sweeps_own_is_not_built_yet(exp: Experiment, call: str) -> None:
    with pytest.raises(NotYetException):
        getattr(HyperDriveRun(exp, "HD_1"), call)()
