"""The values of a column are counted over the runs that a filter leaves."""

from __future__ import annotations

import math

import pytest

import runstore
from runstore.errors import QueryError
from runstore.query import facets


@pytest.fixture
def runs(ws: runstore.Workspace) -> runstore.Workspace:
    for lr, loss in ((0.1, 1.0), (0.1, 2.0), (0.2, math.nan), (None, math.inf)):
        with ws.experiment("e").start_logging(params={} if lr is None else {"lr": lr}) as run:
            run.log("loss", loss)
    ws.experiment("other").start_logging(params={"lr": 7}).complete()
    return ws


def test_the_most_frequent_value_comes_first(runs: runstore.Workspace) -> None:
    found = facets.of(runs.path, "lr", experiment="e")
    assert found.values[0] == (0.1, 2)
    assert sorted(found.values, key=str) == [(0.1, 2), (0.2, 1), (None, 1)]
    assert (found.least, found.greatest, found.different, found.without) == (0.1, 0.2, 2, 1)


def test_a_filter_leaves_runs_out(runs: runstore.Workspace) -> None:
    assert facets.of(runs.path, "lr", "loss < 3", "e").values == [(0.1, 2)]


def test_the_ends_are_finite(runs: runstore.Workspace) -> None:
    found = facets.of(runs.path, "loss")
    assert (found.least, found.greatest) == (1.0, 2.0)


def test_no_more_values_are_told_than_asked_for(runs: runstore.Workspace) -> None:
    found = facets.of(runs.path, "experiment", limit=1)
    assert found.values == [("e", 4)]
    assert found.different == 2


def test_a_name_that_nothing_has_is_refused(runs: runstore.Workspace) -> None:
    with pytest.raises(QueryError, match="nope"):
        facets.of(runs.path, "nope")
