"""A stretch of the list: as much as is asked for, in the order that is asked for."""

from __future__ import annotations

import pytest

import runstore
from runstore.errors import QueryError
from runstore.view.terminal import pages
from runstore.view.terminal.wanted import Wanted
from tests.view.terminal.scenes import failed, finished


def shown(ws: runstore.Workspace, wanted: Wanted) -> pages.Page:
    """A page with its values."""
    return pages.values(ws, pages.read(ws, wanted), wanted.given)


def ids(page: pages.Page) -> list[str]:
    return [row.run_id for row in page.rows]


def test_runs_come_newest_first_with_their_last_values(ws: runstore.Workspace) -> None:
    finished(ws, "a", steps=2)
    finished(ws, "b", steps=2)
    page = shown(ws, Wanted())
    assert ids(page) == ["b", "a"]
    assert page.values["a"] == {"loss": 0.5, "val/loss": 1.0, "acc": 0.5}
    assert (page.total, page.running) == (2, 0)


def test_only_the_stretch_is_read_and_all_are_counted(ws: runstore.Workspace) -> None:
    for name in "abcde":
        finished(ws, name, steps=1)
    page = shown(ws, Wanted(first=1, limit=2))
    assert (ids(page), page.first, page.total) == (["d", "c"], 1, 5)
    assert page.values.keys() == {"d", "c"}


def test_filter_order_and_experiment_are_those_of_the_command_line(ws: runstore.Workspace) -> None:
    for number, name in enumerate("abc"):
        finished(ws, name, "mnist" if name != "c" else "cifar", scale=float(number), steps=1)
    assert ids(pages.read(ws, Wanted(where="lr > 0.5", sort="lr"))) == ["b", "c"]
    assert ids(pages.read(ws, Wanted(sort="last.loss", desc=True))) == ["c", "b", "a"]
    assert ids(pages.read(ws, Wanted(experiment="cifar"))) == ["c"]
    with pytest.raises(QueryError, match="no run has a column, param or metric 'nonsense'"):
        pages.read(ws, Wanted(where="nonsense > 1"))


def test_running_runs_are_counted(ws: runstore.Workspace) -> None:
    run = runstore.start_run("mnist", workspace=ws)
    failed(ws, "f")
    assert pages.read(ws, Wanted()).running == 1
    run.complete()


def test_metrics_with_plain_names_come_first_unless_some_are_named(ws: runstore.Workspace) -> None:
    finished(ws, "a", steps=1)
    failed(ws, "f")
    assert shown(ws, Wanted()).metrics == ("loss", "acc", "val/loss")
    assert shown(ws, Wanted(given=("val/loss",))).metrics == ("val/loss",)


def test_a_thousand_metrics_are_not_a_thousand_columns(ws: runstore.Workspace) -> None:
    with runstore.start_run("mnist", workspace=ws) as run:
        run.log({f"m{number}": 1.0 for number in range(1000)})
    assert len(shown(ws, Wanted()).metrics) == pages.MOST_METRICS


def test_an_empty_workspace_has_an_empty_page(ws: runstore.Workspace) -> None:
    assert shown(ws, Wanted()) == pages.Page()
