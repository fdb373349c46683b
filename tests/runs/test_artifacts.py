"""Files come in once and whole, and their names stay data."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import files, pack
from runstore.errors import InvalidValue, NotWritable, StoreError
from runstore.format import names
from runstore.runs import artifacts
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace


@pytest.fixture
def run(tmp_path: Path) -> Any:
    with Workspace(tmp_path / "w").experiment("e").start_logging() as one:
        yield one


def add(run: Run, name: str, source: object) -> dict[str, Any]:
    assert run._writer is not None
    return artifacts.add(run.experiment.workspace.path, run._writer, name, source, "file", None)


def test_a_small_file_is_found_in_the_pack_at_its_offset(run: Run) -> None:
    add(run, "first", io.BytesIO(b"other"))
    fact = add(run, "a.txt", io.BytesIO(b"data"))
    number, offset = fact["pack"]
    assert run._writer is not None
    path = run.path / names.pack(run._writer.identity.writer, number)
    assert pack.read(path, offset, 4, fact["sha256"]) == b"data"
    assert fact["media_type"] == "text/plain"


def test_a_large_file_is_stored_once_under_its_hash(run: Run) -> None:
    data = os.urandom(pack.SMALL)
    first, second = add(run, "a", io.BytesIO(data)), add(run, "b", io.BytesIO(data))
    assert first["sha256"] == second["sha256"] == hashlib.sha256(data).hexdigest()
    assert files.read(run.experiment.workspace.path / names.blob(first["sha256"])) == data
    assert first["pack"] is None


def test_no_temporary_stays_when_the_disk_is_full(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files, "write", full)
        for size in (10, pack.SMALL):
            with pytest.raises(NotWritable, match="free space"):
                add(run, "a", io.BytesIO(os.urandom(size)))
    assert files.listing(run.experiment.workspace.path / names.BLOBS) == []


def test_what_is_no_binary_file_is_refused(run: Run) -> None:
    with pytest.raises(InvalidValue, match="binary"):
        add(run, "a", io.StringIO("text"))
    with pytest.raises(InvalidValue, match="path"):
        add(run, "a", 3)
    with pytest.raises(StoreError, match="check the path"):
        add(run, "a", "/nowhere/at/all")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/abs", "a\0b", "c:\\x", "con"])
def test_a_hostile_name_is_only_data(run: Run, name: str) -> None:
    assert add(run, name, io.BytesIO(b"x"))["name"] == name
