"""A page of runs, and what tells them apart."""

from __future__ import annotations

import pytest

import runstore
from runstore.cli import listing
from runstore.cli.listing import Page
from tests.cli import scenes


def test_params_that_differ_or_are_missing_somewhere_tell_runs_apart() -> None:
    runs = [{"run_id": "a"}, {"run_id": "b"}]
    page = Page(runs, 2, {"a": {"lr": 1, "same": 1, "kind": 1, "only": 0}, "b": {"lr": 2, "same": 1, "kind": True}})
    assert page.changed() == ["lr", "kind", "only"]


def test_metrics_without_a_number_are_left_out() -> None:
    page = Page([{"run_id": "a"}], 1, {}, {"a": {"loss": 1.0, "text": None}})
    assert page.numeric() == ["loss"]


@pytest.mark.parametrize("how", ["first", "whole"])
def test_a_page_holds_runs_params_and_last_values(ws: runstore.Workspace, how: str) -> None:
    scenes.finished(ws, 0.1, "one")
    scenes.finished(ws, 0.2, "two")
    if how == "first":
        page = listing.first(ws, ws.runs(columns=listing.COLUMNS), 1)
    else:
        page = listing.whole(ws.runs())
    assert page.total == 2
    assert page.runs[0]["run_id"] == "two"
    assert page.params["two"] == {"lr": 0.2, "batch": 32}
    assert page.metrics["two"] == {"loss": pytest.approx(0.2 / 3), "acc": 0.2}


def test_params_are_exact_and_a_later_attempt_counts(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", run_id="r", params={"big": 2**70, "list": [1, 2], "lr": 1}, workspace=ws):
        pass
    with runstore.start_run("e", run_id="r", params={"lr": 2}, workspace=ws):
        pass
    assert listing.params(ws, ["r"])["r"] == {"big": 2**70, "list": "[1,2]", "lr": 2}
