"""What blocks have of removed runs is hidden at once, and goes with the next block that is made without it."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk import block, packed
from runstore.format import names
from runstore.query import blocking, collecting, collecting_blocks, compaction
from runstore.query.check import check
from runstore.runs import dedup
from tests.query import blocked, collectable

SHARED = {"f": b"shared with one", "own": b"of one alone" * 400}


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    dedup.forget()
    monkeypatch.setattr(packed, "_FRESH_SECONDS", 0.0)


@pytest.fixture
def kept(ws: runstore.Workspace) -> Path:
    """A block with four runs that share something; one of them registered a model."""
    for run_id in ("a", "b", "c", "d"):
        run = collectable.ended(ws, run_id, {**SHARED, run_id: os.urandom(6000)})
        if run_id == "a":
            run.register_model("m", "own")
    path = blocked.compacted(ws.path)
    collectable.age(ws.path)
    return path


def collected(ws: runstore.Workspace, **given: Any) -> tuple[Any, int]:
    """What was collected, and by how much the workspace got smaller."""
    before = sum(collectable.tree(ws.path).values())
    done = collecting.collect(ws.path, grace=0, **given)
    return done, before - sum(collectable.tree(ws.path).values())


def read(ws: runstore.Workspace, run_id: str) -> tuple[bytes, bytes]:
    return ws.get_run(run_id).read_file("f"), ws.get_run(run_id).read_file("own")


def test_a_removed_run_is_gone_at_once_and_its_bytes_with_the_next_block(
    ws: runstore.Workspace, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws.delete(["a", "b"])
    done, freed = collected(ws)
    assert (done.bytes, done.trouble) == (freed, [])
    assert [part.kind for part in done.parts if part.kind in ("run", "block")] == ["run", "run", "block"]
    (anew,) = block.active(ws.path)
    assert (anew.body["runs"], anew.body["replaces"], kept.is_dir()) == (2, [kept.name], True)
    assert {row[0] for row in ws.sql("select run_id from runs").fetchall()} == {"c", "d"}
    assert (read(ws, "c"), read(ws, "d")) == (tuple(SHARED.values()), tuple(SHARED.values()))
    monkeypatch.setattr(blocking, "age", lambda one: 2 * compaction.GRACE)
    done, freed = collected(ws)
    assert (done.bytes, done.trouble, freed > 6000) == (freed, [], True)
    assert [part.path for part in done.parts] == [f"blocks/{kept.name}"]
    assert (read(ws, "c"), check(ws.path)) == (tuple(SHARED.values()), [])
    assert Path(ws.models["m"].download(ws.path.parent / "got")).read_bytes() == SHARED["own"]


def test_what_is_told_before_changes_nothing(ws: runstore.Workspace, kept: Path) -> None:
    ws.delete(["a", "b"])
    before = collectable.tree(ws.path)
    told = collecting.plan(ws.path, grace=0)
    assert (collectable.tree(ws.path), sorted(part.run_id for part in told.parts)) == (before, ["a", "b"])


def test_a_block_in_which_content_was_just_found_stays(ws: runstore.Workspace, kept: Path) -> None:
    ws.delete(["a", "b"])
    os.utime(kept / names.BLOCK_MEMBERS)
    done, _ = collected(ws)
    assert [one.path for one in block.active(ws.path)] == [kept]
    ((what, why),) = done.kept
    assert (what, "of removed runs are in it" in why) == (f"blocks/{kept.name}", True)
    assert [part for part in collecting.plan(ws.path, grace=0).parts if part.kind == "run"] == []


def test_content_that_was_found_in_a_block_before_its_run_was_removed_is_kept(
    ws: runstore.Workspace, kept: Path
) -> None:
    going = ws.experiment("e").start_logging(run_id="late")
    os.utime(kept / names.BLOCK_MEMBERS)
    ws.delete(["a", "b", "c"])
    collected(ws)  # nobody says yet that it is in use
    going.upload_file("found", io.BytesIO(b"of one alone" * 400))
    going.complete()
    collectable.age(ws.path)
    collected(ws)
    assert [one.body["runs"] for one in block.active(ws.path)] == [1]
    assert ws.get_run("late").read_file("found") == b"of one alone" * 400
    assert [one for one in check(ws.path) if one.severity == "damage"] == []


def test_a_little_of_a_block_waits(ws: runstore.Workspace, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting_blocks, "WORTH", 0.9)
    ws.delete("a")
    done, _ = collected(ws)
    assert [one.path for one in block.active(ws.path)] == [kept]
    assert [(what, why.endswith("when they are a tenth of it")) for what, why in done.kept] == [
        (f"blocks/{kept.name}", True)
    ]
    assert collected(ws)[0].parts == []


def test_a_block_of_removed_runs_only_goes_at_once(ws: runstore.Workspace, kept: Path) -> None:
    ws.delete(["a", "b", "c", "d"])
    done, freed = collected(ws)
    assert (done.bytes, kept.is_dir(), block.active(ws.path)) == (freed, False, [])


def test_a_deleted_run_in_a_block_is_restored(ws: runstore.Workspace, kept: Path) -> None:
    ws.delete("b")
    assert [one.run_id for one in ws.deleted()] == ["b"]
    assert {row[0] for row in ws.sql("select run_id from runs").fetchall()} == {"a", "c", "d"}
    ws.restore("b")
    assert read(ws, "b") == tuple(SHARED.values())


def test_indexes_of_blocks_that_are_gone_go(ws: runstore.Workspace, kept: Path) -> None:
    left = ws.path / names.CACHE / ("0" * 24)
    left.mkdir(parents=True)
    (left / "cache.json").write_bytes(b"12345")
    done, freed = collected(ws)
    assert (done.bytes, freed, left.exists()) == (5, 5, False)


def test_compaction_alone_never_drops_packs(
    ws: runstore.Workspace, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting_blocks, "WORTH", 2)
    ws.delete(["a", "b", "c"])
    collected(ws)
    compaction.compact(ws.path, grace=0)
    assert [one.path for one in block.active(ws.path)] == [kept]


def test_content_without_a_user_stays_with_its_run_in_a_block(ws: runstore.Workspace, kept: Path) -> None:
    ws.get_run("b").remove_files(["b"])
    collectable.age(ws.path)
    done, freed = collected(ws)
    assert (done.parts, freed) == ([], 0)
    assert done.kept == [("blocks", "6,000 bytes of content that nothing refers to stay with their runs")]
