"""Waiting ends when the run does, whoever ends it."""

from __future__ import annotations

import threading
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
