"""The names of params, tags and metrics are told with how many runs have them, wherever the runs lie."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import runstore
from runstore.query import catalog, naming
from tests.query import settled


@pytest.fixture(params=["live", "indexed"])
def ws_of(request: pytest.FixtureRequest, ws: runstore.Workspace) -> Iterator[runstore.Workspace]:
    for seed in (1, 2):
        params = {"lr": 0.1, "seed": seed, "flag": True}
        with ws.experiment("e").start_logging(params=params, tags={"stage": "dev"}) as run:
            run.log("loss", seed)
    with ws.experiment("other").start_logging(params={"name": "adam"}) as run:
        run.log("acc", 1)
    with settled.small_indexes():
        if request.param == "indexed":
            settled.settle(ws.path)
        yield ws


def test_metrics_are_counted_by_run(ws_of: runstore.Workspace) -> None:
    assert naming.metrics(catalog.of(ws_of.path)) == {"loss": 2, "acc": 1}


def test_an_experiment_has_the_names_of_its_runs_only(ws_of: runstore.Workspace) -> None:
    every = naming.runs_of(ws_of.path, None, "other")
    assert naming.metrics(every, "other") == {"acc": 1}
    assert (naming.count(every, "other"), naming.count(catalog.of(ws_of.path))) == (1, 3)
    assert [*naming.params(every, "other")] == ["name"]
    assert naming.tags(every, "other") == {}


def test_what_runs_differ_in_is_told(ws_of: runstore.Workspace) -> None:
    every = naming.runs_of(ws_of.path, None, "e")
    found = naming.params(every, "e")
    assert {name: one.several for name, one in found.items()} == {"lr": False, "seed": True, "flag": False}
    assert {name: one.kinds for name, one in found.items()} == {"lr": {"float"}, "seed": {"int"}, "flag": {"bool"}}
    assert {name: one.runs for name, one in naming.tags(every, "e").items()} == {"stage": 2}


def test_runs_may_be_chosen_by_their_ids(ws_of: runstore.Workspace) -> None:
    ids = [run_id for (run_id,) in ws_of.runs(experiment="other", columns=["run_id"]).fetchall()]
    every = naming.runs_of(ws_of.path, ids, None)
    assert naming.metrics(every) == {"acc": 1}
    assert {name: one.runs for name, one in naming.params(every).items()} == {"name": 1}
