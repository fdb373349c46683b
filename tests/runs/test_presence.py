"""A run whose directory is deleted or moved while it logs reports it once and counts exactly what is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runstore.disk import files
from runstore.errors import NotWritable
from runstore.format import journal
from runstore.runs import stream
from runstore.runs.writer import Writer
from tests.runs.test_writer_faults import facts, gone, opened


def log_points(writer: Writer, steps: range) -> None:
    for step in steps:
        writer.stream.hot.log("loss", 0.5, step=step)


def test_points_of_a_deleted_directory_are_reported_once_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, mapped: bool
) -> None:
    monkeypatch.setattr(stream, "RETRY", 0.0)
    directory = tmp_path / "run"
    directory.mkdir()
    writer = opened(directory, mapped)
    log_points(writer, range(10))
    writer.beat()
    writer.stream.hot.put(b'[null,{"a":1,"b":2},0,5]\n', 2)
    shutil.rmtree(directory)
    log_points(writer, range(10, 20))
    writer.beat()
    log_points(writer, range(20, 30))
    writer.record("tags", {"k": "v"})
    assert not writer.flush()
    writer.beat()
    message, *rest = capsys.readouterr().err.splitlines()
    assert f"run r: {directory} was deleted while the run logs; 22 points so far are lost" in message
    assert rest == []
    assert writer.end("Completed", None, True, gone) == 32
    assert "params, tags, artifacts ... could not be kept" in capsys.readouterr().err
    assert not directory.exists()


def test_a_deleted_directory_is_reported_at_the_end_where_no_flush_came_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mapped: bool
) -> None:
    directory = tmp_path / "run"
    directory.mkdir()
    writer = opened(directory, mapped)
    log_points(writer, range(3))
    shutil.rmtree(directory)
    assert writer.end("Completed", None, True, gone) == 3
    assert "was deleted while the run logs; 3 points so far are lost" in capsys.readouterr().err


def test_logging_goes_on_in_a_new_journal_where_only_the_journal_was_deleted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mapped: bool
) -> None:
    writer = opened(tmp_path, mapped)
    log_points(writer, range(5))
    writer.flush()
    for path in tmp_path.glob("p-*.jsonl"):
        path.unlink()
    assert not writer.flush()
    log_points(writer, range(5, 8))
    assert writer.flush()
    assert "5 points so far are lost, logging goes on in a new one" in capsys.readouterr().err
    assert writer.end("Completed", None, True, gone) == 5
    (path,) = tmp_path.glob("p-*.jsonl")
    read = journal.read(files.read(path))
    assert (read.header["first"], [step for _, _, step, _ in read.items()]) == (5, [5, 6, 7])
    (dropped,) = [body for kind, body in facts(tmp_path) if kind == "dropped"]
    assert dropped == {"points": 5, "reason": "its journal was deleted"}


def test_points_of_a_moved_directory_are_kept_and_files_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mapped: bool
) -> None:
    directory, target = tmp_path / "run", tmp_path / "moved"
    directory.mkdir()
    writer = opened(directory, mapped)
    log_points(writer, range(5))
    directory.rename(target)
    log_points(writer, range(5, 9))
    writer.beat()
    writer.beat()
    (message,) = capsys.readouterr().err.splitlines()
    assert f"{directory} was moved while the run logs" in message
    with pytest.raises(NotWritable, match="moved or deleted"):
        writer.presence.refuse_new_files()
    assert writer.end("Completed", None, True, gone) == 0
    (path,) = target.glob("p-*.jsonl")
    assert [step for _, _, step, _ in journal.read(files.read(path)).items()] == list(range(9))
    assert not directory.exists()
