"""The log of a sweep's controller."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import runstore
from runstore.launch.sweep.log import STREAM, Log
from runstore.runs import logfile
from tests.launch.sweep.scenes import parent, sweep


def test_every_record_is_a_line_in_brackets(workspace: Path) -> None:
    run = parent(workspace, sweep())
    say = Log(run)
    say("API", "begun")
    say("SCHEDULER", "two\nlines", "ERROR")
    say.close()
    run.complete()
    text = run.read_file(STREAM).decode()
    time = r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\]"
    assert re.fullmatch(rf"{time}\[API\]\[INFO\]begun\n{time}\[SCHEDULER\]\[ERROR\]two lines\n", text)
    assert STREAM in run.get_details()["logFiles"]


def test_the_next_attempt_goes_on_with_the_log(workspace: Path) -> None:
    run = parent(workspace, sweep())
    Log(run)("API", "first")
    run.complete()
    again = runstore.start_run("e", run_id=run.id, workspace=workspace)
    say = Log(again)
    say("API", "second")
    say.close()
    again.complete()
    rows = again.experiment.workspace.sql("select text from logs where stream = ? order by attempt, line", [STREAM])
    assert [text.partition("[INFO]")[2] for (text,) in rows.fetchall()] == ["first", "second"]


def test_a_disk_that_refuses_stops_no_sweep(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    run = parent(workspace, sweep())
    monkeypatch.setattr(logfile.LogFile, "write", refuse)
    say = Log(run)
    say("API", "begun")
    say.close()
    monkeypatch.setattr(logfile, "opened", refuse)
    Log(run)("API", "begun")
