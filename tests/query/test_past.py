"""As of a time: what it means in UTC, by whose clock, and what is read for it."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

import runstore
from runstore.errors import UsageError
from runstore.format import names
from runstore.query import compaction, history, listing, past
from runstore.query.past import until
from runstore.runs import tombstones
from tests.query.clocks import Clock
from tests.query.clocks import clock as clock

SECOND = 1_000_000_000


def ask(ws: runstore.Workspace, query: str, moment: Any) -> list[tuple[Any, ...]]:
    return ws.sql(query, as_of=moment).fetchall()


@pytest.mark.parametrize(
    "given",
    [
        "2026-03-01T12:00", "2026-03-01 12:00:00", "2026-03-01T12:00Z", "2026-03-01T13:00+01:00",
        datetime(2026, 3, 1, 12),  # noqa: DTZ001
        datetime(2026, 3, 1, 12, tzinfo=UTC),
        datetime(2026, 3, 1, 7, tzinfo=timezone(timedelta(hours=-5))),
    ],
)  # fmt: skip
def test_a_time_is_utc_where_it_has_no_zone(given: datetime | str) -> None:
    assert until(given) == 1_772_366_400 * SECOND + 999


def test_a_day_is_its_first_moment_and_nothing_is_now() -> None:
    assert until("2026-03-01") == 1_772_323_200 * SECOND + 999
    assert until(None) is None


@pytest.mark.parametrize("given", ["yesterday", "", 12, "2026-13-01", datetime])
def test_what_is_no_time_is_refused(ws: runstore.Workspace, given: Any) -> None:
    with pytest.raises(UsageError, match="is no time"):
        ws.sql("select 1", as_of=given)
    with pytest.raises(UsageError, match="is no time"):
        ws.runs(as_of=given)


def test_what_was_recorded_in_the_very_microsecond_counts(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging() as run:
        run.log("loss", 1.0)
    ((started, logged),) = ws.sql("select r.started, m.time from runs r join metrics m using (run_id)").fetchall()
    assert ask(ws, "select count(*) from runs", started) == [(1,)]
    assert ask(ws, "select count(*) from runs", started - timedelta(microseconds=1)) == [(0,)]
    assert ask(ws, "select count(*) from metrics", logged) == [(1,)]
    assert ask(ws, "select count(*) from metrics", logged - timedelta(microseconds=1)) == [(0,)]


def test_as_of_a_time_to_come_is_now(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging() as run:
        run.log("loss", 1.0)
    query = "select *, last.loss from runs"
    assert ask(ws, query, "2100-01-01") == ws.sql(query).fetchall()


def test_a_run_that_goes_on_has_the_points_it_had(ws: runstore.Workspace, clock: Clock) -> None:
    run, told = ws.experiment("e").start_logging(), []
    for number in range(4):
        clock.step()
        run.log({"loss": float(number), "acc": 0.5})
        run.log_row("t", x=1)
        told.append((clock.moment(), number))
    for moment, number in told:
        found = ask(ws, "select status, points, last.loss, ended from runs", moment)
        assert found == [("Running", 3 * (number + 1), float(number), None)]


def test_what_a_clock_ahead_has_stamped_counts_when_that_time_has_come(ws: runstore.Workspace, clock: Clock) -> None:
    clock.ahead = 3600 * SECOND
    fast = ws.experiment("e").start_logging(run_id="fast")
    fast.log("loss", 1.0, step=0)
    clock.ahead = 0
    clock.step()
    slow = ws.experiment("e").start_logging(run_id="slow")
    slow.log("loss", 2.0, step=0)
    now = clock.moment()
    fast.complete()
    slow.complete()
    compaction.compact(ws.path, grace=0)
    assert ask(ws, "select run_id from runs", now) == [("slow",)]
    later = now + timedelta(hours=1)
    assert ask(ws, "select run_id, status from runs order by 1", later) == [
        ("fast", "Completed"),
        ("slow", "Completed"),
    ]


def test_a_run_resumed_with_its_clock_set_back_is_told_by_both_clocks(ws: runstore.Workspace, clock: Clock) -> None:
    clock.ahead = 3600 * SECOND
    with ws.experiment("e").start_logging(run_id="r") as first:
        first.log("loss", 1.0, step=0)
    clock.ahead = 0
    clock.step()
    with ws.experiment("e").start_logging(run_id="r") as again:
        again.log("loss", 2.0, step=1)
    compaction.compact(ws.path, grace=0)
    query = "select attempts, points, last.loss from runs"
    assert ask(ws, query, clock.moment()) == [(1, 1, 2.0)]
    assert ask(ws, "select step, value, attempt from metrics", clock.moment()) == [(1, 2.0, 2)]
    assert ask(ws, query, clock.moment() + timedelta(hours=1)) == [(2, 2, 2.0)]


def test_a_point_with_a_time_of_its_own_counts_by_that(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging() as run:
        run.log_batch("loss", [1.0, 2.0], times=[datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)])
    compaction.compact(ws.path, grace=0)
    ended = ws.sql("select ended from runs").fetchall()[0][0]
    assert ask(ws, "select points, last.loss from runs", ended) == [(2, 1.0)]
    assert ask(ws, "select count, last, max from metric_summary", ended) == [(1, 1.0, 1.0)]
    assert ask(ws, "select last.loss from runs", "2100-01-01") == [(2.0,)]


def test_a_run_that_was_deleted_later_is_there_and_a_restored_one_is_not_while_it_was_gone(
    ws: runstore.Workspace, clock: Clock
) -> None:
    ws.experiment("e").start_logging(run_id="r").complete()
    before = clock.moment()
    clock.step()
    ws.delete("r")
    gone = clock.moment()
    clock.step()
    ws.restore("r")
    assert ask(ws, "select run_id from runs", before) == [("r",)]
    assert ask(ws, "select run_id from runs", gone) == []


def test_a_vanished_run_was_running_while_it_gave_signs_of_life(ws: runstore.Workspace, clock: Clock) -> None:
    run = ws.experiment("e").start_logging()
    clock.step()
    run.log("loss", 1.0)
    alive = clock.moment()
    clock.step()
    run.log("loss", 2.0)
    clock.die(run)
    dead = clock.moment()
    run.flush()
    query = "select status, error, points, last.loss from runs"
    for _ in range(2):  # the second time without its lock and its journals
        assert ask(ws, query, alive) == [("Running", None, 1, 1.0)]
        assert ask(ws, query, dead) == [("Failed", "vanished", 2, 2.0)]
        compaction.compact(ws.path, grace=0)


def test_a_printed_line_counts_by_the_time_that_the_view_gives_it(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging() as run, run.capture():
        print("first", flush=True)
    ((line,),) = ws.sql("select time from logs").fetchall()
    assert ask(ws, "select text from logs", line) == [("first",)]
    assert ask(ws, "select text from logs", line - timedelta(microseconds=1)) == []


def test_the_list_of_runs_is_filtered_and_sorted_as_of_then(ws: runstore.Workspace, clock: Clock) -> None:
    for number in range(3):
        run = ws.experiment("e").start_logging(run_id=str(number))
        clock.step()
        run.log("loss", float(number))
        moment = clock.moment()
        clock.step()
        run.log("loss", 10.0 - number)
        run.complete()
    found = ws.runs("loss > 1", "loss", ["run_id", "loss", "status"], as_of=moment).fetchall()
    assert found == [("2", 2.0, "Running"), ("1", 9.0, "Completed"), ("0", 10.0, "Completed")]


def test_a_run_none_of_whose_facts_can_be_read_is_not_told_of_then(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging(run_id="r")
    run.log("loss", 1.0)
    run.complete()
    compaction.compact(ws.path, grace=0)
    for path in (ws.path / names.run_dir("r")).glob("*.jsonl"):
        path.unlink()
    listing._remembered.clear()
    with warnings.catch_warnings(record=True, action="always") as said:
        assert ask(ws, "select * from runs", "2100-01-01") == []
    assert any("no facts of this run can be read" in str(one.message) for one in said)


def test_finished_runs_are_folded_once_for_any_number_of_questions(
    ws: runstore.Workspace, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        clock.step()
        with ws.experiment("e").start_logging(run_id=str(number)) as run:
            run.log("loss", 1.0)
    compaction.compact(ws.path, grace=0)
    monkeypatch.setattr(listing, "SETTLED_SECONDS", -10.0)
    assert all(past.whole(run, until(clock.moment()) or 0) for run in listing.runs(ws.path))
    monkeypatch.setattr("runstore.runs.state.fold", None)
    query = "select run_id, last.loss from runs"
    assert len(history.ask(ws.path, query, until=until(clock.moment())).fetchall()) == 3


def test_a_run_that_was_removed_since_is_named_and_not_made_up(ws: runstore.Workspace, clock: Clock) -> None:
    for number in range(2):
        ws.experiment("de"[number]).start_logging(run_id=f"r{number}").complete()
    before = clock.moment()
    clock.step()
    ws.delete("r0")
    deleted = clock.moment()
    (gone,) = [run for run in listing.every(ws.path) if run.run_id == "r0"]
    tombstones.publish(gone)  # its files lie there still: it is being removed
    with pytest.warns(UserWarning, match="run r0 was there then and has been removed since"):
        assert ask(ws, "select run_id from runs", before) == [("r1",)]
    assert ask(ws, "select run_id from runs where experiment = 'e'", before) == [("r1",)]
    assert ask(ws, "select run_id from runs", deleted) == [("r1",)]
    with pytest.warns(UserWarning, match="r0"):
        assert ask(ws, "select * from metrics where run_id = 'r0'", before) == []
