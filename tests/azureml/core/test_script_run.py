"""Submitted scripts, from outside."""

from __future__ import annotations

from runstore.azureml.core import Experiment, Run, ScriptRun


def test_its_type_is_the_sdks() -> None:
    assert ScriptRun.RUN_TYPE == "azureml.scriptrun"
    assert issubclass(ScriptRun, Run)


def test_it_shows_its_type(exp: Experiment) -> None:
    run = exp.start_logging(snapshot_directory=None, type=ScriptRun.RUN_TYPE)
    assert "Type: azureml.scriptrun" in repr(exp.workspace.get_run(run.id))
