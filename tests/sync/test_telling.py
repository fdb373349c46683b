"""What a workspace has is told so that whoever fetches it finds the very bytes, in files, in packs and in blocks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk import segment
from runstore.errors import RemoteError
from runstore.format import documents, names
from runstore.query import compaction, thawing
from runstore.runs import seal
from runstore.sync.piece import SEGMENTS, Piece
from runstore.sync.telling import Telling, record
from tests.query import blocked, unions


@pytest.fixture
def ws(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Workspace:
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    return runstore.Workspace(workspace)


@pytest.fixture
def telling(ws: runstore.Workspace) -> Iterator[Telling]:
    made = Telling(ws.path)
    yield made
    made.close()


def told(telling: Telling, ws: runstore.Workspace, run_id: str = "r0") -> list[Piece]:
    return list(telling.run(ws.path / names.run_dir(run_id)))


def right(telling: Telling, pieces: list[Piece]) -> None:
    """Every piece has the bytes that it tells of."""
    for piece in pieces:
        data = b"".join(telling.read(piece)) if piece.size else b""
        assert (len(data), hashlib.sha256(data).hexdigest()) == (piece.size, piece.sha256)


@pytest.mark.parametrize("how", ["sealed", "compacted", "in blocks"])
def test_every_piece_has_the_bytes_that_it_tells_of(telling: Telling, ws: runstore.Workspace, how: str) -> None:
    unions.logged(ws, "r0", small=b"small", large=bytes(300_000))
    unions.logged(ws, "r0", 2)
    compaction.compact(ws.path, grace=0)
    if how == "in blocks":
        blocked.compacted(ws.path)
    pieces = told(telling, ws)
    assert {"points", "rows", "seal", "facts", "pack", "blob"} <= {one.kind for one in pieces}
    right(telling, pieces)


def test_a_record_is_told_without_the_facts_that_it_merged(telling: Telling, ws: runstore.Workspace) -> None:
    unions.logged(ws, "r0"), unions.logged(ws, "r0", 2)
    compaction.compact(ws.path, grace=0)
    (piece,) = (one for one in told(telling, ws) if one.kind == "seal")
    body = documents.parse(b"".join(telling.read(piece)), "")
    assert body["merged_facts"] is None
    assert piece.path.endswith(names.seal(piece.sha256))


def test_a_record_that_merged_no_facts_is_told_as_it_is() -> None:
    data = documents.render({"merged_facts": None})
    assert record(data, "") == data


def test_content_in_another_runs_pack_is_told_as_a_blob(telling: Telling, ws: runstore.Workspace) -> None:
    unions.logged(ws, "r0", small=b"shared" * 1000)
    unions.logged(ws, "r1", small=b"shared" * 1000)
    pieces = told(telling, ws, "r1")
    blobs = [one for one in pieces if one.kind == "blob"]
    assert [one.sha256 for one in blobs] == [hashlib.sha256(b"shared" * 1000).hexdigest()]
    right(telling, blobs)


def test_where_a_block_gives_other_bytes_by_now_the_run_is_told_with_those(
    telling: Telling, ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    unions.logged(ws, "r0")
    compaction.compact(ws.path, grace=0)
    blocked.compacted(ws.path)
    before = [one for one in told(telling, ws) if one.kind == "points"]
    monkeypatch.setattr(segment, "LEVEL", 1)
    monkeypatch.setattr(segment, "ROW_GROUP", 2)
    assert thawing.segment.ROW_GROUP == 2
    run_path = ws.path / names.run_dir("r0")
    assert not telling.otherwise(run_path)
    with pytest.raises(RemoteError, match="told otherwise by now"):
        list(telling.read(before[0]))
    assert telling.otherwise(run_path)
    after = told(telling, ws)
    assert {one.path for one in after}.isdisjoint({one.path for one in before})
    right(telling, after)
    (piece,) = (one for one in after if one.kind == "seal")
    assert set(piece.needs) == {one.path.rpartition("/")[2] for one in after if one.kind in SEGMENTS}


def test_what_is_damaged_is_left_out_and_the_rest_is_told(telling: Telling, ws: runstore.Workspace) -> None:
    unions.logged(ws, "r0", small=b"small")
    compaction.compact(ws.path, grace=0)
    (path,) = (ws.path / names.run_dir("r0")).glob("a1.jsonl")
    kinds = {one.kind for one in told(telling, ws)}
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(bytes(data))
    assert "facts" in kinds
    assert "facts" not in {one.kind for one in told(telling, ws)}


def test_a_directory_that_is_no_run_tells_nothing(telling: Telling, ws: runstore.Workspace) -> None:
    assert told(telling, ws, "nobody") == []


def test_documents_are_told_but_for_those_that_are_known(telling: Telling, ws: runstore.Workspace) -> None:
    ws.experiment("a"), ws.experiment("b")
    every = list(telling.outside(set()))
    assert {one.path for one in every} == {names.experiment_file("a"), names.experiment_file("b")}
    right(telling, every)
    assert [one.path for one in telling.outside({every[0].key})] == [every[1].path]


def test_what_is_not_there_is_said_to_be_so(telling: Telling, ws: runstore.Workspace) -> None:
    unions.logged(ws, "r0")
    sha256: Any = "0" * 64
    for piece in (
        Piece(names.blob(sha256), "blob", "r0", size=4, sha256=sha256),
        Piece(f"{names.run_dir('r0')}/o-0123456789abcdef-0000.log", "log", "r0", size=4, sha256=sha256),
    ):
        with pytest.raises(RemoteError, match="is not there"):
            list(telling.read(piece))
