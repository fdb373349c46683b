"""Verifying finds whatever a remote has lost or changed, and names the run."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.sync.choice import Choice
from runstore.sync.push import push
from runstore.sync.verifying import verify
from tests.query import unions
from tests.sync.fakes import Memory


@pytest.fixture
def ws(tmp_path: Path) -> runstore.Workspace:
    ws = runstore.Workspace(tmp_path / "ws")
    unions.logged(ws, "r0", small=b"few", large=b"many" * 100_000)
    unions.logged(ws, "r1")
    return ws


def test_all_is_well_after_a_push(ws: runstore.Workspace) -> None:
    remote = Memory()
    done = push(ws.path, remote, verify=True)
    assert sorted(done.ok) == ["r0", "r1"] and done.verified_bytes == sum(one.size for one in remote.log)
    assert verify(ws.path, remote).wrong == []


@pytest.mark.parametrize("kind", ["points", "facts", "seal", "blob", "document"])
def test_changed_bytes_are_found_in_every_kind(ws: runstore.Workspace, kind: str) -> None:
    remote = Memory()
    push(ws.path, remote)
    piece = next(one for one in remote.log if one.kind == kind and one.run_id != "r1")
    data = bytearray(remote.objects[piece.object])
    data[piece.at] ^= 1
    remote.objects[piece.object] = bytes(data)
    assert verify(ws.path, remote).wrong[0][0] == (piece.run_id or piece.path)
    assert "not those that were sent" in push(ws.path, remote, verify=True).failed[piece.run_id or piece.path]


def test_a_lost_object_is_found(ws: runstore.Workspace) -> None:
    remote = Memory()
    push(ws.path, remote)
    del remote.objects[next(one.object for one in remote.log if one.kind == "blob")]
    assert [who for who, _ in verify(ws.path, remote).wrong] == ["r0"]


def test_what_a_remote_has_forgotten_is_told_and_sent_again(ws: runstore.Workspace) -> None:
    remote = Memory()
    push(ws.path, remote)
    remote.log = [one for one in remote.log if one.run_id != "r1"]
    assert [who for who, _ in verify(ws.path, remote).wrong] == ["r1"]
    assert push(ws.path, remote, verify=True).failed == {}
    assert verify(ws.path, remote).wrong == []


def test_only_what_is_chosen_is_read(ws: runstore.Workspace) -> None:
    remote = Memory()
    push(ws.path, remote)
    remote.objects.clear()
    done = verify(ws.path, remote, Choice(run_ids=frozenset({"r1"})))
    assert done.runs == 1 and {who for who, _ in done.wrong} == {"r1"}
