"""A block is there whole or not at all; what was put in is what readers find."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import block, files, segment
from runstore.disk.block_build import Builder, Part, Piece
from runstore.errors import Damaged
from runstore.format import blocks, names
from tests.disk.test_block_rows import batches

RUNS = ("one", "three", "two")


def piece(name: str, data: bytes, deflate: bool = True) -> Piece:
    return Piece(name, *blocks.pack(data, 77, deflate))


def put(builder: Builder, run_id: str) -> None:
    small = [piece("a1.jsonl", run_id.encode() * 100), piece("k-1-0000.pack", b"x" * 1000, deflate=False)]
    parts = [Part("points", f"points-{run_id}.parquet", batches(run_id, 5))] if run_id != "two" else []
    builder.add(run_id, "e", small, parts)


def built(workspace: Path, **more: Any) -> block.Block:
    with Builder(workspace, 2, more.get("acknowledged", ()), more.get("replaces", ())) as builder:
        for run_id in RUNS:
            put(builder, run_id)
        found = builder.publish()
    assert found is not None
    return found


def test_what_was_put_in_is_found(tmp_path: Path) -> None:
    built(tmp_path)
    (found,) = block.active(tmp_path)
    entries = list(found.entries())
    assert [entry.run_id for entry in entries] == list(RUNS)
    assert [found.read(entry.files["a1.jsonl"]) for entry in entries] == [one.encode() * 100 for one in RUNS]
    assert entries[0].segments == {"points-one.parquet": "points-0000.parquet"}
    assert entries[2].segments == {}
    assert found.find(block.key(Path(names.run_dir("three")))) == entries[1]


def test_what_is_read_by_offset_lies_there_as_it_is(tmp_path: Path) -> None:
    found = built(tmp_path)
    member = next(found.entries()).files["k-1-0000.pack"]
    data = (found.path / names.BLOCK_MEMBERS).read_bytes()
    assert not member.deflated
    assert data[member.offset : member.offset + member.stored] == b"x" * 1000


def test_its_record_tells_level_remotes_replaced_and_every_file(tmp_path: Path) -> None:
    found = built(tmp_path, acknowledged=["s3", "box"], replaces=["b" * 24, "a" * 24])
    told = {key: found.body[key] for key in ("level", "runs", "acknowledged", "replaces")}
    assert told == {"level": 2, "runs": 3, "acknowledged": ["box", "s3"], "replaces": ["a" * 24, "b" * 24]}
    assert found.body == block.active(tmp_path)[0].body
    assert set(found.body["files"]) | {names.BLOCK_RECORD} == set(files.names_in(found.path))
    for name, entry in found.body["files"].items():
        segment.verify(found.path / name, entry)


def test_a_block_of_nothing_is_none(tmp_path: Path) -> None:
    with Builder(tmp_path, 0) as builder:
        assert builder.publish() is None
    assert files.names_in(tmp_path / names.BLOCKS) == []


def test_runs_come_in_the_order_of_their_ids(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="order"), Builder(tmp_path, 0) as builder:
        put(builder, "two")
        put(builder, "one")


def test_a_block_that_was_given_up_leaves_nothing(tmp_path: Path) -> None:
    with Builder(tmp_path, 0) as builder:
        put(builder, "one")
    assert files.names_in(tmp_path / names.BLOCKS) == []
    assert block.active(tmp_path) == []


def test_what_can_not_be_read_back_never_becomes_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_all = files.write_all
    monkeypatch.setattr(files, "write_all", lambda fd, data: write_all(fd, data.replace(b"x" * 9, b"x" * 8 + b"y")))
    with pytest.raises(Damaged, match="not what was written"):
        built(tmp_path)
    assert files.names_in(tmp_path / names.BLOCKS) == []


def test_where_the_disk_is_full_there_is_no_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "sync", full)
    with pytest.raises(OSError, match="space"):
        built(tmp_path)
    assert files.names_in(tmp_path / names.BLOCKS) == []


def test_every_file_and_the_directory_are_durable_before_the_name_and_the_name_before_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def noted(name: str, told: Any) -> None:
        true = getattr(files, name)
        monkeypatch.setattr(files, name, lambda *given: (true(*given), done.append(told(*given)))[0])

    noted("sync", lambda fd: "file")
    noted("sync_dir", lambda directory: directory.name[:6])
    noted("reveal_dir", lambda temporary, final: "named")
    built(tmp_path)
    at = done.index("named")
    assert done[:at].count("file") == 4  # rows, members, index, record
    assert done[at - 1] == ".block"
    assert done[at + 1 :] == ["blocks"]
