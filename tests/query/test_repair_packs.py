"""Undamaged pieces of a damaged pack stay, those that lie elsewhere too are found there, the others are named."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import runstore
from runstore.disk import pack
from runstore.errors import RunstoreError
from runstore.format import names
from runstore.query.repair import repair
from runstore.query.repair_packs import Copies, pieces
from runstore.runs.workspace import Workspace
from tests.query.damaging import change, damage, one, original, place

__all__ = ["original", "place"]


def framed(*contents: bytes) -> bytes:
    return b"".join(pack.frame(hashlib.sha256(one).hexdigest(), len(one)) + one + b"\n" for one in contents)


def content(place: Path, run_id: str, name: str, tmp_path: Path) -> bytes:
    runstore.Workspace(place).get_run(run_id).download_file(name, tmp_path / "got")
    return (tmp_path / "got").read_bytes()


def test_every_undamaged_piece_is_found_wherever_the_damage_is() -> None:
    data = framed(b"one", b"two", b"three")
    whole = [hashlib.sha256(one).hexdigest() for one in (b"one", b"two", b"three")]
    assert [one.sha256 for one in pieces(data)] == whole
    for at in range(len(data)):
        wrong = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert len([one for one in pieces(wrong) if one.sha256 in whole]) == 2
    assert [one.sha256 for one in pieces(b"lost" + data)] == whole


def test_the_rest_of_a_pack_is_read_as_before_and_the_lost_piece_is_named(place: Path, tmp_path: Path) -> None:
    path = one(place, "journals", "k-*")
    change(path, path.read_bytes().index(b"small 2"), b"SMALL")
    done = repair(place)
    assert damage(place) == [] and not path.exists()
    assert [told.what for told in done.lost] == ["the content of artifact 'small2'"]
    assert content(place, "journals", "same", tmp_path) == b"same" * 20
    with pytest.raises(RunstoreError):
        content(place, "journals", "small2", tmp_path)


def test_a_piece_that_lies_in_another_pack_is_found_there(place: Path, tmp_path: Path) -> None:
    holding = [path for path in place.glob("runs/*/*/k-*") if b"same" * 20 in path.read_bytes()]
    assert holding  # the same bytes are stored once, or once for each run that could not know
    other = one(place, "open", "k-*")
    other.write_bytes(other.read_bytes() + framed(b"same" * 20))
    for path in set(holding) - {other}:
        change(path, path.read_bytes().index(b"same" * 20), b"SAME")
    done = repair(place)
    assert done.whole and damage(place) == []
    assert content(place, "journals", "same", tmp_path) == b"same" * 20


def test_a_missing_pack_is_named_by_what_was_in_it(place: Path) -> None:
    one(place, "merged", "k-*").unlink()
    done = repair(place)
    assert damage(place) == [] and [told.run_id for told in done.lost] == ["merged"]


def test_a_damaged_blob_is_put_aside_and_everybody_who_used_it_is_named(place: Path) -> None:
    (path,) = (place / names.BLOBS).glob("*/*")
    change(path, 1000, b"?")
    done = repair(place)
    assert damage(place) == [] and not path.exists()
    assert {told.run_id for told in done.lost} == {"sealed", "journals", "merged", "many", "open"}
    assert {told.what for told in done.lost} == {"the content of artifact 'large'"}


def test_a_damaged_blob_is_stored_again_where_a_pack_has_the_same_bytes(place: Path, tmp_path: Path) -> None:
    (path,) = (place / names.BLOBS).glob("*/*")
    data = path.read_bytes()
    packed = one(place, "open", "k-*")
    packed.write_bytes(packed.read_bytes() + framed(data))
    change(path, 1000, b"?")
    assert repair(place).whole
    assert path.read_bytes() == data and damage(place) == []


def test_copies_are_verified_before_anybody_relies_on_them(place: Path) -> None:
    digest = hashlib.sha256(b"same" * 20).hexdigest()
    spot = Copies(place).packed(digest)
    assert spot is not None and spot.read() == b"same" * 20
    assert not Copies(place).blob(digest) and Workspace(place).path == place
