"""A piece that a failed write leaves is cut before anybody counts or sums up the bytes of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.disk import append, files
from runstore.disk.append import AppendFile

HEAD = b"{head}\n"


@pytest.fixture
def file(tmp_path: Path) -> AppendFile:
    return AppendFile(tmp_path / "journal", False, HEAD)


def test_a_write_that_fails_half_way_leaves_whole_lines(file: AppendFile, monkeypatch: pytest.MonkeyPatch) -> None:
    file.store(0, b"[1]\n")
    before = file.size(0)
    real = files.write

    def full(fd: int, data: bytes) -> int:
        if len(data) < 4:
            raise OSError(28, "No space left on device")
        return real(fd, bytes(data)[: len(data) // 2])

    with monkeypatch.context() as patch:
        patch.setattr(files, "write", full)
        with pytest.raises(OSError, match="No space"):
            file.store(0, b"[" + b"2" * 50 + b"]\n")
    assert file.size(0) == before
    file.store(0, b"[3]\n")
    assert files.read(file.path) == HEAD + b"[1]\n[3]\n"
    file.abandon()


def test_nuls_are_no_piece_of_a_line(file: AppendFile) -> None:
    file.store(0, b"[1]\n")
    files.write_all(file.fd, bytes(100))
    assert file.mend() == len(HEAD) + 104
    assert files.read(file.path) == HEAD + b"[1]\n" + bytes(100)
    file.abandon()


@pytest.mark.parametrize("length", [1, 100, append.PIECE - 1, append.PIECE, 3 * append.PIECE + 7])
def test_a_torn_piece_of_any_length_is_cut_to_the_line_before_it(file: AppendFile, length: int) -> None:
    file.store(0, b"[1]\n")
    files.write_all(file.fd, b"x" * length)
    file.mend()
    assert files.read(file.path) == HEAD + b"[1]\n"
    file.abandon()
