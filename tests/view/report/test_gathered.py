"""What the page would ask of some runs is there, of others nothing."""

from __future__ import annotations

import pytest

import runstore
from runstore.view.report import gathered
from tests.view.report.conftest import logged


def ignore(done: int, total: int) -> None:
    return None


def gather(ws: runstore.Workspace, *ids: str) -> gathered.Gathered:
    return gathered.gather(ws, ids, ignore)


def test_the_table_has_these_runs_in_the_order_asked_and_their_columns_only(ws: runstore.Workspace) -> None:
    logged(ws, "other", experiment="elsewhere", secret=1)
    for name in ("one", "two"):
        logged(ws, name, lr=0.1)
    told = gather(ws, "one", "two").answers
    assert [row[0] for row in told["table"]["rows"]] == ["one", "two"]
    names = [one["name"] for one in told["columns"]]
    assert "params.lr" in names
    assert "params.secret" not in names
    assert [one["experiment"] for one in told["experiments"]] == ["e"]
    assert told["workspace"]["runs"] == 2


def test_where_the_workspace_lies_is_not_told(ws: runstore.Workspace) -> None:
    told = gather(ws, logged(ws, "one")).answers["workspace"]
    assert told["path"] == told["name"] == "ws"


def test_a_run_has_its_page_its_files_and_the_end_of_its_logs(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathered, "TAIL", 20)
    with runstore.start_run("e", run_id="one", workspace=ws) as run:
        run.log("note", "a text")
        run.log_row("table", x=1)
    told = gather(ws, "one").answers["runs"]["one"]
    assert next(one["last"] for one in told[""]["metrics"] if one["name"] == "note") == "a text"
    assert told["rows"]["table"]["total"] == 1
    assert {"media", "files", "logs", "log", "system", "snapshot", "value"} <= {*told}


def test_what_can_not_be_answered_says_why(ws: runstore.Workspace) -> None:
    def broken() -> None:
        ws.get_run("no such run")

    assert "no such run" in gathered.told(broken)["error"]


def test_charts_are_taken_newest_first_as_long_as_there_is_room(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with runstore.start_run("e", run_id="one", workspace=ws) as run:
        for step in range(3):
            run.log_confusion_matrix("cm", {"schema_type": "confusion_matrix", "schema_version": "v1", "data": {
                "class_labels": ["a", "b"], "matrix": [[step, 1], [2, 3]]}}, step=step)  # fmt: skip
    steps = [one["step"] for one in gather(ws, "one").answers["runs"]["one"]["value"]["cm"]]
    assert steps == [2, 1, 0]
    monkeypatch.setattr(gathered, "VALUES", 0)
    assert gather(ws, "one").answers["runs"]["one"]["value"] == {}
