"""A flipped byte in facts never raises, never renames a run, and is always told."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from runstore.format import names
from runstore.runs import state
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
