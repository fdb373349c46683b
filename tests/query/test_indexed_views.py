"""Views over indexes: columns are gathered name by name or in groups, typed as all runs have it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import runstore
from runstore.query import catalog, connect, indexed_views
from runstore.query.catalog import Indexed
from runstore.query.index_tables import METRIC, PARAM
from runstore.query.views import VIEWS
from tests.query.settled import settle, small_indexes


@pytest.fixture
def indexed(ws: runstore.Workspace) -> Iterator[Indexed]:
    for number in range(3):
        params = {"lr": number / 2, "n": 2**60 + number, "flag": number > 1, "opt": "adam"}
        with ws.experiment("e").start_logging(run_id=f"r{number}", params=params) as run:
            run.log("loss", number)
    settle(ws.path)
    with small_indexes():
        found = catalog.of(ws.path).indexed
        assert found is not None
        yield found


@pytest.mark.parametrize("apart", [0, 40])
def test_columns_are_the_same_one_by_one_or_in_groups(
    indexed: Indexed, apart: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexed_views, "_APART", apart)
    columns = {"lr": "a", "n": "b", "flag": "c", "opt": "d", "nope": "e"}
    types = {"a": "DOUBLE", "b": "BIGINT", "c": "BOOLEAN", "d": "VARCHAR", "e": "DOUBLE"}
    joins = indexed_views.gathered(indexed, PARAM, columns, types, ["lr", "n", "flag", "opt"])
    query = f"SELECT run_id, a, b, c, d, e FROM {indexed.table('runs')} {joins} WHERE run_id <> 'r0' ORDER BY run_id"
    assert connect.connect().execute(query).fetchall() == [
        ("r1", 0.5, 2**60 + 1, False, "adam", None),
        ("r2", 1.0, 2**60 + 2, True, "adam", None),
    ]


def test_last_values_are_gathered_as_params_are(indexed: Indexed) -> None:
    joins = indexed_views.gathered(indexed, METRIC, {"loss": "x"}, {"x": "BIGINT"}, ["loss"])
    query = f"SELECT x FROM {indexed.table('runs')} {joins} ORDER BY run_id"
    assert connect.connect().execute(query).fetchall() == [(0,), (1,), (2,)]


@pytest.mark.parametrize("view", ["params", "tags", "properties", "metric_summary", "artifacts", "writers"])
def test_a_view_has_its_columns(indexed: Indexed, view: str) -> None:
    relation = connect.connect().sql(indexed_views.select(view, indexed))
    assert dict(zip(relation.columns, map(str, relation.types), strict=True)) == VIEWS[view]


def test_figures_are_lists_with_a_place_for_every_name(indexed: Indexed) -> None:
    names = "(SELECT unnest([0, 1]) AS place, unnest(['nope', 'loss']) AS name)"
    runs = f"SELECT run_id FROM {indexed.table('runs')}"
    found = connect.connect().execute(indexed_views.figures(indexed, "max", runs, names) + " ORDER BY 1").fetchall()
    assert found == [("r0", [None, 0.0]), ("r1", [None, 1.0]), ("r2", [None, 2.0])]
