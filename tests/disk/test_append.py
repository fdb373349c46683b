"""A growing file: what is stored can be read at once, memory stays one window, checksums run along."""

from __future__ import annotations

import errno
import zlib
from pathlib import Path

import pytest

from runstore.disk import append, files
from runstore.disk.append import AppendFile
from runstore.disk.capabilities import can_map
from runstore.errors import Damaged

HEAD = b'{"head":1}\n'


def kinds(path: Path) -> list[bool]:
    return [False, True] if can_map(path) else [False]


def test_the_head_is_there_from_the_start(tmp_path: Path) -> None:
    for mapped in kinds(tmp_path):
        path = tmp_path / f"j{mapped}"
        one = AppendFile(path, mapped, HEAD)
        assert files.read(path).rstrip(b"\0") == HEAD
        one.abandon()


def test_an_existing_file_is_never_opened(tmp_path: Path) -> None:
    for mapped in kinds(tmp_path):
        path = tmp_path / f"j{mapped}"
        path.write_bytes(b"somebody's")
        with pytest.raises(FileExistsError):
            AppendFile(path, mapped, HEAD)
        assert path.read_bytes() == b"somebody's"


def test_a_file_that_can_not_be_begun_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    for mapped in kinds(tmp_path):
        with monkeypatch.context() as patch:
            patch.setattr(files, "allocate" if mapped else "write", full)
            with pytest.raises(OSError, match="full"):
                AppendFile(tmp_path / "j", mapped, HEAD)
        assert not (tmp_path / "j").exists()


def test_lines_cross_windows_whole_and_memory_stays_one_window(tmp_path: Path) -> None:
    line = b"x" * 99_999 + b"\n"
    for mapped in kinds(tmp_path):
        path = tmp_path / f"j{mapped}"
        one = AppendFile(path, mapped, HEAD)
        at = one.start
        for _ in range(40):
            at = one.store(at, line)
            assert one.window is None or len(one.window) <= append.LAST_WINDOW
        size = one.size(at)
        one.close(size)
        assert files.read(path) == HEAD + line * 40


def test_running_checksums_are_those_of_the_bytes(tmp_path: Path) -> None:
    for mapped in kinds(tmp_path):
        one = AppendFile(tmp_path / f"j{mapped}", mapped, HEAD)
        at = one.store(one.start, b"a\nb\n")
        one.sum_up(0, one.size(at))
        assert (one.crc, one.newlines) == (zlib.crc32(HEAD + b"a\nb\n"), 3)
        start = one.size(at)
        one.begin_range(start)
        at = one.store(at, b"c\n")
        one.sum_up(one.summed, one.size(at))
        assert (one.range_crc, one.newlines) == (zlib.crc32(b"c\n"), 1)
        assert one.crc == zlib.crc32(HEAD + b"a\nb\nc\n")
        one.abandon()


def test_a_file_that_somebody_cut_is_noticed(tmp_path: Path) -> None:
    one = AppendFile(tmp_path / "j", False, HEAD)
    with pytest.raises(Damaged, match="cut"):
        one.sum_up(0, 1000)
    one.abandon()


def test_closing_gives_the_rest_of_the_allocation_back(tmp_path: Path) -> None:
    for mapped in kinds(tmp_path):
        path = tmp_path / f"j{mapped}"
        one = AppendFile(path, mapped, HEAD)
        at = one.store(one.start, b"a\n")
        one.close(one.size(at))
        assert files.read(path) == HEAD + b"a\n"


def test_without_room_for_a_large_window_a_small_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = files.allocate

    def nearly_full(fd: int, start: int, length: int) -> None:
        if length > append.FIRST_WINDOW:
            raise OSError(errno.ENOSPC, "full")
        real(fd, start, length)

    monkeypatch.setattr(files, "allocate", nearly_full)
    for mapped in kinds(tmp_path):
        one = AppendFile(tmp_path / f"j{mapped}", mapped, HEAD)
        at = one.start
        for _ in range(30):
            at = one.store(at, b"x" * 9_999 + b"\n")
        assert one.size(at) == len(HEAD) + 300_000
        one.abandon()
