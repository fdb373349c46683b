"""Leaving a journal because somebody asks for it: as at the size where one is left, and nothing is lost by it."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from runstore.runs import stream
from tests.disk.faulty import Disk
from tests.runs.streams import REFUSALS, Bench, log_some

pytestmark = pytest.mark.usefixtures("small")


def test_what_was_logged_is_in_a_journal_that_is_closed_and_logging_goes_on(bench: Bench) -> None:
    for turn in range(3):
        log_some(bench, 10, first=10 * turn)
        assert bench.stream.turn()
        assert bench.stream.left.finish()
    assert [(detached.first, detached.end) for detached, _ in bench.closed] == [(0, 10), (10, 20), (20, 30)]
    assert [one.closed for one in bench.journals()] == [True, True, True, False]
    log_some(bench, 10, first=30)
    assert bench.end() == 40
    assert bench.steps() == list(range(40))


def test_where_nothing_was_logged_since_nothing_is_begun(bench: Bench) -> None:
    assert bench.stream.turn()
    assert bench.journals() == []
    log_some(bench, 10)
    for _ in range(3):
        assert bench.stream.turn()
    assert bench.stream.number == 1
    assert bench.stream.sync()
    assert bench.stream.turn()
    assert bench.stream.number == 1
    bench.end()


def test_lines_of_many_points_are_counted_point_by_point(bench: Bench) -> None:
    bench.log({"a": 1.0, "b": 2.0, "c": 3.0}, step=0)
    bench.points.series("a", [1.0, 2.0], 1)
    assert bench.stream.turn()
    bench.log("a", 1.0, step=2)
    assert bench.end() == 6
    assert bench.steps() == [0, 0, 0, 1, 1, 2]


@pytest.mark.parametrize("code", REFUSALS)
def test_no_room_or_descriptor_for_the_next_journal_means_going_on_in_this_one(
    bench: Bench, disk: Disk, code: int
) -> None:
    kept = log_some(bench, 10)
    disk.refuse(code, "create")
    assert not bench.stream.turn()
    kept += log_some(bench, 10, first=10)
    assert (bench.stream.number, bench.stream.faults.dropped) == (0, 0)
    disk.heal()
    assert bench.stream.turn()
    kept += log_some(bench, 10, first=20)
    assert bench.stream.number == 1
    assert bench.end() == 30
    assert bench.steps() == kept == list(range(30))


def test_while_the_disk_refuses_points_it_is_not_asked_for_a_journal_too(bench: Bench, disk: Disk) -> None:
    disk.refuse(errno.ENOSPC, "create")
    log_some(bench, 1)
    made = disk.made["create"]
    assert not bench.stream.turn()
    assert disk.made["create"] == made
    disk.heal()
    kept = log_some(bench, 10, first=1)
    assert bench.stream.turn()
    assert bench.end() == 10
    assert bench.steps() == kept


def test_a_journal_that_can_not_be_read_back_is_not_left_now(bench: Bench, disk: Disk) -> None:
    log_some(bench, 10)
    disk.refuse(errno.EIO, "read_at")
    assert not bench.stream.turn()
    disk.heal()
    assert bench.stream.turn()
    assert bench.end() == 10
    assert bench.steps() == list(range(10))


def test_many_journals_that_can_not_be_closed_are_not_made_more(
    bench: Bench, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "UNFINISHED", 3)
    turned = 0
    for turn in range(6):
        log_some(bench, 10, first=10 * turn)
        turned += bench.stream.turn()
    assert turned == 3
    assert bench.end() == 60
    assert bench.steps() == list(range(60))


def test_while_its_thread_is_in_the_midst_of_a_point_it_is_tried_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runstore.runs.hot.STUCK", 0.0)
    log_some(bench, 10)
    with bench.stream.hot.get().lock:
        assert not bench.stream.turn()
    assert bench.stream.turn()
    bench.end()


def test_after_a_signal_handler_raised_in_the_midst_of_something_it_is_tried_again(bench: Bench) -> None:
    log_some(bench, 10)
    bench.stream._shake()
    assert not bench.stream.turn()
    assert bench.stream.sync()
    assert bench.stream.turn()
    log_some(bench, 5, first=10)
    assert bench.end() == 15
    assert bench.steps() == list(range(15))


def test_the_clock_that_was_set_on_stays_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path, mapped=False)
    log_some(bench, 1)
    bench.stream.set_offset(10**18)
    assert bench.stream.turn()
    log_some(bench, 1, first=1)
    bench.end()
    assert [item[3] > 10**18 for item in bench.items()] == [False, True]
