"""What a statement is about decides what is listed, folded and read for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import runstore
from runstore.query import catalog, connect, scope
from runstore.query.scope import Scope
from runstore.query.statement import Statement, parse
from runstore.query.views import VIEWS
from tests.query.settled import settle, small_indexes


@pytest.fixture
def ws(ws: runstore.Workspace) -> Iterator[runstore.Workspace]:
    """Three runs in two experiments; the first is in a block."""
    for run_id, experiment in (("a", "e"), ("b", "e"), ("c", "f")):
        with ws.experiment(experiment).start_logging(run_id=run_id) as run:
            run.log("loss", 1.0)
    assert settle(ws.path, lambda run: run.run_id == "a") == ["a"]
    with small_indexes():
        yield ws


def asked(ws: runstore.Workspace, query: str) -> Scope:
    connection = connect.connect()
    return Scope(connection, ws.path, parse(connection, query, VIEWS))


def ids(found: Scope) -> list[str]:
    return sorted(run.run_id for run in found.scope)


def test_all_runs_matter_where_nothing_says_otherwise(ws: runstore.Workspace) -> None:
    found = asked(ws, "select * from metrics")
    assert ids(found) == ["b", "c"]
    assert found.indexed is not None


def test_of_an_experiment_its_runs_matter(ws: runstore.Workspace) -> None:
    assert ids(asked(ws, "select * from metrics where experiment = 'f'")) == ["c"]


def test_a_few_runs_are_folded_without_a_list_of_all(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "of", None)  # nobody lists
    found = asked(ws, "select * from metrics where run_id in ('a', 'c')")
    assert ids(found) == ["a", "c"]
    assert found.indexed is None


def test_many_runs_are_looked_up(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope, "_FEW", 1)
    found = asked(ws, "select * from metrics where run_id in ('a', 'c')")
    assert ids(found) == ["c"]
    assert found.indexed is not None


def test_numbers_need_every_run(ws: runstore.Workspace) -> None:
    found = asked(ws, "select number from runs where run_id = 'a'")
    assert found.indexed is not None
    assert sorted(run.run_id for run in found.catalog.loose) == ["b", "c"]


def test_curves_of_both_are_one_view(ws: runstore.Workspace) -> None:
    found = Scope(connect.connect(), ws.path, Statement({"curve_points"}))
    query = f"SELECT run_id FROM ({found._curve_points()}) ORDER BY run_id"
    assert found._connection.execute(query).fetchall() == [("a",), ("b",), ("c",)]
