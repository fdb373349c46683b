"""A launcher's own logs are streams of its run."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest

import runstore
from runstore.launch import logs
from runstore.launch.logs import Logs
from runstore.runs.logfile import LogFile


@pytest.fixture
def run(workspace: Path) -> runstore.Run:
    return runstore.start_run("exp", workspace=workspace)


def test_what_the_launcher_does_is_a_log_with_times(run: runstore.Run) -> None:
    kept = Logs(run)
    kept.say("begun")
    kept.say("ended")
    kept.settle()
    lines = run.read_file(logs.CONTROL).decode().splitlines()
    assert [re.sub(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ", "", line) for line in lines] == ["begun", "ended"]


def test_how_an_environment_is_made_is_another(run: runstore.Run) -> None:
    kept = Logs(run)
    kept.prepare("Collecting numpy")
    kept.settle()
    assert run.read_file(logs.PREPARATION) == b"Collecting numpy\n"


def test_what_others_write_into_a_stream_counts(run: runstore.Run) -> None:
    kept = Logs(run)
    os.write(kept.stream("user_logs/std_log.txt").fd, b"printed\n")
    kept.tick()
    kept.settle()
    assert run.read_file("user_logs/std_log.txt") == b"printed\n"
    run.complete()
    assert run._folded().damaged == []


def test_the_end_of_a_stream_is_at_hand(run: runstore.Run) -> None:
    kept = Logs(run)
    os.write(kept.stream("user_logs/std_log.txt").fd, b"0123456789")
    assert kept.tail("user_logs/std_log.txt", 4) == b"6789"
    assert kept.tail("user_logs/std_log.txt", 400) == b"0123456789"


def test_a_disk_that_refuses_stops_nothing(run: runstore.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: LogFile, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(LogFile, "write", refuse)
    kept = Logs(run)
    kept.say("begun")
    kept.settle()
