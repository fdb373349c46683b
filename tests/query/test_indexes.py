"""An index is made once for a block, and again wherever it isn't as it was made."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import runstore
from runstore.disk import block
from runstore.disk.block import Block
from runstore.format import documents, names
from runstore.query import indexes, watchers
from runstore.query.index_tables import METRIC, PARAM, TABLES
from tests.query.settled import settle


@pytest.fixture
def settled(ws: runstore.Workspace) -> Block:
    for number in range(3):
        with ws.experiment("e").start_logging(run_id=f"r{number}", params={"lr": number or 0.5, "only": "x"}) as run:
            run.log("loss", number)
    settle(ws.path)
    (one,) = block.active(ws.path)
    return one


def forget() -> None:
    """As a new process begins."""
    indexes._known.clear()


def index_path(one: Block) -> Path:
    return one.path.parents[1] / names.CACHE / one.name


def test_it_is_made_once_and_then_read(settled: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    made = indexes.of(settled)
    assert made.path == index_path(settled)
    forget()
    monkeypatch.setattr(indexes, "_make", None)  # nobody makes one now
    assert indexes.of(settled).files == made.files


def test_it_has_a_file_for_each_table_with_its_size_and_hash(settled: Block) -> None:
    made = indexes.of(settled)
    assert {*made.files} == {f"{table}.parquet" for table in TABLES}
    assert all((made.path / name).stat().st_size == about["size"] for name, about in made.files.items())
    assert made.files["runs.parquet"]["rows"] == 3


def test_it_tells_names_and_kinds(settled: Block) -> None:
    kinds = indexes.of(settled).kinds
    assert {name: dict(one) for name, one in kinds[PARAM].items()} == {"lr": {"float": 1, "int": 2}, "only": {"str": 3}}
    assert {name: dict(one) for name, one in kinds[METRIC].items()} == {"loss": {"int": 3}}


@pytest.mark.parametrize("what", ["record", "layout", "size", "gone"])
def test_one_that_is_not_whole_is_made_again(settled: Block, what: str) -> None:
    path = indexes.of(settled).path
    forget()
    if what == "record":
        (path / indexes.RECORD).write_bytes(b"x" * 50)
    elif what == "layout":
        body = documents.parse((path / indexes.RECORD).read_bytes(), "")
        (path / indexes.RECORD).write_bytes(documents.render(body | {"layout": 0}))
    elif what == "size":
        (path / "runs.parquet").write_bytes(b"")
    else:
        shutil.rmtree(path)
    again = indexes.of(settled)
    assert again.path == path
    assert again.file("runs").stat().st_size == again.files["runs.parquet"]["size"]


def test_a_changed_byte_is_found_before_anything_is_answered_from_it(settled: Block) -> None:
    path = indexes.of(settled).path / "labels.parquet"
    good = path.read_bytes()
    path.write_bytes(good[:40] + bytes([good[40] ^ 1]) + good[41:])
    os.utime(path, ns=(1, 1))
    forget()
    assert indexes.of(settled).file("labels").read_bytes() == good


def test_where_nothing_can_be_written_it_lies_elsewhere(settled: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    (settled.path.parents[1] / names.CACHE).write_bytes(b"in the way")
    made = indexes.of(settled)
    assert settled.path.parents[1] not in made.path.parents
    assert made.file("runs").exists()


def test_nothing_is_left_beside_it_and_those_of_blocks_that_are_gone_go(settled: Block) -> None:
    cache = settled.path.parents[1] / names.CACHE
    (cache / ("0" * 24)).mkdir(parents=True)
    left = cache / f".{'1' * 24}.abcd.tmp"
    left.mkdir()
    os.utime(left, (1, 1))
    indexes.of(settled)
    assert [one.name for one in cache.iterdir()] == [settled.name]


def test_whoever_watches_is_told_how_far_it_is(settled: Block) -> None:
    told: list[tuple[int, int]] = []
    with watchers.watched(lambda done, total: told.append((done, total))):
        indexes.of(settled)
    assert told == [(0, 3), (3, 3)]


def test_a_run_that_has_more_than_its_block_is_left_out(ws: runstore.Workspace, settled: Block) -> None:
    ws.get_run("r1").tag("later", "x")
    assert list(indexes.of(settled).left.values()) == ["r1"]


def test_the_same_block_of_another_workspace_has_an_index_of_its_own(settled: Block, tmp_path: Path) -> None:
    place = settled.path.parents[1]
    shutil.copytree(place, tmp_path / "copy")
    (copied,) = block.active(tmp_path / "copy")
    assert indexes.of(settled).path != indexes.of(copied).path


def test_what_another_process_has_made_again_meanwhile_is_taken(
    settled: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = indexes.of(settled)
    body = documents.parse((mine.path / indexes.RECORD).read_bytes(), "")
    path = mine.path / "writers.parquet"
    path.write_bytes((mine.path / "artifacts.parquet").read_bytes())  # as if made anew
    body["files"]["writers.parquet"] = body["files"]["artifacts.parquet"]
    (mine.path / indexes.RECORD).write_bytes(documents.render(body))
    monkeypatch.setattr(indexes, "_make", None)  # nobody makes one now
    assert mine.file("writers") == path
    assert indexes.of(settled).files == body["files"]
