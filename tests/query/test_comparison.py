"""Runs side by side as plain data: what differs, by how much, and which is better."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import runstore
from runstore.query import comparison
from tests.query import stores
from tests.query.stores import Told


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stores.stores)
def test_it_is_what_the_points_and_params_say(told: list[Told]) -> None:
    with stores.made(told) as ws:
        found = ws.compare([one.run_id for one in told])
        assert [run.run_id for run in found.runs] == [one.run_id for one in told]
        assert {one.name for one in found.params} == {name for one in told for name in one.params}
        assert {one.name for one in found.metrics} == {name for one in told for name in one.series}
        for param in found.params:
            values = [one.params.get(param.name) for one in told]
            assert repr(param.values) == repr(values)
            assert param.given == [param.name in one.params for one in told]
            alike = all(type(v) is type(values[0]) or {type(v), type(values[0])} == {int, float} for v in values)
            assert param.changed == (not all(param.given) or not alike or len(set(values)) > 1)
        for metric in found.metrics:
            values = [one.figure(metric.name, "last") for one in told]
            assert [plain(value) for value in metric.values] == [plain(value) for value in values]
            assert metric.changed == (len({plain(value) for value in values}) > 1)


def plain(value: float | None) -> str:
    """A number as text, so that NaN is NaN; zero has no sign."""
    return repr(value + 0.0 if value is not None else None)


@pytest.fixture
def pair(ws: runstore.Workspace) -> comparison.Comparison:
    """Two runs that differ in a learning rate and what came of it."""
    for run_id, lr, loss in (("one", 0.1, 0.5), ("two", 0.01, 0.75)):
        params = {"lr": lr, "batch": 32, "layers": [64, math.nan]}
        with runstore.start_run("e", run_id=run_id, params=params, workspace=ws) as run:
            run.log({"loss": loss, "epochs": 3})
            if run_id == "two":
                run.log("acc", math.inf)
    return ws.compare(["one", "two"])


def test_only_what_is_not_the_same_in_all_has_changed(pair: comparison.Comparison) -> None:
    assert {one.name: one.changed for one in pair.params} == {"lr": True, "batch": False, "layers": False}
    assert {one.name: one.changed for one in pair.metrics} == {"loss": True, "epochs": False, "acc": True}


def test_differences_are_to_the_first_run(pair: comparison.Comparison) -> None:
    metrics = {one.name: one for one in pair.metrics}
    assert (metrics["loss"].delta, metrics["loss"].percent, metrics["loss"].best) == ([0.0, 0.25], [0.0, 50.0], 0.5)
    assert (metrics["acc"].delta, metrics["acc"].percent, metrics["acc"].best) == ([None, None], [None, None], None)


def test_it_is_dicts_and_lists_where_that_is_wanted(pair: comparison.Comparison) -> None:
    told = pair.as_dict()
    assert list(told) == ["runs", "params", "metrics"]
    assert told["runs"][0] == {"run_id": "one", "experiment": "e", "name": None, "status": "Completed"}
    assert told["params"][0] == {"name": "lr", "changed": True, "values": [0.1, 0.01], "given": [True, True]}


@pytest.mark.parametrize(
    ("name", "values", "best"),
    [("val/loss", [1.0, 2.0], 1.0), ("valLoss", [1.0, 2.0], 1.0), ("top1", [1.0, 2.0], 2.0),
     ("steps", [1.0, 2.0], None), ("loss", [-math.inf, 2.0], 2.0),
     ("loss", [math.nan, None], None), ("loss", [1.0, None], None)],
)  # fmt: skip
def test_the_best_is_told_where_the_name_says_which_way(name: str, values: list[Any], best: float | None) -> None:
    assert comparison.best(name, values) == best
