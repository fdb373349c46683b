"""What lies in blocks is sent once, and what was deleted here goes there only where that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import runstore
from runstore.query import compaction
from runstore.sync.choice import Choice
from runstore.sync.mlflow import cursor, pushing
from runstore.sync.push import Pushed
from tests.sync.mlflow import logged
from tests.sync.mlflow.fake import Store

Send = Callable[..., Pushed]


def test_runs_in_blocks_are_looked_at_once(store: Store, send: Send, workspace: Path) -> None:
    runs = [logged.everything(workspace, name=name) for name in "abc"]
    for run in runs:
        run.complete()
    compaction.compact(workspace, grace=0, enough=1)
    assert not any(run.path.is_dir() for run in runs)
    assert sorted(send().ok) == sorted(run.id for run in runs)
    assert all(logged.exactly(workspace, run.id, store.run(run.id)) for run in runs)
    known = cursor.Cursors(workspace, logged.ID)
    assert len(known.blocks) == 1 and [*pushing.changed(workspace, known)] == []
    runstore.Workspace(workspace).get_run(runs[0].id).tag("stage", "b")
    assert send().ok == [runs[0].id] and store.run(runs[0].id)["tags"]["stage"] == "b"


def test_where_only_some_kinds_travel_that_is_noted_too(store: Store, send: Send, workspace: Path) -> None:
    run = logged.everything(workspace)
    run.complete()
    compaction.compact(workspace, grace=0, enough=1)
    some, others = Choice(kinds=frozenset({"pack"})), Choice(kinds=frozenset({"pack", "log"}))
    send(choice=some)
    known = cursor.Cursors(workspace, logged.ID)
    assert [*pushing.changed(workspace, known, some)] == []
    assert [len([*pushing.changed(workspace, known, more)]) for more in (others, Choice())] == [1, 1]
    send()
    known = cursor.Cursors(workspace, logged.ID)
    assert [len([*pushing.changed(workspace, known, more)]) for more in (some, others, Choice())] == [0, 0, 0]
    assert logged.exactly(workspace, run.id, store.run(run.id))


def test_what_is_compacted_after_it_was_sent_asks_nobody(store: Store, send: Send, workspace: Path) -> None:
    logged.everything(workspace).complete()
    send()
    compaction.compact(workspace, grace=0, enough=1)
    assert not send().asked
    assert [*pushing.changed(workspace, cursor.Cursors(workspace, logged.ID))] == []


# ---- deleted


def test_what_is_deleted_here_is_deleted_there_only_where_asked_and_comes_back(
    store: Store, send: Send, workspace: Path
) -> None:
    run = logged.everything(workspace)
    run.complete()
    send()
    ws = runstore.Workspace(workspace)
    ws.delete(run.id)
    send()
    assert len(store.live) == 1
    send(deletes=True)
    assert not store.live
    asked = len(store.asked)
    send(deletes=True)
    assert len(store.asked) == asked
    ws.restore(run.id)
    assert send().ok == [run.id]
    assert "runstore.deleted" not in store.run(run.id)["tags"]


def test_what_is_deleted_here_is_not_looked_at_again(store: Store, send: Send, workspace: Path) -> None:
    run = logged.everything(workspace)
    run.complete()
    send()
    runstore.Workspace(workspace).delete(run.id)
    compaction.compact(workspace, grace=0, enough=1)
    send()
    assert [*pushing.changed(workspace, cursor.Cursors(workspace, logged.ID))] == []
    send(deletes=True)
    assert not store.live
