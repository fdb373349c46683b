"""Section 3: how runs begin and end, ``with`` blocks, and the run of this process."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from runstore.azureml.core import Experiment, Run
from runstore.azureml.exceptions import SnapshotException, UserErrorException

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


def test_but_takes_watched_files_in(exp: Experiment, here: Path) -> None:
    run = exp.start_logging(snapshot_directory=None)
    (here / "outputs" / "a.txt").write_text("a", encoding="utf-8")
    run.complete(_set_status=False)
    assert run.get_file_names() == ["outputs/a.txt"]


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


# ---- 3.2 a status is final


def test_ending_a_run_again_changes_nothing(exp: Experiment) -> None:
    run = exp.start_logging(snapshot_directory=None)
    try:
        run.fail("lost")
    finally:
        run.complete()
    run.cancel()
    run.flush()
    assert (run.get_status(), run.get_details()["error"]["error"]["message"]) == ("Failed", "lost")


def test_a_run_named_by_its_id_takes_values_while_it_goes_on(exp: Experiment, run: Run) -> None:
    run.log("a", 1)
    named = Run(exp, run.id)
    named.log("a", 2)
    named.flush()
    assert (run.get_metrics(), run.get_status()) == ({"a": [1, 2]}, "Running")
    named.complete()
    assert run.get_status() == "Completed"
    with pytest.raises(UserErrorException):
        named.log("a", 3)
