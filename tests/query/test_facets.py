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


def test_columns_are_summed_up_for_each_value(runs: runstore.Workspace) -> None:
    found = facets.of(runs.path, "lr", experiment="e", figures=["last.loss", "status", "name"])
    told = dict(zip([value for value, _ in found.values], found.figures, strict=True))
    assert told[0.1]["last.loss"] == (2, 1.5, pytest.approx(0.5**0.5), 1.0, 2.0, None)
    assert told[0.2]["last.loss"][0] == 0  # no finite number
    assert told[0.1]["status"][-1] == "Completed"
    assert told[0.1]["name"] == (0, None, None, None, None, None)


def test_what_is_large_or_no_number_is_summed_up_all_the_same(ws: runstore.Workspace) -> None:
    for value in (1.7e308, 1.6e308):
        with ws.experiment("e").start_logging() as run:
            run.log("loss", value)
    ((told,),) = [facets.of(ws.path, "experiment", figures=["loss", "started", "duration", "archived"]).figures]
    n, mean, _, least, greatest, _ = told["loss"]
    assert (n, least, greatest) == (2, 1.6e308, 1.7e308)
    assert mean == pytest.approx(1.65e308)
    assert (told["started"][0], told["duration"][0]) == (0, 2)
    assert told["archived"][-1] is False
