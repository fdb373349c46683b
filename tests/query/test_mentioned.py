"""The names in journals are found as they are written, and what was looked at is not looked at again."""

from __future__ import annotations

import pytest

import runstore
from runstore.query import listing, mentioned, sealing


def told(run: runstore.Run) -> mentioned.Mentioned:
    run.flush()
    return mentioned.of(listing.some(run.experiment.workspace.path, [run.id])[0])


def test_points_and_tables_of_every_kind_of_line_are_found(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    run.log("one", 1.0)
    run.log('odd "\\ \n ü', 1.0)
    run.log({"many": 1.0, "more": "[null,{"})
    run.log_list("list", [1, 2])
    run.log_row("table", a=1)
    run.log("text", '\n["not a name",')
    found = told(run)
    assert found.metrics == {"one", 'odd "\\ \n ü', "many", "more", "list", "text"}
    assert found.tables == {"table"}


def test_only_what_is_new_is_looked_at(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = ws.experiment("e").start_logging()
    run.log("one", 1.0)
    assert told(run).metrics == {"one"}
    looked: list[bytes] = []
    take = mentioned._take
    monkeypatch.setattr(mentioned, "_take", lambda one, data: looked.append(data) or take(one, data))
    run.log("two", 1.0)
    assert told(run).metrics == {"one", "two"}
    assert b"two" in looked[0] and b"one" not in b"".join(looked)


def test_what_is_sealed_is_in_no_journal(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging() as run:
        run.log("one", 1.0)
    before = listing.some(ws.path, [run.id])[0]
    sealing.seal(ws.path, run.path)
    assert mentioned.of(listing.some(ws.path, [run.id])[0]) == mentioned.Mentioned()
    assert mentioned.of(before) == mentioned.Mentioned()
