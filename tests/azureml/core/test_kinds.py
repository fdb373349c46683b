"""Classes by type of run."""

from __future__ import annotations

import pytest

from runstore.azureml.core import Run, ScriptRun
from runstore.azureml.core.kinds import run_class
from runstore.azureml.train.hyperdrive import HyperDriveRun


@pytest.mark.parametrize(
    ("type", "found"),
    [(None, Run), ("mine", Run), ("azureml.scriptrun", ScriptRun), ("hyperdrive", HyperDriveRun)],
)
def test_each_type_has_its_class(type: str | None, found: object) -> None:
    assert run_class(type) is found
