"""One stream's file: its facts, its hash, its marks."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from runstore.runs import logfile, state
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Workspace(tmp_path / "ws").experiment("x").start_logging()


def told(run: Run) -> dict[int, dict[str, object]]:
    return state.fold(run.path).writers[0].streams


def test_a_stream_that_was_left_is_told_with_its_size_and_hash(run: Run) -> None:
    file = logfile.opened(run._live(), "a.txt")
    assert told(run)[0]["size"] is None
    file.write(b"one\n")
    os.write(file.fd, b"two\n")  # by whoever has the descriptor
    file.settle()
    assert (told(run)[0]["size"], told(run)[0]["sha256"]) == (8, hashlib.sha256(b"one\ntwo\n").hexdigest())


def test_a_stream_has_one_file_however_often_it_is_opened(run: Run) -> None:
    for text in (b"one\n", b"two\n"):
        file = logfile.opened(run._live(), "a.txt")
        file.write(text)
        file.settle()
    assert file.path.read_bytes() == b"one\ntwo\n"
    assert [told(run)[0]["size"], len(told(run))] == [8, 1]


def test_an_empty_file_goes_and_comes_back(run: Run) -> None:
    file = logfile.opened(run._live(), "a.txt")
    file.settle()
    assert not file.path.exists()
    logfile.opened(run._live(), "a.txt").write(b"late\n")
    assert file.path.read_bytes() == b"late\n"


def test_every_byte_is_read_back_once(run: Run) -> None:
    file = logfile.opened(run._live(), "a.txt")
    data = b"x" * (logfile.PIECE + 1)
    file.write(data)
    assert [len(file.advance()) for _ in range(3)] == [logfile.PIECE, 1, 0]


def test_marks_are_kept_while_it_grows_and_not_more_often_than_needed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks: list[tuple[str, int]] = []
    monkeypatch.setattr(run._live().side(), "mark", lambda stream, size: marks.append((stream, size)))
    file = logfile.opened(run._live(), "a.txt")
    monkeypatch.setattr(logfile, "MARK_SECONDS", 0.0)
    for _ in range(2):
        file.write(b"line\n")
        file.advance()
        file.mark()
        file.mark()
    monkeypatch.setattr(logfile, "MARK_SECONDS", 1000.0)
    file.write(b"line\n")
    file.advance()
    file.mark()
    assert marks == [("a.txt", 5), ("a.txt", 10)]
