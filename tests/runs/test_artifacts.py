"""Files come in once and whole, and their names stay data."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import files, pack
from runstore.errors import InvalidValue, NotWritable, StoreError, UsageError
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
    return artifacts.keep(run.experiment.workspace.path, run._writer, name, source).body


def test_a_small_file_is_found_in_the_pack_at_its_offset(run: Run) -> None:
    add(run, "first", io.BytesIO(b"other"))
    fact = add(run, "a.txt", io.BytesIO(b"data"))
    number, offset = fact["pack"]
    assert run._writer is not None
    path = run.path / names.pack(run._writer.identity.writer, number)
    assert pack.read(path, offset, 4, fact["sha256"]) == b"data"


def test_a_large_file_is_stored_once_under_its_hash(run: Run) -> None:
    data = os.urandom(pack.SMALL)
    first, second = add(run, "a", io.BytesIO(data)), add(run, "b", io.BytesIO(data))
    assert first == second
    assert first["sha256"] == hashlib.sha256(data).hexdigest()
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


@pytest.mark.parametrize("size", [0, 10, pack.SMALL - 1, pack.SMALL, pack.SMALL + 1, 3 * pack.SMALL])
def test_what_comes_in_pieces_is_stored_whole(run: Run, size: int) -> None:
    class Pipe(io.RawIOBase):
        left = data = os.urandom(size)

        def readable(self) -> bool:
            return True

        def readinto(self, into: Any) -> int:
            piece, self.left = self.left[: min(len(into), 1000)], self.left[min(len(into), 1000) :]
            into[: len(piece)] = piece
            return len(piece)

    pipe = Pipe()
    fact = add(run, "a", pipe)
    assert (fact["size"], fact["sha256"]) == (size, hashlib.sha256(pipe.data).hexdigest())


@pytest.mark.parametrize("length", [10, pack.SMALL, 3 * pack.SMALL])
def test_text_of_any_length_is_refused_and_leaves_nothing(run: Run, length: int) -> None:
    with pytest.raises(InvalidValue, match="binary"):
        add(run, "a", io.StringIO("x" * length))
    assert files.listing(run.experiment.workspace.path / names.BLOBS) == []


@pytest.mark.parametrize("good", [0, pack.SMALL + 10])
def test_a_file_that_fails_while_it_is_read_is_not_blamed_on_the_workspace(run: Run, good: int) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            if not data:
                raise OSError(5, "Input/output error")
            return data

    with pytest.raises(StoreError, match="can't be read") as raised:
        add(run, "a", Failing(b"x" * good))
    assert not isinstance(raised.value, NotWritable)
    assert files.listing(run.experiment.workspace.path / names.BLOBS) == []


def test_a_file_of_any_size_is_stored_as_a_blob_where_no_writer_is(tmp_path: Path, workspace: Path) -> None:
    workspace.mkdir()
    for data in (b"", b"few", b"many" * (1 << 19)):
        (tmp_path / "file").write_bytes(data)
        stored = artifacts.blob(workspace, tmp_path / "file")
        sha256 = hashlib.sha256(data).hexdigest()
        assert stored == {"sha256": sha256, "size": len(data), "pack": None}
        assert (workspace / names.blob(sha256)).read_bytes() == data


def test_equal_small_content_is_in_the_pack_once(run: Run) -> None:
    assert add(run, "a", b"data") == add(run, "b", io.BytesIO(b"data"))
    assert add(run, "c", b"Data")["pack"] != add(run, "a", b"data")["pack"]


def test_what_is_logged_as_bytes_goes_to_the_pack_up_to_another_bound(run: Run) -> None:
    data = os.urandom(pack.SMALL)
    assert add(run, "a", data)["pack"][0] == 0
    assert add(run, "b", io.BytesIO(data))["pack"] == add(run, "a", data)["pack"]  # the same, though a file
    assert add(run, "c", bytes(artifacts.LOGGED))["pack"] is None
    assert add(run, "d", io.BytesIO(bytes(artifacts.LOGGED)))["pack"] is None


def test_a_blob_whose_bytes_were_cut_is_stored_again(run: Run) -> None:
    data = os.urandom(pack.SMALL)
    blob = run.experiment.workspace.path / names.blob(add(run, "a", io.BytesIO(data))["sha256"])
    blob.write_bytes(data[:100])
    add(run, "b", io.BytesIO(data))
    assert blob.read_bytes() == data


def test_what_is_not_allowed_leaves_nothing(run: Run) -> None:
    def refuse(sha256: str) -> None:
        raise UsageError(sha256)

    assert run._writer is not None
    for size in (10, pack.SMALL):
        data = os.urandom(size)
        with pytest.raises(UsageError, match=hashlib.sha256(data).hexdigest()):
            artifacts.keep(run.experiment.workspace.path, run._writer, "a", io.BytesIO(data), refuse)
    assert files.listing(run.experiment.workspace.path / names.BLOBS) == []


def test_a_file_that_is_only_measured_is_not_taken_in(run: Run, tmp_path: Path) -> None:
    data = os.urandom(3 << 20)
    (tmp_path / "file").write_bytes(data)
    content = artifacts.measure("a", tmp_path / "file")
    assert (content.sha256, content.size, content.pack) == (hashlib.sha256(data).hexdigest(), len(data), None)
    assert data.startswith(content.head)
    assert files.listing(run.experiment.workspace.path / names.BLOBS) == []


def test_what_runs_have_in_common_lies_under_its_hash_however_small_and_once(run: Run) -> None:
    workspace = run.experiment.workspace.path
    assert artifacts.shared(workspace, b"common") == artifacts.shared(workspace, b"common")
    sha256 = hashlib.sha256(b"common").hexdigest()
    assert files.read(workspace / names.blob(sha256)) == b"common"
    assert add(run, "a", b"common") == {"sha256": sha256, "size": 6, "pack": None}
