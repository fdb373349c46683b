"""Every column that a table may have is told, with its type and whether the runs differ there."""

from __future__ import annotations

from typing import Any

import pytest

import runstore
from runstore.view.feed import columns


@pytest.fixture
def runs(ws: runstore.Workspace) -> runstore.Workspace:
    for seed in (1, 2):
        params = {"lr": 0.1, "seed": seed, "opt": {"name": "adam"}, "flag": True}
        with ws.experiment("e").start_logging(params=params, tags={"stage": "dev"}) as run:
            run.log({"loss": seed, "acc": 1})
    ws.experiment("other").start_logging(params={"lr": 0.2}).complete()
    return ws


def told(ws: runstore.Workspace, **how: Any) -> dict[str, tuple[str, str, bool]]:
    found = columns.columns(ws, **how)["columns"]
    return {one["name"]: (one["type"], one["of"], one["differs"]) for one in found}


def test_params_tags_and_metrics_have_their_types(runs: runstore.Workspace) -> None:
    found = told(runs, experiment="e")
    assert found["params.lr"] == ("number", "param", False)
    assert found["params.seed"] == ("number", "param", True)
    assert found["params.opt.name"] == ("text", "param", False)
    assert found["params.flag"] == ("bool", "param", False)
    assert found["tags.stage"] == ("text", "tag", False)
    assert found["last.loss"] == ("number", "metric", True)
    assert found["duration"] == ("duration", "field", True)
    assert found["started"] == ("time", "field", True)
    assert found["status"] == ("text", "field", False)


def test_what_some_runs_lack_differs(runs: runstore.Workspace) -> None:
    found = told(runs)
    assert found["params.lr"][2] and found["params.flag"][2] and found["tags.stage"][2] and found["experiment"][2]


def test_columns_are_searched_and_paged(runs: runstore.Workspace) -> None:
    found = columns.columns(runs, search="LO", limit=1)
    assert [one["label"] for one in found["columns"]] == ["loss"]
    assert columns.columns(runs, limit=2, offset=1)["columns"][0]["name"] == "name"
    assert columns.columns(runs, limit=0)["total"] == len(columns.columns(runs)["columns"])


def test_a_workspace_without_runs_has_fields_only(ws: runstore.Workspace) -> None:
    assert {one[1:] for one in told(ws).values()} == {("field", False)}


def test_of_a_name_is_told_how_many_of_the_newest_runs_have_it(
    runs: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "_FEW", 2)
    newest = {one["name"]: one.get("newest") for one in columns.columns(runs)["columns"]}
    assert (newest["last.loss"], newest["params.lr"], newest["params.seed"], newest["tags.stage"]) == (1, 2, 1, 1)
    assert newest["status"] is None
    monkeypatch.setattr(columns, "_FEW", 1)
    newest = {one["name"]: one.get("newest") for one in columns.columns(runs)["columns"]}
    assert (newest["last.loss"], newest["params.lr"]) == (0, 1)
