"""What only points and raw logs tell of an earlier time."""

from __future__ import annotations

import runstore
from runstore.query import listing, past, recount, sealing
from tests.query.clocks import Clock
from tests.query.clocks import clock as clock


def test_points_and_rows_by_then_are_counted_of_runs_that_went_on(ws: runstore.Workspace, clock: Clock) -> None:
    done = ws.experiment("e").start_logging(run_id="done")
    done.log("loss", 1.0)
    done.complete()
    one = ws.experiment("e").start_logging(run_id="on")
    other = ws.experiment("e").start_logging(run_id="on")
    one.log({"a": 1, "b": 2})
    other.log_row("t", x=1)
    until = past.until(clock.moment()) or 0
    clock.step()
    one.log("a", 2.0)
    one.flush()
    assert recount.points(listing.runs(ws.path, until), until) == {"on": 3}
    sealing.seal(ws.path, one.path)
    assert recount.points(listing.runs(ws.path, until), until) == {"on": 3}


def test_whoever_ended_by_then_is_counted_without_a_look_at_points(ws: runstore.Workspace, clock: Clock) -> None:
    run = ws.experiment("e").start_logging(run_id="r")
    run.log("loss", 1.0)
    run.complete()
    until = past.until(clock.moment()) or 0
    clock.step()
    ws.get_run("r").tag("seen", "yes")
    (found,) = listing.runs(ws.path, until)
    for path in run.path.glob("p-*"):
        path.unlink()
    assert found.partial
    assert recount.points([found], until) == {"r": 1}


def test_the_last_sign_of_a_writer_is_the_newest_of_all_that_it_logged(ws: runstore.Workspace, clock: Clock) -> None:
    run = ws.experiment("e").start_logging(run_id="r")
    other = ws.experiment("e").start_logging(run_id="r")
    writer = run._writer.identity.writer
    (state,) = listing.runs(ws.path)
    assert recount.last_logged(state, writer) == 0
    for log in (lambda: run.log("loss", 1.0), lambda: run.log_row("t", x=1),
                lambda: run._live().side().system({"cpu.percent": 1.0})):  # fmt: skip
        clock.step()
        log()
        clock.step()
        other.log("loss", 1.0)
        (state,) = listing.runs(ws.path)
        assert clock.now - 2_000_000 < recount.last_logged(state, writer) < clock.now


def test_what_is_told_of_raw_logs_by_now_stands_in_a_run_as_of_then(ws: runstore.Workspace, clock: Clock) -> None:
    run = ws.experiment("e").start_logging(run_id="r")
    until = past.until(clock.moment()) or 0
    clock.step()
    with run.capture():
        print("x")
    run.complete()
    (found,) = listing.runs(ws.path, until)
    assert [part.streams for part in found.writers] == [{}]
    assert [len(part.streams) for part in recount.streams(found).writers] == [1]
