"""A run that is removed for good is named where no remote has what it logged; the ledgers say so."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk import block, inventory, pack
from runstore.disk.ledger import Entry, Ledger
from runstore.format import documents, names
from runstore.query import collecting, only_copies, sealing
from runstore.runs import state

REMOTE = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"


def logged(ws: runstore.Workspace, run_id: str = "r", contents: bytes = b"small") -> Any:
    run = runstore.start_run("e", run_id=run_id, workspace=ws)
    for step in range(20):
        run.log("loss", step / 7, step=step)
    run.upload_file("f", io.BytesIO(contents))
    run.complete()
    sealing.seal_locked(run.path)
    return run


def sent(ws: runstore.Workspace, run: Any, remote_id: str = REMOTE, **other: Any) -> None:
    """As a sync notes it."""
    found = inventory.scan(run.path)
    paths = [*found.packs, *found.logs]
    entry = Entry("x", dict(found.sealed), {}, {p.relative_to(ws.path).as_posix(): found.size(p) for p in paths})
    for field, value in other.items():
        setattr(entry, field, value)
    known = Ledger(ws.path, remote_id)
    known.note(block.key(run.path), entry)
    known.save()


def known(ws: runstore.Workspace) -> None:
    (ws.path / names.REMOTES).mkdir(exist_ok=True)
    (ws.path / names.remote("team")).write_bytes(documents.render({"runstore": 1, "name": "team"}))


def alone(ws: runstore.Workspace, run: Any) -> bool:
    return only_copies.finder(ws.path)(state.fold(run.path))


def test_where_no_remote_is_known_nothing_is_said(ws: runstore.Workspace) -> None:
    assert not alone(ws, logged(ws))


def test_what_was_never_sent_lies_here_only(ws: runstore.Workspace) -> None:
    run = logged(ws)
    known(ws)
    assert alone(ws, run)
    sent(ws, logged(ws, "other"))
    assert alone(ws, run)


def test_what_one_of_the_remotes_has_lies_there_too(ws: runstore.Workspace) -> None:
    run = logged(ws)
    known(ws)
    sent(ws, run, REMOTE, data={})
    assert alone(ws, run)
    sent(ws, run, OTHER)
    assert not alone(ws, run)


def test_that_it_was_tagged_or_deleted_since_makes_no_difference(ws: runstore.Workspace) -> None:
    run = logged(ws)
    sent(ws, run)
    run.tag("a", "b")
    ws.delete("r")
    assert not alone(ws, run)


def test_points_logged_since_do(ws: runstore.Workspace) -> None:
    run = logged(ws)
    sent(ws, run)
    again = runstore.start_run("e", run_id="r", workspace=ws)
    again.log("loss", 1.0, step=100)
    again.complete()
    assert alone(ws, run)


@pytest.mark.parametrize("lacking", ["pack", "half", "points"])
def test_a_part_is_not_all(ws: runstore.Workspace, lacking: str) -> None:
    run = logged(ws)
    found = inventory.scan(run.path)
    (packed,) = (path.relative_to(ws.path).as_posix() for path in found.packs)
    (writer,) = found.sealed
    less: dict[str, dict[str, Any]] = {
        "pack": {"files": {}}, "half": {"files": {packed: 5}}, "points": {"data": {writer: [(0, 18)]}},
    }  # fmt: skip
    sent(ws, run, **less[lacking])
    assert alone(ws, run)


def test_a_large_artifact_has_to_be_there_as_well(ws: runstore.Workspace) -> None:
    run = logged(ws, contents=os.urandom(pack.SMALL))
    sent(ws, run)
    assert alone(ws, run)
    told = Ledger(ws.path, REMOTE)
    (one,) = state.fold(run.path).artifacts
    told.files[names.blob(one["sha256"])] = one["size"]
    told.save()
    assert not alone(ws, run)


def test_a_ledger_that_can_not_be_read_says_nothing(ws: runstore.Workspace) -> None:
    run = logged(ws)
    sent(ws, run)
    (ws.path / names.ledger(REMOTE, block.key(run.path)[0])).write_bytes(b"?")
    assert alone(ws, run)


@pytest.mark.parametrize("act", [collecting.plan, collecting.collect])
def test_whoever_collects_is_told_of_each_run(ws: runstore.Workspace, act: Callable[..., collecting.Collected]) -> None:
    runs = [logged(ws, run_id) for run_id in ("here", "there")]
    sent(ws, runs[1])
    ws.delete(["here", "there"])
    found = act(ws.path, grace=0.0, young=0.0)
    assert {part.run_id: part.only for part in found.parts if part.kind == "run"} == {"here": True, "there": False}
    assert not any(part.only for part in found.parts if part.kind != "run")


def test_what_a_removal_has_left_is_no_copy(ws: runstore.Workspace, tmp_path: Path) -> None:
    run = logged(ws)
    known(ws)
    folded = state.fold(run.path)
    ws.delete("r")
    collecting.collect(ws.path, 0.0, 0.0)
    assert not only_copies.finder(ws.path)(folded)
