"""A flipped byte in facts never raises, never renames a run, and is always told."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

import runstore
from runstore.format import names
from runstore.query import collecting, removing
from runstore.runs import edits, state
from runstore.runs.workspace import Workspace
from tests.query import scenes
from tests.query.scenes import workspace

__all__ = ["workspace"]


def logged(workspace: Workspace) -> None:
    run = workspace.experiment("exp").start_logging(run_id="r", params={"lr": 0.1}, tags={"a": "b"})
    run.log("x", 1.0, "what x is")
    run.flush()
    run.add_properties({"p": 1})
    run.upload_file("f", io.BytesIO(b"xx"))
    run.complete()


def flipped(path: Path, mask: int) -> list[state.RunState]:
    """The fold for every byte of a file flipped in turn."""
    data, folds = path.read_bytes().rstrip(b"\0"), []
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= mask
        path.write_bytes(changed)
        folds.append(state.fold(path.parent))
    path.write_bytes(data)
    return folds


@pytest.mark.parametrize("mask", [1, 4, 0x40])
def test_closed_facts_with_a_flipped_byte_are_told_and_never_misread(workspace: Workspace, mask: int) -> None:
    logged(workspace)
    path = workspace.path / names.run_dir("r") / "a1.jsonl"
    whole = state.fold(path.parent)
    for run in flipped(path, mask):
        assert run.damaged
        assert run.run_id in ("r", "")
        assert run.experiment in ("exp", "")
        assert {w.writer for w in run.writers} <= {whole.writers[0].writer}
        assert {attempt.number for attempt in run.attempts} <= {1}
        assert run.params in ({"lr": 0.1}, {})


@pytest.mark.parametrize("mask", [1, 4, 0x40])
def test_facts_that_no_checksum_covers_yet_may_hold_anything(workspace: Workspace, mask: int) -> None:
    def log() -> None:
        run = workspace.experiment("exp").start_logging(run_id="r", params={"lr": 0.1}, tags={"a": "b"})
        run.log("x", 1.0, "what x is")
        run.upload_file("f", io.BytesIO(b"xx"))
        assert run._writer is not None
        for kind, body in (
            ("dropped", {"points": 3, "reason": "full"}),
            ("points", {"number": 0, "first": 0, "count": 1, "size": 5}),
            ("end", {"status": "Completed", "error": None, "explicit": True, "points": 1, "journals": 1, "dropped": 3}),
        ):
            run._writer.record(kind, body)

    scenes.die(log)
    path = workspace.path / names.run_dir("r") / "a1.jsonl"
    assert all(run.run_id in ("r", "") for run in flipped(path, mask))


@pytest.mark.parametrize("mask", [1, 4, 0x10, 0x40, 0xFF])
def test_a_flipped_byte_never_brings_a_deleted_run_back(workspace: Workspace, mask: int) -> None:
    logged(workspace)
    run_path = workspace.path / names.run_dir("r")
    path = edits.record(workspace.path, "r", "exp", [("tags", {"k": "v"}), ("deleted", {"deleted": True})])
    deleted = state.fold(run_path).deleted
    for run in flipped(path, mask):
        assert run.deleted is not None
        assert removing.waits(run, 0) or run.deleted == deleted
    edits.record(workspace.path, "r", "exp", [("deleted", {"deleted": False})])
    damaged = bytearray(path.read_bytes())
    damaged[10] ^= mask
    path.write_bytes(damaged)
    run = state.fold(run_path)
    assert (run.deleted, run.withheld) == (None, deleted)


def test_a_run_whose_deletion_is_damaged_is_in_no_view_and_is_not_removed(workspace: Workspace) -> None:
    logged(workspace)
    path = edits.record(workspace.path, "r", "exp", [("deleted", {"deleted": True})])
    data = bytearray(path.read_bytes())
    data[20] ^= 4
    path.write_bytes(data)
    ws = runstore.Workspace(workspace.path)
    with pytest.warns(UserWarning, match="the header line is damaged"):
        for view in ("runs", "params", "tags", "properties", "metrics", "writers"):
            assert ws.sql(f"SELECT * FROM {view}").fetchall() == []
        done = collecting.collect(workspace.path, grace=0, young=0)
        assert [reason for _, reason in done.kept if "what deleted it is damaged" in reason]
        ws.restore("r")
        assert ws.sql("SELECT run_id FROM runs").fetchall() == [("r",)]


def test_tags_and_notes_about_deletion_do_not_withhold_a_damaged_run(workspace: Workspace) -> None:
    logged(workspace)
    texts = ["deleted", '["deleted",1,{"deleted":true}]', '\n["deleted",1,{"deleted":true}]']
    facts = [("tags", {"deleted": True, "k": text}) for text in texts] + [("note", {"text": text}) for text in texts]
    path = edits.record(workspace.path, "r", "exp", facts)
    assert {run.deleted for run in flipped(path, 4)} == {None}
