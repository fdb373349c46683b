"""Runs and experiments marked as done with."""

from __future__ import annotations

import runstore
from tests.cli import scenes
from tests.cli.conftest import Call


def archived(ws: runstore.Workspace) -> list[bool]:
    return [row[0] for row in ws.sql("select archived from runs order by started").fetchall()]


def test_runs_are_archived_and_active_again(ws: runstore.Workspace, call: Call) -> None:
    first, _ = scenes.finished(ws), scenes.finished(ws)
    assert call("archive", first).stdout == "1 run archived\n"
    assert archived(ws) == [True, False]
    assert call("archive", first[:9], "--undo").stdout == "1 run active again\n"
    assert archived(ws) == [False, False]


def test_an_experiment_is_archived_and_active_again(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws)
    assert call("archive", "--experiment", "mnist").stdout == "experiment mnist is archived\n"
    assert (list(ws.experiments), archived(ws)) == ([], [False])
    assert call("archive", "--experiment", "mnist", "--undo").stdout == "experiment mnist is active again\n"
    assert list(ws.experiments) == ["mnist"]
    assert call("archive", "--experiment", "other").exit_code == 1
