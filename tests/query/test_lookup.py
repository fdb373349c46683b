"""Runs are found among folded ones and those that an index tells of alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import runstore
from runstore.query import catalog, lookup
from runstore.query.catalog import Catalog
from runstore.runs.state import RunState
from tests.query.settled import settle, small_indexes


@pytest.fixture(params=[(), ("r1", "r2"), ("r0", "r1", "r2", "r3", "x")])
def every(request: pytest.FixtureRequest, ws: runstore.Workspace) -> Iterator[Catalog]:
    """Five runs, some of them in a block: r1 and r2 below r0, r3 below r2."""
    for run_id, above in (("r0", None), ("r1", "r0"), ("r2", "r0"), ("r3", "r2"), ("x", None)):
        ws.experiment("e").start_logging(run_id=run_id, parent_id=above, tags={"id": run_id}).complete()
    assert sorted(settle(ws.path, lambda run: run.run_id in request.param)) == [*request.param]
    with small_indexes():
        yield catalog.of(ws.path)


def test_by_the_beginning_of_an_id(every: Catalog) -> None:
    assert sorted(lookup.named(every, "r")) == ["r0", "r1", "r2", "r3"]
    assert (lookup.named(every, "x"), lookup.named(every, "y")) == (["x"], [])


def test_below_others(every: Catalog) -> None:
    assert lookup.below(every, ["r0"]) == {"r1", "r2", "r3"}
    assert lookup.below(every, ["r0"], recursive=False) == {"r1", "r2"}
    assert lookup.below(every, ["x"]) == set()


def test_the_newest_first(every: Catalog) -> None:
    found = lookup.newest_first(every, lambda run: run.run_id != "r1")
    assert [run.run_id for run in found] == ["x", "r3", "r2", "r0"]


def test_none_is_folded_before_its_turn(every: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    folded: list[str] = []
    true = lookup._fold

    def fold(every: Catalog, run_id: str) -> RunState:
        folded.append(run_id)
        return true(every, run_id)

    monkeypatch.setattr(lookup, "_fold", fold)
    found = lookup.newest_first(every, lambda run: True)
    assert [next(found).run_id, next(found).run_id] == ["x", "r3"]
    assert {*folded} <= {"x", "r3"}


def test_numbers_count_by_start(every: Catalog) -> None:
    runs = {run.run_id: run for run in lookup.folded(every, ["r0", "r3", "x"])}
    assert {run_id: lookup.number(every, run) for run_id, run in runs.items()} == {"r0": 1, "r3": 4, "x": 5}


def test_folded_ones_have_all_that_is_said(every: Catalog) -> None:
    assert [run.tags["id"][0] for run in lookup.folded(every, ["x", "r2"])] == ["x", "r2"]


def test_what_is_unclear_is_said(every: Catalog) -> None:
    assert lookup.unclear(every, "r", ["r0", "r1"]).startswith("2 runs begin with 'r' (r0, r1)")
    assert "no run's id is or begins with 'y'" in lookup.unclear(every, "y", [])


def test_a_workspace_answers_the_same(every: Catalog, ws: runstore.Workspace) -> None:
    assert ws.get_run("x").number == 5
    assert [run.id for run in ws.experiment("e").get_runs(include_children=True)] == ["x", "r3", "r2", "r1", "r0"]
    assert [run.id for run in ws.experiment("e").get_runs(tags={"id": "x"})] == ["x"]
    assert [run.id for run in ws.get_run("r0").get_children(recursive=True)] == ["r3", "r2", "r1"]
    assert ws.delete("r2", children=True) == ["r2", "r3"]
    assert [run.id for run in ws.experiment("e").get_runs(include_children=True)] == ["x", "r1", "r0"]
    assert ws.restore("r2", children=True) == ["r2", "r3"]
    assert ws.get_run("r3").number == 4
