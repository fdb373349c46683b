"""Whatever the file system refuses: logging never raises, nothing acknowledged is lost, what is lost is counted."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runstore.disk import append, files
from runstore.format import lines
from runstore.runs import stream
from tests.disk.faulty import Disk
from tests.runs.streams import REFUSALS, WAYS, Bench, log_some

pytestmark = pytest.mark.usefixtures("small")


@pytest.mark.parametrize("code", REFUSALS)
def test_a_journal_that_can_not_be_begun_costs_counted_points_and_logging_resumes(
    bench: Bench, disk: Disk, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    disk.refuse(code, "create")
    assert log_some(bench, 10) == []
    bench.log({"a": 1.0, "b": 2.0}, step=0)
    assert bench.stream.faults.dropped == 12
    disk.heal()
    assert log_some(bench, 10, first=10) == list(range(10, 20))
    assert bench.end() == 10
    assert bench.steps() == list(range(10, 20))
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert os.strerror(code) in told[0]
    assert "12 points could not be kept" in told[1]


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("calls", [("allocate", "write"), ("mapping", "write"), ("allocate", "write", "create")])
def test_a_journal_that_can_not_grow_costs_counted_points_and_logging_resumes(
    bench: Bench, disk: Disk, code: int, calls: tuple[str, ...]
) -> None:
    kept = log_some(bench, 500)
    disk.refuse(code, *calls)
    kept += log_some(bench, 1_500, first=500)
    lost = bench.stream.faults.dropped
    assert lost > 0
    assert bench.steps() == kept
    disk.heal()
    kept += log_some(bench, 1_500, first=2_000)
    assert bench.stream.faults.dropped == lost == 3_500 - len(kept)
    assert bench.stream.sync()
    assert bench.end() == len(kept)
    assert bench.steps() == kept


def test_lines_of_many_points_are_counted_point_by_point(bench: Bench, disk: Disk) -> None:
    disk.refuse(errno.ENOSPC, "create", "write", "allocate")
    for step in range(7):
        bench.log({"a": 1.0, "b": 2, "c": "x"}, step=step)
    assert bench.stream.faults.dropped == 21


def test_while_the_disk_refuses_it_is_asked_only_now_and_then(
    bench: Bench, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "RETRY", 3600.0)
    disk.refuse(errno.ENOSPC, "create")
    log_some(bench, 1000)
    assert (disk.made["create"], bench.stream.faults.dropped) == (1, 1000)


def test_a_short_write_is_finished(tmp_path: Path, disk: Disk) -> None:
    bench = Bench(tmp_path, mapped=False)
    disk.act("write", lambda real, fd, data: real(fd, bytes(data)[: max(1, len(data) // 3)]))
    kept = log_some(bench, 50)
    assert bench.stream.sync()
    disk.heal()
    assert kept == list(range(50))
    assert bench.end() == 50
    assert bench.steps() == kept


@pytest.mark.parametrize("then", ["log", "sync", "both", "end"])
def test_the_piece_that_a_failed_write_leaves_spoils_nothing(tmp_path: Path, disk: Disk, then: str) -> None:
    bench = Bench(tmp_path, mapped=False)
    kept = log_some(bench, 20)
    disk.take_part(errno.ENOSPC)
    kept += log_some(bench, 3, first=20)
    if then in ("sync", "both"):
        bench.stream.sync()
    disk.heal()
    if then in ("log", "both"):
        kept += log_some(bench, 5, first=30)
        assert bench.stream.sync()
    assert bench.stream.faults.dropped == 3
    assert bench.end() == len(kept)
    assert bench.steps() == kept
    assert all(one.closed for one in bench.journals())


def test_a_piece_of_a_checking_line_is_cut_before_the_next_point(tmp_path: Path, disk: Disk) -> None:
    bench = Bench(tmp_path, mapped=False)
    kept = log_some(bench, 3)
    disk.take_part(errno.ENOSPC)
    assert not bench.stream.sync()
    disk.heal()
    kept += log_some(bench, 3, first=3)
    assert bench.stream.sync()
    assert bench.end() == 6
    assert bench.steps() == kept == list(range(6))


def test_a_short_write_while_nothing_is_tried_again_leaves_no_piece(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, mapped=False)
    kept = log_some(bench, 3)
    monkeypatch.setattr(stream, "RETRY", 3600.0)
    disk.refuse(errno.ENOSPC, "write", times=2)
    assert log_some(bench, 1, first=3) == []
    assert bench.stream.sync()
    disk.act("write", lambda real, fd, data: real(fd, bytes(data)[:5]))
    log_some(bench, 1, first=4)
    disk.heal()
    log_some(bench, 2, first=5)
    bench.retry_now()
    kept += log_some(bench, 2, first=7)
    assert bench.end() == len(kept)
    assert bench.steps() == kept == [0, 1, 2, 7, 8]
    assert bench.stream.faults.dropped == 4


def test_a_piece_at_the_size_where_a_journal_is_left_spoils_nothing(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, mapped=False)
    kept = log_some(bench, 150)
    monkeypatch.setattr(stream, "ROTATE", 1000)
    torn = 0

    def tear_once(real: Any, fd: int, data: bytes) -> int:
        nonlocal torn
        torn += 1
        return int(real(fd, bytes(data)[:7] if torn == 1 else data))

    disk.act("write", tear_once)
    kept += log_some(bench, 150, first=150)
    assert bench.stream.number >= 1
    assert bench.end() == len(kept)
    assert bench.steps() == kept == list(range(300))
    assert all(one.closed for one in bench.journals())


@pytest.mark.parametrize("length", [append.PIECE - 100, append.PIECE, 3 * append.PIECE])
def test_the_piece_of_a_very_long_line_is_cut_whole(tmp_path: Path, disk: Disk, length: int) -> None:
    bench = Bench(tmp_path, mapped=False)
    bench.log("loss", 1.0, step=0)
    disk.take_part(errno.ENOSPC, keep=lambda size: size - 3)
    bench.log("text", "x" * length, step=1)
    disk.heal()
    bench.log("loss", 1.0, step=2)
    assert bench.end() == 2
    assert bench.steps() == [0, 2]


def test_no_descriptor_for_the_next_journal_means_going_on_in_this_one(bench: Bench, disk: Disk) -> None:
    log_some(bench, 10)
    disk.refuse(errno.EMFILE, "create")
    log_some(bench, 5_000, first=10)
    assert (bench.stream.faults.dropped, bench.stream.number) == (0, 0)
    disk.heal()
    log_some(bench, 3_000, first=5_010)
    assert bench.stream.number >= 1
    assert bench.end() == 8_010
    assert bench.steps() == list(range(8_010))


def test_what_a_failed_try_left_under_the_next_name_is_passed_over(bench: Bench, disk: Disk) -> None:
    bench.path(0).write_bytes(b"")
    disk.refuse(errno.ENOSPC, "allocate", "write", times=1)
    disk.refuse(errno.EIO, "unlink")
    log_some(bench, 1)
    disk.heal()
    log_some(bench, 10, first=1)
    assert bench.stream.faults.dropped == 1
    assert bench.end() == 10
    assert bench.steps() == list(range(1, 11))


# ---- checking lines


def test_no_room_for_a_checking_line_does_not_keep_the_points_from_the_disk(tmp_path: Path, disk: Disk) -> None:
    for way in WAYS:
        bench = Bench(tmp_path / str(way), way)
        bench.directory.mkdir()
        log_some(bench, 900)
        real = bench.stream.file.store  # type: ignore[union-attr]

        def store(position: int, line: bytes, real: Any = real) -> int:
            if line.startswith(lines.SUM):
                raise OSError(errno.ENOSPC, "full")
            return int(real(position, line))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(append.AppendFile, "store", lambda self, position, line, store=store: store(position, line))
            before = disk.made["sync"]
            assert not bench.stream.sync()
            assert disk.made["sync"] == before + 1
            assert bench.stream.number == 0
        assert bench.stream.sync()
        bench.end()
        assert bench.steps() == list(range(900))


def test_a_read_that_fails_half_way_does_not_spoil_the_checksum(
    bench: Bench, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(append, "PIECE", 1000)
    monkeypatch.setattr(stream, "PIECE", 1000)
    log_some(bench, 200)
    disk.refuse(errno.EIO, "read_at", after=3, times=1)
    bench.stream.sync()
    disk.heal()
    bench.retry_now()
    assert bench.stream.sync()
    assert bench.end() == 200
    assert bench.steps() == list(range(200))


# ---- anything at any time


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_fault_at_any_call_loses_what_was_acknowledged(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "ROTATE", 3_000)
        patch.setattr(stream, "LOOK", 10)
        patch.setattr(stream, "RETRY", 0.0)
        disk = Disk(patch)
        bench = Bench(tmp_path_factory.mktemp("s"), data.draw(st.sampled_from(WAYS)))
        kept: list[int] = []
        for turn in range(data.draw(st.integers(1, 12))):
            for name in data.draw(
                st.sets(st.sampled_from(["create", "write", "allocate", "sync", "read_at", "truncate", "unlink"]))
            ):
                code = data.draw(st.sampled_from(REFUSALS))
                if name == "write" and data.draw(st.booleans()):
                    disk.take_part(code)
                else:
                    disk.refuse(code, name, after=data.draw(st.integers(0, 5)), times=data.draw(st.integers(1, 9)))
            kept += log_some(bench, data.draw(st.sampled_from([1, 30, 200])), first=turn * 1000)
            if data.draw(st.booleans()):
                bench.stream.sync()
            if data.draw(st.booleans()):
                bench.stream.turn()
            if data.draw(st.booleans()):
                bench.stream.left.finish()
            if data.draw(st.booleans()):
                disk.heal()
                bench.retry_now()
        disk.heal()
        bench.retry_now()
        assert bench.steps() == kept
        kept += log_some(bench, 100, first=99_000)
        assert bench.stream.sync()
        assert kept[-100:] == list(range(99_000, 99_100))
        assert bench.end() == len(kept)
        assert bench.steps() == kept
        assert files.listing(bench.directory)
