"""A log is told in parts of whole lines; put together they are the log."""

from __future__ import annotations

from typing import Any

import pytest

import runstore
from runstore.errors import StoreError
from runstore.view.feed import logs
from tests.query.test_consoles import STD, write

TEXT = "one\nzwölf\n€uro and more\nlast without end"


@pytest.fixture
def run(ws: runstore.Workspace) -> runstore.Run:
    run = runstore.start_run("e", workspace=ws)
    write(run, TEXT.encode())
    return run


def walked(ws: runstore.Workspace, run: runstore.Run, limit: int) -> str:
    text, at = "", 0
    while (part := logs.log(ws, run.id, STD, at, limit))["next"] > at:
        assert part["offset"] == at
        text, at = text + part["text"], part["next"]
    return text


@pytest.mark.parametrize("limit", [4, 5, 7, 12, 1000])
def test_parts_put_together_are_the_log(ws: runstore.Workspace, run: runstore.Run, limit: int) -> None:
    run.complete()
    assert walked(ws, run, limit) == TEXT


def test_a_line_that_is_not_ended_is_waited_for(ws: runstore.Workspace, run: runstore.Run, as_sent: Any) -> None:
    part = as_sent(logs.log(ws, run.id, STD))
    assert (part["text"], part["ended"]) == (TEXT[: TEXT.rfind("\n") + 1], False)
    run.complete()
    rest = logs.log(ws, run.id, STD, part["next"])
    assert (rest["text"], rest["ended"], rest["next"]) == ("last without end", True, len(TEXT.encode()))


def test_the_end_of_a_log_begins_with_a_whole_line(ws: runstore.Workspace, run: runstore.Run) -> None:
    run.complete()
    part = logs.log(ws, run.id, STD, -25)
    assert part["text"] == "last without end"
    assert logs.log(ws, run.id, STD, -10_000)["text"] == TEXT


def test_logs_are_listed_with_their_sizes(ws: runstore.Workspace, run: runstore.Run) -> None:
    assert logs.logs(ws, run.id) == {"logs": [{"name": STD, "size": len(TEXT.encode())}], "ended": False}
    run.complete()
    assert logs.logs(ws, run.id)["ended"] is True


def test_what_is_no_log_is_refused(ws: runstore.Workspace, run: runstore.Run) -> None:
    with pytest.raises(StoreError, match="no log"):
        logs.log(ws, run.id, "../../workspace.json")


def test_a_part_says_when_its_lines_were_there(ws: runstore.Workspace, run: runstore.Run, as_sent: Any) -> None:
    first = len(b"one\n")
    for size in (first, first + 2, len(TEXT.encode())):
        run._live().side().mark(STD, size)
    run.complete()
    times = ws.sql("SELECT epoch_us(time) FROM logs WHERE stream = ? ORDER BY line", [STD]).fetchall()
    whole = as_sent(logs.log(ws, run.id, STD))
    assert whole["times"] == [[1, times[0][0]], [4, times[3][0]]]
    assert logs.log(ws, run.id, STD, 0, first)["times"] == [[1, times[0][0]]]
    assert logs.log(ws, run.id, STD, first, 20)["times"] == [[1, times[1][0]]]


def test_lines_that_no_mark_follows_have_the_time_of_the_file(ws: runstore.Workspace, run: runstore.Run) -> None:
    times = ws.sql("SELECT DISTINCT epoch_us(time) FROM logs WHERE stream = ?", [STD]).fetchall()
    assert logs.log(ws, run.id, STD)["times"] == [[3, times[0][0]]]
