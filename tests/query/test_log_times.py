"""A log's time marks say how many bytes there were when."""

from __future__ import annotations

import pytest

import runstore
from runstore.query import consoles, listing, log_times, sealing
from tests.query.test_consoles import STD, write


@pytest.mark.parametrize("sealed", [False, True])
def test_marks_come_in_order_with_their_times(ws: runstore.Workspace, sealed: bool) -> None:
    run = runstore.start_run("x", workspace=ws)
    write(run, b"one\ntwo\n")
    side = run._live().side()
    for size in (4, 8):
        side.mark(STD, size)
    side.mark("another.txt", 2)
    run.complete()
    if sealed:
        sealing.seal(ws.path, run.path)
    (state,) = listing.some(ws.path, [run.id])
    found = log_times.marks(state, consoles.files(state)[STD])
    assert [size for size, _ in dict(found).items()] == [4, 8]
    assert [time for _, time in found] == sorted(time for _, time in found)
    lines = ws.sql("SELECT epoch_us(time) FROM logs WHERE stream = ? ORDER BY line", [STD]).fetchall()
    assert [time for (time,) in lines[:2]] == [time for _, time in found[:2]]


def test_a_log_without_marks_has_the_time_of_its_file(ws: runstore.Workspace) -> None:
    run = runstore.start_run("x", workspace=ws)
    write(run, b"one\n")
    (state,) = listing.some(ws.path, [run.id])
    log = consoles.files(state)[STD]
    assert log_times.marks(state, log) == [(4, consoles.written(log.raw))]
