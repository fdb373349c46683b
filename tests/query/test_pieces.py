"""Content is read where the fact says, or where it went since, and never unverified."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk import files, pack
from runstore.errors import Damaged, NotWritable, StoreError
from runstore.format import names
from runstore.query import files as query_files
from runstore.query import pieces, references
from runstore.runs import edits
from tests.query import blocked


@pytest.fixture
def run(ws: runstore.Workspace) -> Any:
    with ws.experiment("e").start_logging() as one:
        yield one


def read(run: Any, piece: dict[str, Any]) -> bytes:
    return pieces.read(run.experiment.workspace.path, piece, run.path)


def own(run: Any, body: dict[str, Any]) -> dict[str, Any]:
    """A fact as the run's state has it."""
    return {**body, "writer": run._writer.identity.writer}


@pytest.mark.parametrize("size", [0, 10, pack.SMALL, 3 * pack.SMALL])
def test_what_was_stored_is_read_and_copied(run: Any, tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    piece = own(run, run._store("a", io.BytesIO(data)))
    assert read(run, piece) == data
    pieces.verify(run.experiment.workspace.path, piece, run.path)
    pieces.copy(run.experiment.workspace.path, piece, tmp_path / "deep" / "er" / "file", run.path)
    assert (tmp_path / "deep" / "er" / "file").read_bytes() == data
    assert len(list((tmp_path / "deep" / "er").iterdir())) == 1


def test_content_that_says_in_full_where_it_lies_needs_no_run(run: Any) -> None:
    assert pieces.read(run.experiment.workspace.path, run._put(b"data")) == b"data"


@pytest.mark.parametrize("size", [10, pack.SMALL])
def test_damaged_bytes_are_never_given(run: Any, tmp_path: Path, size: int) -> None:
    piece = own(run, run._store("a", io.BytesIO(b"x" * size)))
    place = pieces.locate(run.experiment.workspace.path, piece, run.path)
    run.complete()
    data = bytearray(place.path.read_bytes())
    data[place.offset + 3] ^= 1
    place.path.write_bytes(data)
    (tmp_path / "target").write_bytes(b"before")
    with pytest.raises(Damaged, match=r"'a'.*SHA-256"):
        read(run, piece)
    with pytest.raises(Damaged):
        pieces.verify(run.experiment.workspace.path, piece, run.path)
    with pytest.raises(Damaged):
        pieces.copy(run.experiment.workspace.path, piece, tmp_path / "target", run.path)
    assert (tmp_path / "target").read_bytes() == b"before"


@pytest.mark.parametrize("size", [10, pack.SMALL])
def test_missing_bytes_are_named(run: Any, size: int) -> None:
    piece = own(run, run._store("a", io.BytesIO(b"x" * size)))
    place = pieces.locate(run.experiment.workspace.path, piece, run.path)
    run.complete()
    place.path.unlink()
    with pytest.raises(StoreError, match="'a' is missing"):
        read(run, piece)


def test_a_target_that_can_not_be_written_is_told(run: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotWritable, match="another path"):
        pieces.copy(run.experiment.workspace.path, own(run, run._store("a", b"x")), tmp_path / "file" / "x", run.path)


@pytest.mark.parametrize("change", [b"longer than before", b"less", b"changed!"])
def test_by_reference_what_has_changed_is_told(run: Any, tmp_path: Path, change: bytes) -> None:
    place = tmp_path / "a file%20.bin"
    place.write_bytes(b"original")
    piece = own(run, run._store("a", place, reference=True))
    assert read(run, piece) == b"original"
    place.write_bytes(change)
    with pytest.raises(Damaged, match="has changed since"):
        read(run, piece)
    with pytest.raises(Damaged, match="has changed since"):
        pieces.copy(run.experiment.workspace.path, piece, tmp_path / "copy", run.path)
    place.unlink()
    with pytest.raises(StoreError, match="is gone"):
        read(run, piece)


def test_a_pack_that_was_replaced_more_than_once_is_followed(run: Any) -> None:
    workspace = run.experiment.workspace
    piece, writer = own(run, run._store("a", b"data")), run._writer.identity.writer
    run.complete()
    sha256 = hashlib.sha256(b"data").hexdigest()
    after = ["1" * 16, "2" * 16]
    for before, new in zip([writer, *after], after, strict=False):
        into = {"writer": new, "number": 0, "size": 0, "sha256": ""}
        body = {"writer": before, "number": 0, "into": into, "elsewhere": {}}
        edits.record(workspace.path, run.id, "e", [("repacked", body)])
    files.publish(run.path, names.pack(after[1], 0), pack.frame(sha256, 4) + b"data\n")
    (run.path / names.pack(writer, 0)).unlink()
    assert read(run, piece) == b"data"


def test_a_pack_that_was_dropped_says_where_else_its_pieces_are(run: Any) -> None:
    workspace = run.experiment.workspace
    piece, writer = own(run, run._store("a", b"data")), run._writer.identity.writer
    run.complete()
    other = workspace.experiment("e").start_logging()
    there = other._put(b"other")  # so that its offset is another
    there = {"sha256": piece["sha256"], "size": 4, "pack": [*other._writer.keep(b"data", piece["sha256"])]}
    elsewhere = {piece["sha256"]: [*there["pack"], other._writer.identity.writer, other.id]}
    body = {"writer": writer, "number": 0, "into": None, "elsewhere": elsewhere}
    edits.record(workspace.path, run.id, "e", [("repacked", body)])
    (run.path / names.pack(writer, 0)).unlink()
    assert read(run, piece) == b"data"
    other.complete()


def test_what_is_wrong_is_told_without_reading_the_bytes(run: Any) -> None:
    workspace = run.experiment.workspace.path
    small, large = (own(run, run._store(f"{size}", io.BytesIO(bytes(size)))) for size in (10, pack.SMALL))
    assert pieces.wrong(workspace, small, run.path) == pieces.wrong(workspace, large, run.path) == ""
    assert pieces.wrong(workspace, {**small, "size": 11}, run.path) == "has not the 11 bytes recorded"
    assert pieces.wrong(workspace, {**large, "size": 11}, run.path) == "has not the 11 bytes recorded"
    assert pieces.wrong(workspace, {**large, "sha256": "0" * 64}, run.path) == "missing"


def test_a_blob_stands_in_for_a_pack_that_is_not_there(tmp_path: Path) -> None:
    data = b"content"
    sha256 = hashlib.sha256(data).hexdigest()
    piece = {"sha256": sha256, "size": len(data), "pack": [0, 90, "0123456789abcdef", "another run"]}
    assert pieces.wrong(tmp_path, piece) == "missing"
    blob = tmp_path / names.blob(sha256)
    blob.parent.mkdir(parents=True)
    blob.write_bytes(data)
    assert pieces.wrong(tmp_path, piece) == ""
    assert pieces.read(tmp_path, piece) == data
    assert not pieces.locate(tmp_path, piece).packed
    blob.write_bytes(b"CONTENT")
    with pytest.raises(Damaged):
        pieces.read(tmp_path, piece)


@pytest.mark.parametrize("size", [10, pack.SMALL])
def test_content_of_a_run_in_a_block_is_read_and_damage_is_told(run: Any, tmp_path: Path, size: int) -> None:
    workspace, data = run.experiment.workspace.path, os.urandom(size)
    piece = own(run, run._store("a", io.BytesIO(data)))
    run.complete()
    name = blocked.put(workspace, [run.path])
    assert (read(run, piece), pieces.wrong(workspace, piece, run.path)) == (data, "")
    pieces.copy(workspace, piece, tmp_path / "copy", run.path)
    assert (tmp_path / "copy").read_bytes() == data
    members = workspace / names.BLOCKS / name / names.BLOCK_MEMBERS
    if members.read_bytes().count(data):
        members.write_bytes(members.read_bytes().replace(data, bytes(size)))
        with pytest.raises(Damaged, match="SHA-256"):
            read(run, piece)


def test_content_whose_pack_was_replaced_before_both_went_into_a_block_is_found(ws: runstore.Workspace) -> None:
    first = ws.experiment("e").start_logging(run_id="r")
    for name in ("lost", "kept"):
        first.upload_file(name, io.BytesIO(name.encode() * 9))
    first.complete()
    first.remove_files(["lost"])
    references.sweep(ws.path, grace=0, young=-5)
    references.sweep(ws.path, grace=0, young=-5)
    blocked.put(ws.path)
    assert files_of(ws.path, "r") == {"kept": b"kept" * 9}


def files_of(workspace: Path, run_id: str) -> dict[str, bytes]:
    return {
        name: query_files.find(workspace, run_id, name).read() for name in query_files.file_names(workspace, run_id)
    }
