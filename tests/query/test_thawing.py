"""What blocks hold of a run becomes ordinary files again: the same names, the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.disk import block, block_rows, files, inventory, segment
from runstore.format import names
from runstore.query import blocking, thawing
from runstore.query.check import check
from runstore.runs import state
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace
from tests.query import scenes
from tests.query.scenes import workspace
from tests.query.test_blocking import gathered, sealed

__all__ = ["workspace"]


def content(directory: Path) -> dict[str, bytes]:
    return {name: files.read(directory / name) for name in files.names_in(directory)}


@pytest.fixture
def run(workspace: Workspace) -> Run:
    """A run in a block, between two others."""
    runs = [sealed(workspace, run_id, 200) for run_id in ("a", "b", "c")]
    before.update(content(runs[1].path))
    gathered(workspace, runs)
    for one in runs:
        blocking.sweep_run(workspace.path, one.path, 0)
    return runs[1]


before: dict[str, bytes] = {}


@pytest.fixture(autouse=True)
def nothing_before() -> None:
    before.clear()


def test_the_same_files_are_there_again(workspace: Workspace, run: Run) -> None:
    assert not run.path.exists()
    assert thawing.thaw(workspace.path, run.path) == len(before)
    assert content(run.path) == before


def test_it_can_be_elsewhere(workspace: Workspace, run: Run, tmp_path: Path) -> None:
    thawing.thaw(workspace.path, run.path, tmp_path / "out")
    assert content(tmp_path / "out") == before
    assert not run.path.exists()


def test_files_that_are_there_stay(workspace: Workspace, run: Run) -> None:
    thawing.thaw(workspace.path, run.path)
    (run.path / next(iter(before))).unlink()
    assert thawing.thaw(workspace.path, run.path) == 1
    assert content(run.path) == before


def test_only_row_groups_with_the_run_are_read(workspace: Workspace, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "ROW_GROUP", 100)
    again = sealed(workspace, "d", 100)
    gathered(workspace, [again])
    one = next(b for b in block.active(workspace.path) if b.body["runs"] == 1)
    ((path, entry),) = one.rows("points")
    assert sum(batch.num_rows for batch in block_rows.of_run(path, entry, "d")) == entry["rows"] == 420
    assert list(block_rows.of_run(path, entry, "e")) == []


def test_where_other_bytes_come_out_a_new_record_says_so(
    workspace: Workspace, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, held = scenes.points(run.path), state.fold(run.path)
    monkeypatch.setattr(segment, "ROW_GROUP", 20)
    thawing.thaw(workspace.path, run.path)
    for one in block.active(workspace.path):
        blocking.remove(workspace.path, one)
    block.forget(workspace.path)
    found = inventory.scan(run.path)
    assert found.damaged == []
    assert {path.name for path in found.segment_files}.isdisjoint(before)
    ((_, body),) = found.active
    assert body["replaces"] == [name for name in before if name.startswith("seal-")]
    assert scenes.points(run.path) == told
    assert state.fold(run.path).points == held.points
    assert [one for one in check(workspace.path) if one.severity == "damage"] == []


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_call_the_next_one_finishes(workspace: Workspace, run: Run, after: bool, tmp_path: Path) -> None:
    with scenes.killed_at(10**9, after) as calls:
        thawing.thaw(workspace.path, run.path, tmp_path / "whole")
    expected = scenes.points(run.path)
    for call in range(1, calls[0] + 1, 3):
        with pytest.raises(scenes.Killed), scenes.killed_at(call, after):
            thawing.thaw(workspace.path, run.path)
        assert scenes.points(run.path) == expected
        thawing.thaw(workspace.path, run.path)
        assert {name for name in content(run.path) if not name.startswith(".")} == set(before)
        for name in files.names_in(run.path):
            files.unlink(run.path / name)
    assert names.RUNS in run.path.as_posix()
