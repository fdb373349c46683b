"""The run's own ways, beside the golden tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runstore.azureml.core import Experiment, Run, Workspace, get_run
from runstore.azureml.core.compute import ComputeTarget
from runstore.azureml.exceptions import AzureMLException, ServiceException, UserErrorException


def test_a_run_is_got_by_the_function_too(exp: Experiment, run: Run) -> None:
    assert get_run(exp, run.id).id == run.id
    with pytest.raises(ServiceException):
        get_run(exp, "none")


def test_one_that_there_is_can_be_named_and_asked(exp: Experiment, run: Run) -> None:
    run.log("loss", 1)
    again = Run(exp, run.id, outputs=None, _user_agent="any")
    assert again.get_metrics() == {"loss": 1}
    assert again.get_status() == "Running"


def test_one_that_there_is_not_says_so_when_asked(exp: Experiment) -> None:
    nobody = Run(exp, "nobody")
    for ask in (nobody.get_status, nobody.get_details, nobody.get_tags, nobody.complete):
        with pytest.raises(ServiceException):
            ask()
    assert repr(nobody).endswith("Id: nobody,\nType: None,\nStatus: None)")


def test_one_that_has_ended_takes_no_values(exp: Experiment, run: Run) -> None:
    run.complete()
    with pytest.raises(UserErrorException):
        Run(exp, run.id).log("loss", 1)


def test_errors_are_the_sdks_in_native_methods_too(run: Run) -> None:
    with pytest.raises(UserErrorException):
        run.log_params("text")  # type: ignore[arg-type]


def test_a_run_that_was_not_submitted_has_nothing_to_clean(run: Run) -> None:
    with pytest.raises(AzureMLException, match="was not submitted"):
        run.clean()


def test_only_what_was_submitted_is_on_a_compute_target(run: Run, ws: Workspace) -> None:
    local = ComputeTarget(ws, "local")
    assert list(Run.list_by_compute(local)) == []
    with pytest.raises(UserErrorException, match="'Completed'"):
        list(Run.list_by_compute(local, status="Completed"))


def test_datasets_are_none(run: Run) -> None:
    assert (run.input_datasets, run.output_datasets) == ({}, {})


def test_a_block_that_ends_the_run_itself_gives_the_directory_back(exp: Experiment, here: Path) -> None:
    (here / "elsewhere").mkdir()
    with exp.start_logging(snapshot_directory=None) as run:
        os.chdir("elsewhere")
        run.complete()
    assert Path.cwd() == here
    assert run.get_status() == "Completed"


def test_a_child_watches_no_outputs_unless_told(run: Run, here: Path) -> None:
    (here / "outputs").mkdir(exist_ok=True)
    (here / "outputs" / "a.txt").write_text("a", encoding="utf-8")
    plain, watching = run.child_run(), run.child_run(outputs="outputs")
    plain.complete()
    watching.complete()
    assert (plain.get_file_names(), watching.get_file_names()) == ([], ["outputs/a.txt"])


def test_disabled_everything_can_be_called(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    run = Experiment(Workspace(), "off").start_logging()
    run.tag("a", "b")
    run.add_properties({"a": "b"})
    run.flush()
    run.complete()
    assert [path.name for path in here.iterdir()] == ["outputs"]  # the script may write there all the same
