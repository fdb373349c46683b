"""A failed fsync is final for its file: what it held goes to another journal while it can still be read."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from threading import Lock

import pytest

from runstore.disk import append
from runstore.runs import stream
from tests.disk.faulty import Disk
from tests.runs.streams import Bench, log_some

pytestmark = pytest.mark.usefixtures("small")


def test_after_a_failed_fsync_the_unsynced_range_is_in_the_next_journal(bench: Bench, disk: Disk) -> None:
    log_some(bench, 10)
    assert bench.stream.sync()
    log_some(bench, 10, first=10)
    bench.log({"a": 1.0, "b": 2.0}, step=20)
    bench.points.series("a", [1.0, 2.0, 3.0], 20)
    disk.refuse(errno.EIO, "sync", times=1)
    assert bench.stream.sync()
    log_some(bench, 10, first=21)
    assert bench.end() == 35
    first, second = bench.journals()
    assert (first.first, first.next, first.closed) == (0, 25, False)
    assert (second.first, second.next, second.closed) == (10, 35, True)
    assert second.header["number"] == 1
    assert len(bench.items()) == 35


def test_a_second_failed_fsync_is_rescued_again_after_a_while(bench: Bench, disk: Disk) -> None:
    log_some(bench, 10)
    disk.refuse(errno.EIO, "sync", times=2)
    assert not bench.stream.sync()
    log_some(bench, 10, first=10)
    bench.retry_now()
    assert bench.stream.sync()
    assert bench.stream.number == 2
    assert bench.end() == 20
    assert bench.steps() == list(range(20))


@pytest.mark.parametrize("calls", [("create",), ("allocate", "write"), ("read_at",)])
def test_a_rescue_that_fails_loses_nothing_and_is_tried_again(bench: Bench, disk: Disk, calls: tuple[str, ...]) -> None:
    log_some(bench, 10)
    disk.refuse(errno.EIO, "sync", times=1)
    if calls == ("read_at",):
        disk.refuse(errno.EIO, "read_at", after=1)
    else:
        disk.refuse(errno.ENOSPC, *calls)
    assert not bench.stream.sync()
    disk.heal("create", "allocate", "write", "read_at")
    kept = log_some(bench, 10, first=10)
    assert kept == list(range(10, 20))
    bench.retry_now()
    assert bench.stream.sync()
    assert bench.end() == 20
    assert bench.steps() == list(range(20))


def test_a_rescue_that_gets_half_way_loses_nothing_and_is_tried_again(bench: Bench, disk: Disk) -> None:
    for step in range(3):
        bench.log("text", "x" * (append.FIRST_WINDOW // 2), step=step)
    disk.refuse(errno.EIO, "sync", times=1)
    disk.refuse(errno.ENOSPC, "allocate", "write", after=1, times=2)
    bench.stream.sync()
    disk.heal("allocate", "write")
    bench.retry_now()
    assert bench.stream.sync()
    log_some(bench, 10, first=3)
    assert bench.end() == 13
    assert bench.steps() == list(range(13))


def test_a_failed_fsync_is_never_believed_the_second_time(bench: Bench, disk: Disk) -> None:
    log_some(bench, 10)
    disk.refuse(errno.EIO, "sync", times=1)
    disk.refuse(errno.EMFILE, "create")
    assert not bench.stream.sync()
    assert not bench.stream.sync()
    disk.heal("create")
    bench.retry_now()
    assert bench.stream.sync()
    assert bench.stream.number == 1


def test_a_piece_of_a_checking_line_in_a_failed_file_spoils_nothing(tmp_path: Path, disk: Disk) -> None:
    bench = Bench(tmp_path, mapped=False)
    log_some(bench, 10)
    disk.refuse(errno.EIO, "sync", times=1)
    disk.refuse(errno.EMFILE, "create")
    assert not bench.stream.sync()
    log_some(bench, 10, first=10)
    for _ in range(2):
        disk.take_part(errno.ENOSPC)
        assert not bench.stream.sync()
    disk.heal("write")
    log_some(bench, 10, first=20)
    assert not bench.stream.sync()
    disk.heal()
    bench.retry_now()
    assert bench.stream.sync()
    assert bench.end() == 30
    assert bench.steps() == list(range(30))


def test_a_short_read_does_not_cost_the_rescue_a_point(
    bench: Bench, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_some(bench, 500)
    assert bench.stream.check()
    real = os.pread
    monkeypatch.setattr(os, "pread", lambda fd, size, start: real(fd, min(size, 999), start))
    disk.refuse(errno.EIO, "sync", times=1)
    assert bench.stream.sync()
    assert bench.stream.number == 1
    assert bench.end() == 500
    assert bench.steps() == list(range(500))


# ---- journals that were left


def left(bench: Bench) -> int:
    """Log until a journal waits for its closing line; how many points there are."""
    count = 0
    while not bench.stream.left.journals:
        bench.log("loss", count / 3, step=count)
        count += 1
    return count


@pytest.mark.parametrize("call", ["sync", "truncate", "write", "allocate", "read_at"])
def test_a_journal_that_can_not_be_closed_now_is_closed_later(bench: Bench, disk: Disk, call: str) -> None:
    count = left(bench)
    disk.refuse(errno.EIO, call, times=1)
    bench.stream.left.finish()
    disk.heal()
    bench.stream.left.finish()
    assert list(bench.stream.left.journals) == []
    assert bench.stream.sync()
    assert bench.end() == count
    assert bench.steps() == list(range(count))
    assert all(one.closed for one in bench.journals())


def test_a_journal_whose_last_fsync_failed_is_copied_to_the_next_number(bench: Bench, disk: Disk) -> None:
    count = left(bench)
    disk.refuse(errno.EIO, "sync", times=1)
    bench.stream.left.finish()
    ((detached, size),) = bench.closed
    assert detached.number == 2
    assert bench.path(2).stat().st_size == size
    log_some(bench, 5_000, first=count)
    assert bench.end() == count + 5_000
    assert bench.steps() == list(range(count + 5_000))
    assert [one.header["number"] for one in bench.journals()] == list(range(len(bench.journals())))


def test_while_no_journal_can_be_closed_new_ones_stop_but_logging_goes_on(
    bench: Bench, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "UNFINISHED", 2)
    disk.refuse(errno.EIO, "sync")
    log_some(bench, 10_000)
    assert (bench.stream.number, bench.stream.faults.dropped) == (2, 0)
    disk.heal()
    bench.stream.left.finish()
    log_some(bench, 3_000, first=10_000)
    assert bench.stream.number > 2
    bench.end()
    assert bench.steps() == list(range(13_000))


def test_a_journal_that_can_not_be_closed_at_the_end_is_left_open(bench: Bench, disk: Disk) -> None:
    log_some(bench, 10)
    disk.refuse(errno.EIO, "sync", "truncate")
    assert bench.end() == 10
    disk.heal()
    assert bench.steps() == list(range(10))


def test_a_journal_that_can_not_be_read_back_at_the_end_is_let_go(bench: Bench, disk: Disk) -> None:
    log_some(bench, 10)
    disk.refuse(errno.EIO, "read_at")
    closed = disk.made["close"]
    bench.end()
    assert disk.made["close"] == closed + 1
    disk.heal()
    assert bench.steps() == list(range(10))


def test_a_caller_that_is_faster_than_the_summing_never_keeps_the_disk_waiting(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PIECE", 512)
    summed = stream.sum_up
    logged = log_some(bench, 100)

    def overtaken(file: append.AppendFile, end: int, summing: Lock) -> None:
        summed(file, end, summing)
        if not bench.stream.hot.get().lock.locked() and len(logged) < 2000:
            logged.extend(log_some(bench, 50, first=len(logged)))

    monkeypatch.setattr(stream, "sum_up", overtaken)
    assert bench.stream.sync()
    assert len(logged) < 2000
    bench.end()
    assert bench.steps() == logged
