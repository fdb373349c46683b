"""A run may be meant by the beginning of its id; a deleted one by the whole."""

from __future__ import annotations

import pytest

import runstore
from runstore.errors import QueryError, RunNotFound, UsageError
from runstore.view.feed import chosen, curves, facets, runs
from tests.view.feed import frames


def test_any_unique_beginning_of_an_id_means_the_run(ws: runstore.Workspace) -> None:
    for run_id in ("abc", "abd"):
        runstore.start_run("e", run_id=run_id, workspace=ws).complete()
    assert chosen.one(ws, "abc").run_id == "abc"
    assert chosen.ids(ws, ["abd", "abc", "abd"]) == ["abd", "abc"]
    for unclear in ("ab", "", "x"):
        with pytest.raises(RunNotFound):
            chosen.one(ws, unclear)
        with pytest.raises(RunNotFound):
            chosen.ids(ws, [unclear])


def test_a_deleted_run_is_found_by_its_whole_id(ws: runstore.Workspace) -> None:
    runstore.start_run("e", run_id="abc", workspace=ws).complete()
    ws.delete("abc")
    assert chosen.one(ws, "abc").deleted is not None
    with pytest.raises(RunNotFound):
        chosen.one(ws, "ab")


def test_a_page_is_no_larger_than_the_most_and_never_negative() -> None:
    assert chosen.page(10**9, 5, 100) == (100, 5)
    with pytest.raises(UsageError):
        chosen.page(-1, 0, 100)


def test_a_filter_can_not_read_files(ws: runstore.Workspace) -> None:
    where = "(SELECT count(*) FROM read_text('/etc/hostname')) > 0"
    for ask in (lambda: runs.runs(ws, where), lambda: facets.facets(ws, "status", where)):
        with pytest.raises(QueryError, match="no query inside"):
            ask()
    for how in ({}, {"group": []}):
        header, _ = frames.decode(curves.curves(ws, [{"key": "a", "metric": "loss", "where": where, **how}]))
        assert "no query inside" in header["errors"][0]["error"]
    assert chosen.filtering(" ") is None
