"""Waiting ends when the run does, whoever ends it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import Any

import pytest

import runstore
from runstore.errors import RunFailed


def test_waiting_ends_with_the_run_and_gives_its_details(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging(run_id="r")
    found: list[dict[str, Any]] = []
    waiter = threading.Thread(target=lambda: found.append(ws.get_run("r").wait_for_completion()))
    waiter.start()
    run.complete()
    waiter.join()
    assert found == [run.get_details()]
    assert found[0]["status"] == "Completed"


def test_a_failed_run_raises_and_says_why(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    run.fail("no data")
    with pytest.raises(RunFailed, match="no data"):
        run.wait_for_completion()
    assert run.wait_for_completion(raise_on_error=False)["status"] == "Failed"


def test_a_canceled_run_does_not_raise(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging(run_id="r")
    ws.get_run("r").cancel()
    assert run.wait_for_completion()["status"] == "Canceled"
    run.complete()


def test_what_the_run_prints_is_shown_once(ws: runstore.Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    program = "import sys, time, runstore\nwith runstore.start_run('e', run_id='r', workspace=sys.argv[1]) as run:\n"
    program += "    print('first', flush=True); sys.stdin.readline(); print('second'); raise SystemExit('broke')"
    child = subprocess.Popen([sys.executable, "-c", program, str(ws.path)], stdin=subprocess.PIPE, text=True)
    while not ws.sql("select 1 from logs where text = 'first'").fetchall():
        time.sleep(0.01)
    waiter = threading.Thread(
        target=lambda: ws.get_run("r").wait_for_completion(show_output=True, raise_on_error=False)
    )
    waiter.start()
    child.communicate("go on\n")
    waiter.join()
    told = capsys.readouterr().out
    assert told.startswith(f"run r\n{ws.get_run('r').get_portal_url()}\n")
    assert "\nuser_logs/std_log.txt\n---------------------\nfirst\nsecond\n" in told
    assert "\nrun r: Failed\n" in told
    assert told.endswith("error: The run failed with SystemExit: broke\n")


def test_where_runstore_is_disabled_nothing_is_waited_for(ws: runstore.Workspace) -> None:
    ws.disabled = True
    run = ws.experiment("e").start_logging()
    run.tag("a", 1)
    run.note("n")
    run.display_name = "d"
    run.experiment.tag("a", 1)
    assert (run.tags, run.notes, run.parent, list(run.get_children()), run.number) == ({}, [], None, [], 0)
    assert [child.parent for child in run.create_children(2)] == [run, run]
    run.wait_for_completion()
    run.fail(ValueError("never mind"))


def test_how_a_run_is_prepared_is_shown_before_what_it_prints(
    ws: runstore.Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    run = ws.experiment("e").start_logging()
    for stream in (
        "azureml-logs/60_control_log.txt",
        "user_logs/std_log_process_0.txt",
        "user_logs/std_log_process_1.txt",
    ):
        run.attach_log(stream, f"{stream}\n".encode())
    run.attach_log("azureml-logs/20_image_build_log.txt", b"building\n")
    run.complete()
    run.wait_for_completion(show_output=True)
    told = capsys.readouterr().out
    assert told.index("building") < told.index("user_logs/std_log_process_0.txt")
    assert "control" not in told and "process_1" not in told
