"""The run that this process is part of."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.azureml.core import Run, Workspace, context
from runstore.azureml.exceptions import RunEnvironmentException


@pytest.fixture
def submitted(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id that a launcher tells; nobody has begun the run."""
    monkeypatch.setenv("RUNSTORE_DIR", str(ws.path))
    monkeypatch.setenv("RUNSTORE_RUN_ID", f"job-{ws.id}")
    return f"job-{ws.id}"


def test_a_run_that_nobody_has_begun_begins_in_the_experiment_named(
    submitted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZUREML_ARM_PROJECT_NAME", "train")
    monkeypatch.setenv("AZUREML_ARM_WORKSPACE_NAME", "labelled")
    run = context.context(allow_offline=False)
    assert (run.id, run.experiment.name, run.experiment.workspace.name) == (submitted, "train", "labelled")


def test_else_in_the_default_one(submitted: str) -> None:
    assert context.context(allow_offline=False).experiment.name == context.DEFAULT


def test_canceling_inside_is_ignored_with_a_warning(submitted: str, caplog: pytest.LogCaptureFixture) -> None:
    run = context.context(allow_offline=False)
    run.cancel()
    assert run.get_status() == "Running"
    assert "WARNING" in [record.levelname for record in caplog.records]


def test_a_block_of_it_completes_without_a_status(submitted: str) -> None:
    with Run.get_context() as run:
        run.log("loss", 1)
    assert run.get_status() == "Running"


def test_recording_goes_on_in_a_new_run_when_one_has_ended(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_OFFLINE", "Record")
    first = Run.get_context()
    assert Run.get_context() is first
    assert first.experiment.name == context.DEFAULT
    first.complete()
    second = Run.get_context()
    assert second.id != first.id
    second.complete()


def test_recording_does_not_make_it_a_submitted_run(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_OFFLINE", "record")
    with pytest.raises(RunEnvironmentException):
        Run.get_context(allow_offline=False)
