"""The runs of a report are those that are named, or the newest that the filters leave."""

from __future__ import annotations

import pytest

import runstore
from runstore.errors import RunNotFound, UsageError
from runstore.view.report.chosen import MOST, chosen
from tests.view.report.conftest import logged


@pytest.fixture
def three(ws: runstore.Workspace) -> runstore.Workspace:
    for number, name in enumerate(("one", "two", "three")):
        logged(ws, name, experiment="e" if number else "first", lr=number)
    return ws


def test_without_a_word_the_newest_are_taken_and_the_others_counted(three: runstore.Workspace) -> None:
    assert chosen(three, limit=2) == (["three", "two"], 1)


def test_named_runs_come_in_the_order_given_each_once(three: runstore.Workspace) -> None:
    assert chosen(three, ["on", three.get_run("three"), "one"]) == (["one", "three"], 0)


def test_an_order_counts_more_than_that_of_the_names(three: runstore.Workspace) -> None:
    assert chosen(three, ["two", "three", "one"], sort="lr") == (["one", "two", "three"], 0)


def test_filters_leave_out_of_what_is_named(three: runstore.Workspace) -> None:
    assert chosen(three, ["one", "two"], where="lr > 0", experiment="e") == (["two"], 0)


def test_where_nothing_is_left_that_is_said(three: runstore.Workspace) -> None:
    with pytest.raises(RunNotFound, match="no run is meant"):
        chosen(three, where="lr > 7")


@pytest.mark.parametrize("limit", [0, MOST + 1])
def test_no_report_has_no_runs_or_thousands(three: runstore.Workspace, limit: int) -> None:
    with pytest.raises(UsageError, match="from 1 to"):
        chosen(three, limit=limit)
