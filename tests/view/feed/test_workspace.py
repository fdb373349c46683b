"""A workspace says how much is in it, and its experiments come latest first."""

from __future__ import annotations

from typing import Any

import pytest

import runstore
from runstore.view.feed import workspace


def test_a_workspace_counts_its_experiments_and_runs(ws: runstore.Workspace, as_sent: Any) -> None:
    ws.experiment("a").start_logging().complete()
    open_run = ws.experiment("b").start_logging()
    told = as_sent(workspace.workspace(ws, editable=True))
    assert (told["name"], told["path"], told["id"]) == ("ws", str(ws.path), ws.id)
    assert (told["experiments"], told["runs"], told["running"], told["editable"]) == (2, 2, 1, True)
    assert told["version"] == runstore.__version__
    open_run.complete()
    assert workspace.workspace(ws)["running"] == 0


def test_a_workspace_of_a_project_is_called_as_the_project(tmp_path: Any) -> None:
    made = runstore.Workspace(tmp_path / "churn" / ".runstore")
    assert workspace.workspace(made)["name"] == "churn"


def test_the_experiment_in_which_a_run_began_last_is_first(ws: runstore.Workspace, as_sent: Any) -> None:
    for name in ("old", "new", "mid"):
        ws.experiment(name).start_logging().complete()
    ws.experiment("new").start_logging().complete()
    told = as_sent(workspace.experiments(ws))
    assert [one["experiment"] for one in told["experiments"]] == ["new", "mid", "old"]
    assert [one["runs"] for one in told["experiments"]] == [2, 1, 1]
    assert told["experiments"][0]["last_start"] > told["experiments"][0]["created"]
    found = workspace.experiments(ws, search="D", limit=1)
    assert (found["total"], found["experiments"][0]["experiment"]) == (2, "mid")


def test_a_copy_is_called_as_what_it_is_a_copy_of(ws: runstore.Workspace) -> None:
    ws.mirrors = "s3://bucket/team/runs/"
    told = workspace.workspace(ws)
    assert (told["name"], told["url"]) == ("runs", "s3://bucket/team/runs/")


@pytest.mark.filterwarnings("ignore:run ")  # listing them says so too
def test_what_is_damaged_is_told(ws: runstore.Workspace, as_sent: Any) -> None:
    run = ws.experiment("e").start_logging()
    run.complete()
    assert as_sent(workspace.workspace(ws))["damage"] == {"total": 0, "told": []}
    journal = run.path / "a1.jsonl"
    journal.write_bytes(b"\xff" * 40 + journal.read_bytes()[40:])
    told = as_sent(workspace.workspace(ws))["damage"]
    assert told["total"] == 1
    assert told["told"][0].startswith("runs/")
