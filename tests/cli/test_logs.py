"""What a run printed and said, shown."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace

import pytest

import runstore
from runstore.cli import logs
from tests.cli import scenes
from tests.cli.conftest import Call


@pytest.fixture
def spoken(ws: runstore.Workspace) -> runstore.Run:
    """A run that ended, with three printed lines and three log records of its own."""
    with runstore.start_run("mnist", workspace=ws) as run:
        print("epoch 1\x1b[2J")
        print("10%\r50%\r100%\nlast")
    run = runstore.start_run("mnist", run_id=run.id, workspace=ws)
    side = run._live().side()
    side.log("python", "train", "INFO", "calm")
    side.log("python", "train", "WARNING", "slow")
    side.log("python", "train", "ERROR", "bad", "Traceback\nValueError")
    run.complete()
    return run


def test_where_there_is_nothing_it_says_so_kindly(ws: runstore.Workspace, call: Call) -> None:
    run_id = scenes.finished(ws)
    done = call("logs", run_id[:6])
    assert (done.exit_code, done.stdout) == (0, "")
    assert f"run {run_id[:8]} has no logs" in done.stderr
    assert json.loads(call("logs", run_id, "--json").stdout) == []


def test_following_ends_when_the_run_has_ended(ws: runstore.Workspace, call: Call) -> None:
    run_id = scenes.finished(ws)
    assert call("logs", run_id, "-f").exit_code == 0


def test_printed_lines_are_shown_harmless_and_without_what_was_overwritten(spoken: runstore.Run, call: Call) -> None:
    assert call("logs", spoken.id).stdout.splitlines() == ["epoch 1\\x1b[2J", "100%", "last"]
    assert call("logs", spoken.id, "-n", 1).stdout.splitlines() == ["last"]


def test_records_are_shown_with_their_exceptions_where_they_are_asked_for(spoken: runstore.Run, call: Call) -> None:
    shown = ["calm", "slow", "bad", "Traceback", "ValueError"]
    assert call("logs", "--stream", "python").stdout.splitlines() == shown
    assert call("logs", "--level", "warning").stdout.splitlines() == shown[1:]


def test_records_are_shown_unasked_where_nothing_was_printed(ws: runstore.Workspace, call: Call) -> None:
    run = runstore.start_run("mnist", workspace=ws)
    logger = logging.Logger("train")
    logger.addHandler(runstore.LogHandler(run))
    logger.info("calm")
    run.complete()
    assert call("logs", run.id).stdout.splitlines() == ["calm"]


def test_a_level_leaves_out_what_is_below_it_and_what_has_none(spoken: runstore.Run, call: Call) -> None:
    told = json.loads(call("logs", spoken.id, "--level", "error", "--json").stdout)
    assert [line["text"] for line in told] == ["bad"]
    assert told[0]["exception"] == "Traceback\nValueError"


def test_a_stream_that_is_not_there_is_named(spoken: runstore.Run, call: Call) -> None:
    assert "no stream 'other'" in call("logs", "--stream", "other").stderr


def test_time_stamps_stand_before_the_lines(spoken: runstore.Run, call: Call) -> None:
    (line,) = call("logs", "-t", "-n", 1).stdout.splitlines()
    assert line[4] == line[7] == "-" and line.endswith(" last")


def test_following_shows_each_line_once(ws: runstore.Workspace, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runstore.start_run("mnist", workspace=ws)
    run._live().side().log("python", "train", "INFO", "first")

    def later() -> None:
        run._live().side().log("python", "train", "INFO", "second")

    waits = iter([later, lambda: None, run.complete])
    monkeypatch.setattr(logs, "time", SimpleNamespace(sleep=lambda seconds: next(waits)()))
    done = call("logs", run.id, "-f", "--json")
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["first", "second"]


def test_lines_of_several_processes_begin_with_the_number_of_theirs(ws: runstore.Workspace, call: Call) -> None:
    run = runstore.start_run("mnist", workspace=ws)
    for rank in (0, 11):
        run.attach_log(f"user_logs/std_log_process_{rank}.txt", b"epoch 1\n")
    run.complete()
    assert sorted(call("logs", run.id).stdout.splitlines()) == ["[0] epoch 1", "[11] epoch 1"]
    assert call("logs", run.id, "--stream", "user_logs/std_log_process_11.txt").stdout == "epoch 1\n"


def test_how_the_environment_was_built_is_shown_where_nothing_was_printed(ws: runstore.Workspace, call: Call) -> None:
    run = runstore.start_run("mnist", workspace=ws)
    run.attach_log(logs.BUILT, b"Collecting numpy\n")
    run.attach_log(logs.CONTROL, b"started\n")
    assert call("logs", run.id).stdout == "Collecting numpy\n"
    run.attach_log("user_logs/std_log.txt", b"epoch 1\n")
    run.complete()
    assert call("logs", run.id).stdout == call("logs", run.id, "-f").stdout == "epoch 1\n"
    assert call("logs", run.id, "--stream", logs.CONTROL).stdout == "started\n"


def test_colours_are_shown_where_stdout_takes_them_and_left_out_elsewhere(
    ws: runstore.Workspace, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    with runstore.start_run("mnist", workspace=ws) as run:
        print("all \x1b[1;31mred\x1b[2K")
    assert call("logs", run.id).stdout == "all red\\x1b[2K\n"
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert logs._printed("all \x1b[1;31mred\x1b[2K") == "all \x1b[1;31mred\\x1b[2K\x1b[0m"
    assert logs._printed("plain") == "plain"
