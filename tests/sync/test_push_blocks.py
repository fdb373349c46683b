"""Runs in blocks are sent once: the block says who has all of them, and is believed as long as anything is known."""

from __future__ import annotations

import io

import runstore
from runstore.disk import block
from runstore.query import compaction
from runstore.sync.push import push
from tests.query.conftest import ws
from tests.sync.fakes import Memory

__all__ = ["ws"]


def finished(ws: runstore.Workspace, run_id: str) -> None:
    with runstore.start_run("e", run_id=run_id, workspace=ws) as run:
        for step in range(50):
            run.log("loss", step / 7, step=step)
        run.upload_file("f", io.BytesIO(run_id.encode()))


def held(ws: runstore.Workspace) -> list[tuple[list[str], int]]:
    return sorted((one.body["acknowledged"], one.body["runs"]) for one in block.active(ws.path))


def blocked(ws: runstore.Workspace, remote: Memory) -> None:
    """Two runs that were sent before they went into a block, and one that was not."""
    for run_id in ("a", "b"):
        finished(ws, run_id)
    push(ws.path, remote)
    finished(ws, "c")
    compaction.compact(ws.path, grace=0, enough=1)
    compaction.compact(ws.path, grace=0, enough=1)
    assert held(ws) == [([], 1), ([remote.id], 2)]


def test_only_runs_of_blocks_that_the_remote_has_not_are_looked_at(ws: runstore.Workspace) -> None:
    remote = Memory()
    blocked(ws, remote)
    done = push(ws.path, remote)
    assert (done.ok, done.sent_segments) == (["c"], 1)
    assert not push(ws.path, remote).asked


def test_another_remote_gets_all_of_them(ws: runstore.Workspace) -> None:
    blocked(ws, Memory())
    done = push(ws.path, Memory("99999999-2222-4333-8444-555555555555"))
    assert (sorted(done.ok), done.sent_segments) == (["a", "b", "c"], 3)


def test_what_a_remote_has_lost_is_sent_again_when_it_is_verified(ws: runstore.Workspace) -> None:
    remote = Memory()
    blocked(ws, remote)
    push(ws.path, remote)
    remote.objects.clear()
    remote.log.clear()
    assert not push(ws.path, remote).asked
    done = push(ws.path, remote, verify=True)
    assert (sorted(done.ok), done.failed, done.sent_segments) == (["a", "b", "c"], {}, 3)
