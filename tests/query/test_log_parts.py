"""A part of a log is what the whole log has there, whether a process still writes it or not."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.errors import Damaged, StoreError
from runstore.query import files, listing, log_parts
from tests.query.test_consoles import STD, write

TEXT = b"one\ntwo\nthree\n"


@pytest.fixture
def run(ws: runstore.Workspace) -> runstore.Run:
    return runstore.start_run("e", workspace=ws)


def found(run: runstore.Run) -> files.File:
    path = run.experiment.workspace.path
    return files.listed(path, listing.some(path, [run.id])[0])[STD]


def test_parts_of_a_log_that_is_written_now_are_read_as_they_are(run: runstore.Run) -> None:
    log = write(run, TEXT)
    assert log_parts.size(found(run)) == len(TEXT)
    assert [log_parts.part(found(run), at, 5) for at in range(0, 20, 5)] == [b"one\nt", b"wo\nth", b"ree\n", b""]
    log.write(b"four\n")
    assert log_parts.part(found(run), len(TEXT), 100) == b"four\n"


def test_what_a_process_left_is_verified_before_any_of_it_is_told(run: runstore.Run) -> None:
    log = write(run, TEXT)
    log.settle()
    run.complete()
    assert log_parts.part(found(run), 4, 4) == b"two\n"
    path: Path = log.path
    path.write_bytes(TEXT.replace(b"one", b"uno"))
    log_parts._verified.cache_clear()
    with pytest.raises(Damaged):
        log_parts.part(found(run), 4, 4)


def test_an_artifact_among_the_logs_has_parts_too(run: runstore.Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT)
    run.upload_file("logs/a.txt", tmp_path / "a.txt")
    path = run.experiment.workspace.path
    file = files.find(path, run.id, "logs/a.txt")
    assert (log_parts.size(file), log_parts.part(file, 8, 100)) == (len(TEXT), b"three\n")


def test_a_log_that_can_not_be_read_is_said(run: runstore.Run) -> None:
    log = write(run, TEXT)
    file = found(run)
    log.path.unlink()
    log.path.mkdir()
    with pytest.raises(StoreError):
        log_parts.part(file, 0, 3)
