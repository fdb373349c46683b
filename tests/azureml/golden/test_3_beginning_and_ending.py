"""Section 3: how runs begin and end, ``with`` blocks, and the run of this process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runstore.azureml.core import Experiment, Run, Workspace
from runstore.azureml.core.run import _OfflineRun, _SubmittedRun
from runstore.azureml.exceptions import RunEnvironmentException, SnapshotException


def python(here: Path, program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], cwd=here, env={**os.environ, **environment}, capture_output=True, text=True
    )


# ---- 3.1 start_logging


@pytest.mark.parametrize("outputs", [None, True])
def test_outputs_is_made_at_once(exp: Experiment, here: Path, outputs: bool | None) -> None:
    exp.start_logging(outputs=outputs, snapshot_directory=None)
    assert (here / "outputs").is_dir()


def test_or_not(exp: Experiment, here: Path) -> None:
    exp.start_logging(outputs=False, snapshot_directory=None)
    assert not (here / "outputs").exists()


def test_or_under_another_name(exp: Experiment, here: Path) -> None:
    run = exp.start_logging(outputs="results", snapshot_directory=None)
    (here / "results" / "a.txt").write_text("a", encoding="utf-8")
    run.complete()
    assert [name for name in run.get_file_names() if name.endswith("a.txt")] == ["outputs/a.txt"]


def test_the_current_directory_is_kept_as_a_snapshot(exp: Experiment, here: Path) -> None:
    (here / "train.py").write_text("pass", encoding="utf-8")
    run = exp.start_logging()
    assert run.get_snapshot_id()
    assert run.get_properties()["ContentSnapshotId"] == run.get_snapshot_id()


def test_none_keeps_none(run: Run) -> None:
    assert run.get_snapshot_id() is None


def test_one_that_is_too_big_is_an_error(exp: Experiment, here: Path) -> None:
    with open(here / "big.bin", "wb") as file:
        file.truncate(301 << 20)
    with pytest.raises(SnapshotException, match="300 MB"):
        exp.start_logging()


def test_nothing_printed_is_kept_outside_a_block(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    print("not kept")
    run.complete()
    assert "not kept" in capfd.readouterr().out
    assert run.get_file_names() == []


def test_stale_files_are_taken_in_at_the_end(exp: Experiment, here: Path) -> None:
    (here / "outputs").mkdir()
    (here / "outputs" / "stale.txt").write_text("old", encoding="utf-8")
    run = exp.start_logging(snapshot_directory=None)
    run.complete()
    assert "outputs/stale.txt" in run.get_file_names()


def test_the_target_is_this_machine(run: Run) -> None:
    assert run.get_details()["target"] == "local"


# ---- 3.2 ending


@pytest.mark.parametrize("end", ["complete", "fail", "cancel"])
def test_every_end_flushes_and_takes_outputs(exp: Experiment, here: Path, end: str) -> None:
    run = exp.start_logging(snapshot_directory=None)
    run.log("loss", 1)
    (here / "outputs" / "a.txt").write_text("a", encoding="utf-8")
    getattr(run, end)()
    assert run.get_metrics() == {"loss": 1}
    assert "outputs/a.txt" in run.get_file_names()


def test_without_a_status_completing_only_flushes(run: Run) -> None:
    run.log("loss", 1)
    run.complete(_set_status=False)
    run.fail("not really", _set_status=False)
    assert run.get_status() == "Running"
    run.log("loss", 2)
    assert run.get_metrics() == {"loss": [1, 2]}


def test_flush_takes_a_limit(run: Run) -> None:
    run.log("loss", 1)
    run.flush(timeout_seconds=1)
    run.start()


@pytest.mark.parametrize("details", [3, ["x"], {"a": 1}])
def test_an_error_is_text_or_an_exception(run: Run, details: Any) -> None:
    with pytest.raises(TypeError):
        run.fail(error_details=details)


def test_an_error_of_text_is_kept_as_it_is(run: Run) -> None:
    run.fail("out of memory", error_code="Memory")
    error = run.get_details()["error"]["error"]
    assert (error["code"], error["message"]) == ("Memory", "out of memory")


def test_without_a_code_it_is_the_users(run: Run) -> None:
    run.fail("out of memory")
    assert run.get_details()["error"]["error"]["code"] == "UserError"


def test_an_exception_is_kept_with_its_type_and_stack(run: Run) -> None:
    try:
        raise ValueError("no such layer")
    except ValueError as problem:
        run.fail(problem)
    error = run.get_details()["error"]["error"]
    assert "ValueError" in error["message"]
    assert "no such layer" in error["message"]
    assert error["debug_type"] == "ValueError"
    assert error["debug_message"] == "no such layer"
    assert "raise ValueError" in error["debug_stack_trace"]
    assert "details_uri" in error


# ---- 3.3 with


def test_a_block_that_ends_completes_the_run(exp: Experiment, here: Path) -> None:
    with exp.start_logging(snapshot_directory=None) as run:
        run.log("loss", 1)
        (here / "outputs" / "a.txt").write_text("a", encoding="utf-8")
    assert run.get_status() == "Completed"
    assert "outputs/a.txt" in run.get_file_names()


@pytest.mark.parametrize("problem", [ValueError("no"), KeyboardInterrupt(), SystemExit(1), SystemExit("no")])
def test_a_block_that_raises_fails_the_run_and_raises(exp: Experiment, problem: BaseException) -> None:
    with (
        pytest.raises(type(problem)) as raised,
        exp.start_logging(snapshot_directory=None) as run,
    ):
        raise problem
    assert raised.value is problem
    assert run.get_status() == "Failed"
    assert run.get_details()["error"]["error"]["debug_type"] == type(problem).__name__


@pytest.mark.parametrize("code", [0, None])
def test_a_block_that_exits_well_completes_the_run_and_exits(exp: Experiment, code: int | None) -> None:
    with pytest.raises(SystemExit), exp.start_logging(snapshot_directory=None) as run:
        sys.exit(code)
    assert run.get_status() == "Completed"


def test_a_child_in_a_block_completes_by_itself(run: Run) -> None:
    with run.child_run() as child:
        child.log("loss", 1)
    assert (child.get_status(), run.get_status()) == ("Completed", "Running")


def test_a_block_gives_the_directory_back(exp: Experiment, here: Path) -> None:
    (here / "elsewhere").mkdir()
    with exp.start_logging(snapshot_directory=None):
        os.chdir("elsewhere")
    assert Path.cwd() == here
    with pytest.raises(ValueError), exp.start_logging(snapshot_directory=None):
        os.chdir("elsewhere")
        raise ValueError
    assert Path.cwd() == here


def test_what_a_block_prints_is_kept_and_shown(exp: Experiment, capfd: pytest.CaptureFixture[str]) -> None:
    with exp.start_logging(snapshot_directory=None) as run:
        print("epoch 1")
        print("careful", file=sys.stderr)
        os.write(1, b"from C\n")
    texts = run.get_details_with_logs()["logFiles"]
    assert {"epoch 1", "careful", "from C"} <= set(texts["user_logs/std_log.txt"].splitlines())
    shown = capfd.readouterr()
    assert "epoch 1" in shown.out + shown.err


def test_the_streams_are_restored_even_on_errors_and_when_nested(exp: Experiment) -> None:
    before = (sys.stdout, sys.stderr)
    with pytest.raises(ValueError), exp.start_logging(snapshot_directory=None) as outer:
        with exp.start_logging(snapshot_directory=None) as inner:
            print("inside")
        print("between")
        raise ValueError
    assert (sys.stdout, sys.stderr) == before
    assert "inside" in inner.get_details_with_logs()["logFiles"]["user_logs/std_log.txt"]
    assert "between" in outer.get_details_with_logs()["logFiles"]["user_logs/std_log.txt"]


def test_logs_are_watched_in_a_block(exp: Experiment, here: Path) -> None:
    with exp.start_logging(snapshot_directory=None) as run:
        (here / "logs").mkdir(exist_ok=True)
        (here / "logs" / "events.txt").write_text("e", encoding="utf-8")
        (here / "logs" / ".hidden").write_text("h", encoding="utf-8")
    names = run.get_file_names()
    assert "logs/events.txt" in names
    assert "logs/.hidden" not in names


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
