"""The end of what a run printed, however much that was."""

from __future__ import annotations

import logging

import runstore
from runstore.view.terminal import tail

PRINTED = "user_logs/std_log.txt"


def test_the_last_lines_are_shown_without_colours(ws: runstore.Workspace) -> None:
    with runstore.start_run("mnist", workspace=ws) as run:
        run.attach_log(PRINTED, b"one\n\x1b[31mtwo\x1b[0m\nthree\x1b[2J\n")
        assert tail.read(ws, run.id, 2) == ("two", "three\\x1b[2J")
    assert tail.read(ws, run.id, 9) == ("one", "two", "three\\x1b[2J")


def test_of_a_progress_bar_the_last_state_is_the_line(ws: runstore.Workspace) -> None:
    with runstore.start_run("mnist", workspace=ws) as run:
        run.attach_log(PRINTED, b"10 %\r50 %\r100 %\ndone")
    assert tail.read(ws, run.id, 9) == ("100 %", "done")


def test_a_long_log_is_read_from_its_end_and_begins_with_a_whole_line(ws: runstore.Workspace) -> None:
    with runstore.start_run("mnist", workspace=ws) as run:
        run.attach_log(PRINTED, b"".join(b"line %d\n" % number for number in range(200_000)))
    lines = tail.read(ws, run.id, 10**6)
    assert lines[-1] == "line 199999"
    assert len(lines) < 7000
    assert all(line.startswith("line ") for line in lines)


def test_a_run_that_printed_nothing_shows_its_log_records(ws: runstore.Workspace) -> None:
    run = runstore.start_run("mnist", workspace=ws)
    logger = logging.Logger("train")
    logger.addHandler(runstore.LogHandler(run))
    logger.info("calm")
    logger.warning("careful")
    run.complete()
    assert tail.read(ws, run.id, 9) == ("INFO calm", "WARNING careful")
    assert tail.read(ws, run.id, 1) == ("WARNING careful",)


def test_a_run_without_any_logs_has_none(ws: runstore.Workspace) -> None:
    run = runstore.start_run("mnist", workspace=ws)
    assert tail.read(ws, run.id, 9) == ()
    run.complete()
