"""What a writer does where the file system refuses: it says truthfully what is safe, what is lost, and how it ended."""

from __future__ import annotations

import errno
import hashlib
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import files
from runstore.format import journal, names
from runstore.runs import stream
from runstore.runs import writer as module
from runstore.runs.writer import Identity, Writer
from tests.disk.faulty import Disk
from tests.runs.streams import WAYS

DATA = b"data"
SHA256 = hashlib.sha256(DATA).hexdigest()


def gone(line: bytes, count: int) -> None:
    raise AssertionError("nothing comes after the end")


def opened(path: Path, mapped: bool = False, opener: bool = True) -> Writer:
    start = {"opener": opener}
    return Writer(path, Identity.new("r", "e", 1, opener=opener), start, mapped, lambda: None, lambda run: None)


def facts(path: Path) -> list[tuple[str, Any]]:
    found = []
    for file in sorted(path.glob("a1*.jsonl")):
        one = journal.read(files.read(file))
        assert one.damage == []
        found += [(kind, body) for kind, _, body in one.items()]
    return found


@pytest.mark.parametrize("opener", [True, False])
def test_an_attempt_that_never_began_leaves_no_claim(tmp_path: Path, disk: Disk, opener: bool) -> None:
    disk.refuse(errno.EMFILE, "create", after=1)
    with pytest.raises(OSError, match="Too many open files"):
        opened(tmp_path, opener=opener)
    assert list(tmp_path.iterdir()) == []
    disk.heal()
    opened(tmp_path, opener=opener).end("Completed", None, True, gone)


@pytest.mark.parametrize("error", [None, "ValueError: " + "x" * 100_000])
def test_a_run_that_drops_points_for_long_on_a_full_disk_can_still_say_how_it_ended(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch, error: str | None
) -> None:
    monkeypatch.setattr(stream, "RETRY", 0.0)
    for way in [way for way in WAYS if way]:
        one = opened(tmp_path, way)
        disk.refuse(errno.ENOSPC, "allocate", "create", "write")
        for number in range(500):
            one.record("tags", {str(number): "x" * 200})
        for step in range(200):
            one.stream.hot.log("loss", 0.5, step=step)
            one.beat()
        assert one.end("Failed", error, True, gone) == 200
        disk.heal()
        told = facts(tmp_path)
        assert 0 < sum(body["points"] for kind, body in told if kind == "dropped") <= 200
        (end,) = [body for kind, body in told if kind == "end"]
        assert (end["status"], end["dropped"], end["points"]) == ("Failed", 200, 0)
        assert (error or "").startswith(end["error"] or "")


def test_facts_that_find_no_room_to_the_end_are_told(
    tmp_path: Path, disk: Disk, capsys: pytest.CaptureFixture[str], mapped: bool
) -> None:
    one = opened(tmp_path, mapped)
    disk.refuse(errno.ENOSPC, "allocate", "write")
    for number in range(3):
        one.record("tags", {str(number): "x" * 100_000})
    one.end("Completed", None, True, gone)
    assert "3 params, tags, artifacts ... could not be kept" in capsys.readouterr().err


def test_facts_that_found_no_room_for_a_while_are_all_there(tmp_path: Path, disk: Disk, mapped: bool) -> None:
    one = opened(tmp_path, mapped)
    disk.refuse(errno.ENOSPC, "allocate", "write")
    for number in range(3):
        one.record("tags", {"k": [number, "x" * 100_000]})
    disk.heal()
    one.flush()
    one.record("tags", {"k": [3, ""]})
    one.end("Completed", None, True, gone)
    assert [body["k"][0] for kind, body in facts(tmp_path) if kind == "tags"] == [0, 1, 2, 3]


def test_dropped_points_are_told_each_once_in_the_facts(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch, mapped: bool
) -> None:
    monkeypatch.setattr(stream, "RETRY", 0.0)
    one = opened(tmp_path, mapped)
    for _ in range(3):
        disk.refuse(errno.ENOSPC, "create")
        one.stream.hot.log("loss", 0.5, step=0)
        one.stream.hot.put(b'[null,{"a":1,"b":2},0,5]\n', 2)
        disk.heal()
        one.flush()
    assert one.end("Completed", None, True, gone) == 9
    told = facts(tmp_path)
    assert [body for kind, body in told if kind == "dropped"] == [
        {"points": 3, "reason": "No space left on device"} for _ in range(3)
    ]
    assert told[-1][1]["dropped"] == 9


# ---- flush


def test_a_flush_is_true_only_where_everything_is_safe(tmp_path: Path, disk: Disk, mapped: bool) -> None:
    one = opened(tmp_path, mapped)
    one.stream.hot.log("loss", 0.5, step=0)
    assert one.flush()
    one.stream.hot.log("loss", 0.5, step=1)
    disk.refuse(errno.EIO, "sync")
    assert not one.flush()
    assert not one.flush()
    disk.heal()
    one.stream.faults.settled()
    one.facts.faults.settled()
    assert one.flush()
    one.end("Completed", None, True, gone)


def test_a_journal_that_was_left_and_is_not_safe_makes_a_flush_false(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch, mapped: bool
) -> None:
    monkeypatch.setattr(stream, "ROTATE", 1000)
    monkeypatch.setattr(stream, "LOOK", 1)
    one = opened(tmp_path, mapped)
    step = 0
    while not one.stream.left.journals:
        one.stream.hot.log("loss", 0.5, step=step)
        step += 1
    disk.refuse(errno.EIO, "truncate" if mapped else "write", times=1)
    assert not one.flush()
    disk.heal()
    assert one.flush()
    one.end("Completed", None, True, gone)


def test_a_pack_whose_sync_failed_is_left_and_never_called_safe(tmp_path: Path, disk: Disk) -> None:
    one = opened(tmp_path)
    assert one.keep(DATA, SHA256)[0] == 0
    assert one.flush()
    one.keep(DATA, SHA256)
    pack_synced = disk.made["sync"] + (1 if one.stream.file is None else 2)
    disk.refuse(errno.EIO, "sync", times=pack_synced and 1)
    assert not one.flush()
    disk.heal()
    assert one.keep(DATA, SHA256)[0] == 1
    assert not one.flush()
    one.end("Completed", None, True, gone)
    assert [body["number"] for kind, body in facts(tmp_path) if kind == "pack"] == [1]
    for number in (0, 1):
        assert (tmp_path / names.pack(one.identity.writer, number)).exists()


def test_the_names_of_new_files_are_made_safe_as_well(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch, mapped: bool
) -> None:
    monkeypatch.setattr(stream, "ROTATE", 1000)
    monkeypatch.setattr(stream, "LOOK", 1)
    one = opened(tmp_path, mapped)
    assert one.flush()
    before = disk.made["sync_dir"]
    assert one.flush()
    assert disk.made["sync_dir"] == before
    while one.stream.number < 1:
        one.stream.hot.log("loss", 0.5, step=0)
    disk.refuse(errno.EIO, "sync_dir", times=1)
    assert not one.flush()
    assert one.flush()
    assert disk.made["sync_dir"] == before + 2
    one.end("Completed", None, True, gone)


def test_a_flush_that_comes_after_the_end_makes_no_file(tmp_path: Path, disk: Disk) -> None:
    one = opened(tmp_path)
    one.stream.faults.dropped = 3
    disk.refuse(errno.ENOSPC, "write")
    one.end("Completed", None, True, gone)
    disk.heal()
    there = sorted(tmp_path.iterdir())
    assert one.flush()
    one.beat()
    assert sorted(tmp_path.iterdir()) == there


# ---- signal handlers


def test_a_signal_handler_may_log_and_end_the_run_at_any_instant(
    tmp_path: Path, mapped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(Exception):
        pass

    monkeypatch.setattr("runstore.runs.hot.PATIENCE", 0.01)
    monkeypatch.setattr("runstore.runs.hot.STUCK", 0.02)
    monkeypatch.setattr(stream, "ROTATE", 50_000)

    def closed(line: bytes, count: int) -> None:
        raise Ended

    for turn in range(30):
        path = tmp_path / str(turn)
        path.mkdir()
        one = opened(path, mapped)

        def end(number: int, frame: object, one: Writer = one) -> None:
            one.record("tags", {"signal": number})
            one.end("Canceled", None, True, closed)

        before = signal.signal(signal.SIGALRM, end)
        signal.setitimer(signal.ITIMER_REAL, 0.0005 + turn * 0.0001)
        step = 0
        with pytest.raises(Ended):
            while True:
                one.stream.hot.log("loss", 0.5, step=step)
                step += 1
                if step % 100 == 0:
                    one.flush()
        signal.signal(signal.SIGALRM, before)
        for thread in threading.enumerate():
            if thread.name == "runstore-ender":
                thread.join()
        assert [body["status"] for kind, body in facts(path) if kind == "end"] == ["Canceled"]
        steps = set()
        for file in path.glob("p-*.jsonl"):
            one_journal = journal.read(files.read(file))
            assert one_journal.damage == []
            steps.update(at for _, _, at, _ in one_journal.items())
        assert steps >= set(range(step))


def test_the_module_keeps_room_for_more_than_its_last_words() -> None:
    assert module.RESERVE >= 4096
