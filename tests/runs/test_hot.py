"""The closures store a line where there is room and hand everything else on."""

from __future__ import annotations

import mmap
import os
import threading
from pathlib import Path
from typing import Any

import orjson
import pytest

from runstore.disk import files
from runstore.runs import hot
from runstore.runs.hot import Cursor, Hot


class Rare:
    """Everything the closures hand on."""

    def __init__(self) -> None:
        self.general: list[tuple[Any, ...]] = []
        self.over: list[tuple[bytes, int]] = []
        self.late: list[tuple[bytes, int]] = []
        self.broken: list[int] = []

    def make(self, kind: str) -> Hot:
        cursor = Cursor(lambda line, count: self.over.append((line, count)), threading.Lock())
        build = hot.mapped if kind == "mapped" else hot.written
        return build(
            lambda *a: self.general.append(a), lambda *a: self.late.append(a), lambda: self.broken.append(1), cursor
        )


def ready(rare: Rare, kind: str, path: Path, room: int = 4096) -> Hot:
    one = rare.make(kind)
    if kind == "mapped":
        one.change(window=mmap.mmap(-1, 4096), position=0, limit=room)
    else:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        one.change(position=fd, limit=room)
    return one


def stored(one: Hot, path: Path) -> bytes:
    cursor = one.get()
    return bytes(cursor.window[: cursor.position]) if cursor.window is not None else path.read_bytes()


KINDS = pytest.mark.parametrize("kind", ["mapped", "written"])


@KINDS
def test_a_plain_point_is_stored_as_one_line(kind: str, tmp_path: Path) -> None:
    one = ready(Rare(), kind, tmp_path / "j")
    one.log("loss", 0.5, step=3)
    name, value, step, time = orjson.loads(stored(one, tmp_path / "j"))
    assert (name, value, step) == ("loss", 0.5, 3)
    assert time > 0


@KINDS
@pytest.mark.parametrize(
    "call",
    [("a", 1, "", 2), ("a", float("nan"), "", 2), ("a", 1.0, "", None), ("a", 1.0, "said", 2), ("", 1.0, "", 2),
     ("a", 1.0, "", 2**63), ("a", float("inf"), "", 1), ({"a": 1.0}, hot.MISSING, "", 1), ("\ud800", 1.0, "", 1)],
)  # fmt: skip
def test_everything_else_goes_the_general_way(kind: str, call: tuple[Any, ...], tmp_path: Path) -> None:
    rare = Rare()
    one = ready(rare, kind, tmp_path / "j")
    one.log(*call)
    assert [repr(c) for c in rare.general] == [repr(call)]
    assert stored(one, tmp_path / "j") == b""


@KINDS
def test_a_line_without_room_overflows_and_is_not_stored(kind: str, tmp_path: Path) -> None:
    rare = Rare()
    one = ready(rare, kind, tmp_path / "j", room=0)
    one.put(b"line\n", 2)
    assert rare.over == [(b"line\n", 2)]
    assert stored(one, tmp_path / "j") == b""


@KINDS
def test_numbers_beyond_one_a_line_are_counted(kind: str, tmp_path: Path) -> None:
    one = ready(Rare(), kind, tmp_path / "j")
    one.put(b"a\n", 1)
    one.put(b"b\n", 5)
    assert one.get().extra == 4


@KINDS
def test_who_can_not_get_the_lock_stores_a_moment_later(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot, "PATIENCE", 0.01)
    rare = Rare()
    one = ready(rare, kind, tmp_path / "j")
    with one.get().lock:  # as a signal handler finds it that interrupts its own thread
        one.put(b"line\n", 1)
        one.log("a", 1.0, step=1)
    assert [count for _, count in rare.late] == [1, 1]


@KINDS
@pytest.mark.parametrize("call", ["log", "put"])
def test_that_a_signal_handler_raised_while_the_lock_was_taken_is_told(kind: str, tmp_path: Path, call: str) -> None:
    class Taken:
        """What a lock looks like to whom Ctrl-C hits in the instant after it was taken."""

        def acquire(self, *_: object) -> bool:
            raise KeyboardInterrupt

        def release(self) -> None:
            raise AssertionError("it is not known to be held")

    rare = Rare()
    one = ready(rare, kind, tmp_path / "j")
    one.change(lock=Taken())
    with pytest.raises(KeyboardInterrupt):
        one.log("a", 1.0, step=1) if call == "log" else one.put(b"line\n", 1)
    assert rare.broken == [1]


def test_a_lock_is_had_patiently_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hot, "STUCK", 0.01)
    lock = threading.Lock()
    with hot.patiently(lock) as taken:
        assert taken
        with hot.patiently(lock) as again:
            assert not again
        assert lock.locked()
    assert not lock.locked()


@KINDS
def test_the_clock_follows_its_offset(kind: str, tmp_path: Path) -> None:
    one = ready(Rare(), kind, tmp_path / "j")
    before = one.now()
    one.change(offset=10**18)
    assert one.now() >= before + 10**18


def test_an_error_of_the_write_overflows(tmp_path: Path) -> None:
    rare = Rare()
    one = rare.make("written")
    one.change(position=10**6, limit=10)  # no such descriptor
    one.put(b"line\n", 1)
    one.log("a", 1.0, step=1)
    assert len(rare.over) == 2


@pytest.mark.parametrize("trouble", ["no room", "refused", "short"])
def test_a_line_that_could_not_be_written_takes_no_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    rare = Rare()
    if trouble == "short":
        monkeypatch.setattr(files, "write", lambda fd, data: len(data) - 1)
    one = ready(rare, "written", tmp_path / "j", room=0 if trouble == "no room" else 10)
    if trouble == "refused":
        one.change(position=10**6)
    one.put(b"many\n", 5)
    assert rare.over == [(b"many\n", 5)]
    assert one.get().extra == 0


def test_a_line_written_when_a_signal_handler_raises_keeps_its_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(fd: int, data: bytes) -> int:
        os.write(fd, data)
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "write", interrupted)
    one = ready(Rare(), "written", tmp_path / "j")
    with pytest.raises(KeyboardInterrupt):
        one.put(b"many\n", 5)
    assert stored(one, tmp_path / "j") == b"many\n"
    assert one.get().extra == 4


def test_the_missing_value_says_so() -> None:
    assert repr(hot.MISSING) == "<no value>"
