"""Runs that different remotes have never share a block: what one of them has already need not be sent again."""

from __future__ import annotations

import pytest

from runstore.disk import block, ledger
from runstore.disk.ledger import Entry, Ledger
from runstore.query import compaction, levels, sealing
from runstore.query.compaction import compact
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace
from tests.query import scenes
from tests.query.scenes import workspace

__all__ = ["workspace"]

A, B = "aaaaaaaa-1111-4111-8111-111111111111", "bbbbbbbb-2222-4222-8222-222222222222"


def sealed(workspace: Workspace, run_id: str) -> Run:
    run = workspace.experiment("e").start_logging(run_id=run_id)
    scenes.log_some(run, 3)
    run.complete()
    sealing.seal_locked(run.path)
    return run


def sent(workspace: Workspace, run: Run, *remote_ids: str) -> None:
    """As after a sync."""
    for remote_id in remote_ids:
        known = Ledger(workspace.path, remote_id)
        known.note(block.key(run.path), Entry(ledger.signature(run.path)))
        known.save()


def held(workspace: Workspace) -> dict[tuple[str, ...], list[str]]:
    """The runs in blocks, by the remotes that these say have them."""
    found: dict[tuple[str, ...], list[str]] = {}
    for one in block.active(workspace.path):
        found.setdefault(tuple(one.body["acknowledged"]), []).extend(entry.run_id for entry in one.entries())
    return {remotes: sorted(run_ids) for remotes, run_ids in found.items()}


def scene(workspace: Workspace) -> dict[tuple[str, ...], list[str]]:
    runs = [sealed(workspace, f"r{number}") for number in range(6)]
    for number, run in enumerate(runs):
        sent(workspace, run, *(A, B)[: number % 3])
    return {(): ["r0", "r3"], (A,): ["r1", "r4"], (A, B): ["r2", "r5"]}


def test_by_hand(workspace: Workspace) -> None:
    expected = scene(workspace)
    assert compact(workspace.path, grace=0, enough=1).blocked == 6
    assert held(workspace) == expected


def test_in_the_background(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "_SAMPLE", 256)
    monkeypatch.setattr(compaction, "MANY", 3)
    monkeypatch.setattr(levels, "ENOUGH", 3)
    expected = scene(workspace)
    assert compaction.background(workspace.path)
    assert held(workspace) == expected


def test_nor_when_blocks_are_merged(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levels, "WIDTH", 2)
    for number in range(8):
        run = sealed(workspace, f"r{number}")
        sent(workspace, run, *(A, B)[: number % 2])
        compact(workspace.path, grace=0, enough=1)
    assert held(workspace) == {(): ["r0", "r2", "r4", "r6"], (A,): ["r1", "r3", "r5", "r7"]}
    assert max(one.body["level"] for one in block.active(workspace.path)) >= 1


def test_a_run_that_has_gone_on_since_it_was_sent_is_nobodys(workspace: Workspace) -> None:
    run = sealed(workspace, "r")
    sent(workspace, run, A)
    sealed(workspace, "r")
    compact(workspace.path, grace=0, enough=1)
    assert held(workspace) == {(): ["r"]}


def test_without_remotes_all_lie_together(workspace: Workspace) -> None:
    for number in range(3):
        sealed(workspace, f"r{number}")
    compact(workspace.path, grace=0, enough=1)
    assert held(workspace) == {(): ["r0", "r1", "r2"]}
