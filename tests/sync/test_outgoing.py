"""What goes is read once to be hashed, small bytes lie together, and a record says no more than travels with it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import runstore
from runstore.disk import inventory
from runstore.errors import Damaged
from runstore.format import documents
from runstore.query import compaction
from runstore.sync import describe, outgoing
from runstore.sync.choice import Choice
from runstore.sync.outgoing import Parcel, Source
from runstore.sync.piece import Piece
from runstore.sync.plan import Held, plan
from tests.query import scenes, unions


def bytes_of(piece: Piece, parcel: Parcel) -> bytes:
    _, objects = parcel.bound()
    data = {one.sha256: b"".join(one.read()) for one in objects}
    return data[piece.object][piece.at : piece.at + piece.size]


def ready(ws: runstore.Workspace, run_id: str, aside: Path, choice: Choice | None = None) -> Parcel:
    seen = describe.run(ws.path, ws.get_run(run_id).path)
    aside.mkdir(exist_ok=True)
    source = Source(ws.path, inventory.scan(seen.run.path), run_id, "e", seen.packed, aside)
    return outgoing.ready(source, plan((choice or Choice()).files([*seen.files, *seen.content]), Held()))


def test_every_piece_is_found_in_its_object(tmp_path: Path) -> None:
    ws = runstore.Workspace(tmp_path / "ws")
    unions.logged(ws, "r0", small=b"few", large=b"many" * 100_000)
    unions.logged(ws, "r1", small=b"few")
    compaction.compact(ws.path, grace=0)
    whole = Parcel()
    for run_id in ("r0", "r1"):
        whole.take(ready(ws, run_id, tmp_path / run_id))
    pieces, objects = whole.bound()
    assert len({one.sha256 for one in objects}) == len(objects) == 1 + 4 + 1  # small ones, segments, the blob
    for piece in pieces:
        assert hashlib.sha256(bytes_of(piece, whole)).hexdigest() == piece.sha256


def test_a_segment_out_of_a_block_is_the_file_that_it_was(tmp_path: Path) -> None:
    ws = runstore.Workspace(tmp_path / "ws")
    unions.logged(ws, "r0")
    compaction.compact(ws.path, grace=0)
    before = {one.path: one.sha256 for one in ready(ws, "r0", tmp_path / "a").pieces}
    for _ in range(2):
        compaction.compact(ws.path, grace=0, enough=1)
    assert {one.path: one.sha256 for one in ready(ws, "r0", tmp_path / "b").pieces} == before


def test_a_record_without_its_side_names_no_segment_of_it(tmp_path: Path) -> None:
    ws = runstore.Workspace(tmp_path / "ws")
    with runstore.start_run("e", run_id="r", workspace=ws) as run:
        scenes.log_some(run)
        scenes.log_side(run)
    compaction.compact(ws.path, grace=0)
    parcel = ready(ws, "r", tmp_path / "a", Choice(kinds=frozenset({"points"})))
    pieces, _ = parcel.bound()
    (seal,) = [one for one in pieces if one.kind == "seal"]
    body = documents.parse(bytes_of(seal, parcel), seal.path)
    assert (
        {entry["kind"] for entry in body["segments"]} == {"points", "rows"} == {e.partition("-")[0] for e in seal.needs}
    )
    assert all(not writer.endswith("s") for writer, *_ in body["ranges"]) and body["summary"]


def test_a_file_that_is_shorter_than_it_was_is_damage() -> None:
    with pytest.raises(Damaged, match="3 bytes"):
        Parcel().add_large(Piece("x", "log"), 5, lambda: iter([b"abc"]))


def test_a_segment_whose_bytes_changed_is_not_sent(tmp_path: Path) -> None:
    ws = runstore.Workspace(tmp_path / "ws")
    unions.logged(ws, "r0")
    compaction.compact(ws.path, grace=0)
    (segment,) = ws.get_run("r0").path.glob("points-*.parquet")
    data = bytearray(segment.read_bytes())
    data[60] ^= 1
    segment.write_bytes(bytes(data))
    with pytest.raises(Damaged):
        ready(ws, "r0", tmp_path / "a")
