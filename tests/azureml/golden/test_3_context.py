"""Sections 3.4 and 3.5: the run of this process, and the one that only prints."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from runstore.azureml.core import Run, Workspace
from runstore.azureml.core.run import _OfflineRun, _SubmittedRun
from runstore.azureml.exceptions import RunEnvironmentException
from tests.azureml.scenes import python

# ---- 3.4 and 3.5 the run of this process


def test_outside_a_submitted_run_each_call_gives_a_new_one(here: Path) -> None:
    one, two = Run.get_context(), Run.get_context()
    assert type(one) is type(two) is _OfflineRun
    assert one.id != two.id
    assert one.id.startswith("OfflineRun_")
    assert list(here.iterdir()) == []


def test_where_none_is_allowed_there_is_an_error(here: Path) -> None:
    with pytest.raises(RunEnvironmentException):
        Run.get_context(allow_offline=False)
    with pytest.raises(RunEnvironmentException):
        Run.get_submitted_run()


def test_azures_own_variables_decide_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZUREML_RUN_ID", "theirs")
    assert type(Run.get_context()) is _OfflineRun


def test_giving_one_is_an_info_record(here: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "runstore"):
        Run.get_context()
    assert [record.levelname for record in caplog.records] == ["INFO"]


def test_in_a_submitted_run_each_call_gives_the_same_object(
    run: Run, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNSTORE_RUN_ID", run.id)
    monkeypatch.setenv("RUNSTORE_DIR", str(ws.path))
    joined = Run.get_context()
    assert type(joined) is _SubmittedRun
    assert joined is Run.get_context(allow_offline=False) is Run.get_submitted_run()
    joined.log("loss", 1)
    run.log("acc", 2)
    assert run.get_metrics() == {"acc": 2, "loss": 1}


def test_the_end_that_a_script_says_is_not_the_runs(run: Run, ws: Workspace) -> None:
    program = (
        "from runstore.azureml.core import Run\nrun = Run.get_context()\n"
        "run.log('loss', 1)\nrun.complete()\nrun.fail('no')\nrun.cancel()\nrun.log('loss', 2)\n"
        "with Run.get_context() as again:\n    again.log('loss', 3)\n"
    )
    done = python(ws.path.parent, program, RUNSTORE_RUN_ID=run.id, RUNSTORE_DIR=str(ws.path))
    assert done.returncode == 0, done.stderr
    assert run.get_status() == "Running"
    assert run.get_metrics() == {"loss": [1, 2, 3]}
    assert run.get_details()["error"]["error"]["message"] == "no"
    run.complete()
    assert run.get_status() == "Completed"


def test_a_script_that_dies_does_not_end_the_run(run: Run, ws: Workspace) -> None:
    program = (
        "import os, signal\nfrom runstore.azureml.core import Run\n"
        "Run.get_context().log('loss', 1)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    done = python(ws.path.parent, program, RUNSTORE_RUN_ID=run.id, RUNSTORE_DIR=str(ws.path))
    assert done.returncode == -signal.SIGKILL
    assert run.get_metrics() == {"loss": 1}
    assert run.get_status() == "Running"


def test_offline_runs_can_be_recorded(here: Path) -> None:
    program = (
        "from runstore.azureml.core import Run\nrun = Run.get_context()\nrun.log('loss', 1)\n"
        "assert Run.get_context() is run\nprint(run.id)"
    )
    done = python(here, program, RUNSTORE_OFFLINE="record")
    assert done.returncode == 0, done.stderr
    recorded = Workspace(store=here / ".runstore").get_run(done.stdout.strip())
    assert recorded.id.startswith("OfflineRun_")
    assert (recorded.get_status(), recorded.get_metrics()) == ("Completed", {"loss": 1})


KINDS = ["log_list", "log_table", "log_image", "log_residuals", "log_predictions", "log_accuracy_table",
         "log_confusion_matrix", "log"]  # fmt: skip


@pytest.mark.parametrize("call", KINDS)
@pytest.mark.parametrize("value", [None, {"a": [1]}, "text"])
def test_an_offline_run_says_two_lines_and_checks_nothing(
    here: Path, capsys: pytest.CaptureFixture[str], call: str, value: object
) -> None:
    assert getattr(Run.get_context(), call)("loss", value) is None
    said, shown = capsys.readouterr().out.splitlines()
    assert "'loss'" in said
    assert shown == str(value)


def test_a_row_is_shown_as_a_dict_and_an_image_as_what_was_given(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run.get_context()
    run.log_row("r", "about it", x=1)
    run.log_image("i", path="a.png", plot="b")
    lines = capsys.readouterr().out.splitlines()
    assert lines[1::2] == ["{'x': 1}", "a.png"]


def test_an_offline_step_is_accepted(here: Path) -> None:
    Run.get_context().log("loss", 1.0, step=3)


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("upload_file", ("a", "none.txt")),
        ("upload_files", (["a"], ["b", "c"])),
        ("upload_folder", ("a", "none")),
        ("tag", ("a",)),
        ("set_tags", ({"a": 1},)),
        ("add_properties", ({"a": 1},)),
        ("flush", ()),
    ],
)
def test_the_others_say_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], call: str, arguments: tuple[Any, ...]
) -> None:
    assert getattr(Run.get_context(), call)(*arguments) is None
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize("call", ["complete", "cancel"])
def test_ending_well_is_silent(
    here: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, call: str
) -> None:
    run = Run.get_context()
    with caplog.at_level("DEBUG", "runstore"):
        getattr(run, call)()
    assert capsys.readouterr().out == ""
    assert [record.levelname for record in caplog.records] == ["DEBUG"]


def test_failing_says_the_code_and_why(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Run.get_context()
    run.fail("no memory", "E1")
    text = capsys.readouterr().out
    assert "no memory" in text
    assert "E1" in text
    assert run.get_details()["error"]["error"]["message"] == "no memory"


def test_an_offline_child_is_called_after_its_parent(here: Path) -> None:
    run = Run.get_context()
    assert run.child_run("fold").id == f"{run.id}.fold"
    assert run.child_run().id.startswith(f"{run.id}.")
    assert run.child_run(run_id="mine").id == "mine"
    assert type(run.child_run()) is _OfflineRun


def test_a_block_says_start_and_stop_and_lets_errors_pass(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError), Run.get_context():
        raise ValueError
    first, last = capsys.readouterr().out.splitlines()
    assert "START" in first
    assert "STOP" in last


EVERYTHING = (
    "experiment parent get_metrics get_status get_details tags properties number display_name get_portal_url "
    "get_file_names create_children register_model input_datasets get_secret submit_child get_children download_file "
    "take_snapshot wait_for_completion name type status remove_tags id _run_id log_row description get_tags "
    "get_properties get_details_with_logs get_detailed_status get_snapshot_id restore_snapshot download_files "
    "get_all_logs get_secrets get_environment portal_url output_datasets start"
)


@pytest.mark.parametrize("attribute", EVERYTHING.split())
def test_every_attribute_of_a_run_is_there(here: Path, attribute: str) -> None:
    assert hasattr(Run.get_context(), attribute)


def test_an_offline_run_keeps_what_it_was_told_in_memory(here: Path) -> None:
    run = Run.get_context()
    run.log("loss", 1.0)
    run.log("loss", 0.5)
    run.log_list("list", (n for n in range(2)))
    run.log_row("row", x=1)
    run.tag("a", 1)
    run.remove_tags(["none"])
    run.add_properties({"p": "q"})
    assert run.get_metrics() == {"loss": [1.0, 0.5], "list": [0, 1], "row": {"x": 1}}
    assert run.get_metrics("loss") == {"loss": [1.0, 0.5]}
    assert run.get_metrics("none") == {}
    assert (run.tags, run.get_properties()) == ({"a": "1"}, {"p": "q"})
    assert (run.parent, run.status, run.get_status(), run.type) == (None, "Running", "Running", None)
    run.complete()
    assert run.get_status() == "Completed"


def test_offline_children_are_found_again(here: Path) -> None:
    run = Run.get_context()
    one, two = run.create_children(2)
    leaf = two.child_run()
    leaf.log("loss", 1)
    assert list(run.get_children()) == [two, one]
    assert list(run.get_children(recursive=True)) == [two, leaf, one]
    assert run.get_metrics(recursive=True) == {leaf.id: {"loss": 1}}
    assert leaf.parent is two


def test_the_idioms_that_tell_an_offline_run_go_on_working(here: Path) -> None:
    run = Run.get_context()
    assert run.id.startswith("OfflineRun")
    assert run._run_id.startswith("OfflineRun")
    assert isinstance(run, _OfflineRun)
    assert hasattr(run, "experiment")
    assert isinstance(run.experiment.workspace, Workspace)


def test_every_logging_call_of_a_run_is_there(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Run.get_context()
    for call in (name for name in dir(Run) if name.startswith("log_") and name not in {"log_row", "log_params"}):
        getattr(run, call)("curve", [1, 2])
        assert capsys.readouterr().out.endswith(" metric 'curve'\n[1, 2]\n")
    run.log_params({"lr": 1})
    assert capsys.readouterr().out == "offline: parameters {'lr': 1}\n"


def test_it_shows_itself_in_a_notebook(here: Path) -> None:
    run = Run.get_context()
    assert run.id in run._repr_html_()
