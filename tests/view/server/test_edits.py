"""What a page may change, and that each change is an event in the store."""

from __future__ import annotations

from typing import Any

import pytest

import runstore
from runstore.errors import RunNotFound, StoreError
from runstore.view.server.edits import edit
from runstore.view.server.problems import Problem
from tests.view.server.conftest import Served

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def run_id(ws: runstore.Workspace) -> str:
    with runstore.start_run("e", workspace=ws, tags={"old": 1}) as run:
        run.log("loss", 0.5)
    return run.id


def test_tags_come_change_and_go(ws: runstore.Workspace, run_id: str) -> None:
    edit(ws, {"run_id": run_id, "change": "tag", "key": HOSTILE, "value": "µ"})
    edit(ws, {"run_id": run_id, "change": "tag", "key": "old", "value": 2.5})
    edit(ws, {"run_id": run_id, "change": "tag", "key": "flag"})
    assert ws.get_run(run_id).tags == {"old": 2.5, HOSTILE: "µ", "flag": None}
    edit(ws, {"run_id": run_id, "change": "untag", "key": "old"})
    assert "old" not in ws.get_run(run_id).tags


def test_words_are_kept(ws: runstore.Workspace, run_id: str) -> None:
    edit(ws, {"run_id": run_id, "change": "note", "text": HOSTILE})
    edit(ws, {"run_id": run_id, "change": "name", "name": "best"})
    edit(ws, {"run_id": run_id, "change": "describe", "text": "what it is"})
    run = ws.get_run(run_id)
    assert ([note.text for note in run.notes], run.display_name, run.description) == ([HOSTILE], "best", "what it is")
    edit(ws, {"run_id": run_id, "change": "describe", "text": ""})
    assert ws.get_run(run_id).description == ""


def test_a_run_is_archived_and_deleted_and_comes_back(ws: runstore.Workspace, run_id: str) -> None:
    edit(ws, {"run_id": run_id, "change": "archive"})
    assert ws.get_run(run_id).archived
    edit(ws, {"run_id": run_id, "change": "reactivate"})
    assert not ws.get_run(run_id).archived
    edit(ws, {"run_id": run_id, "change": "delete"})
    with pytest.raises(RunNotFound):
        ws.get_run(run_id)
    assert edit(ws, {"run_id": run_id, "change": "restore"}) == run_id
    assert ws.get_run(run_id).tags == {"old": 1}


def test_a_run_that_goes_on_is_edited_and_not_deleted(ws: runstore.Workspace) -> None:
    run = runstore.start_run("e", workspace=ws)
    edit(ws, {"run_id": run.id, "change": "note", "text": "fine so far"})
    assert [note.text for note in run.notes] == ["fine so far"]
    with pytest.raises(StoreError, match="Running"):
        edit(ws, {"run_id": run.id, "change": "delete"})


@pytest.mark.parametrize(
    "body",
    [
        {}, {"change": "note", "text": "x"}, {"run_id": "", "change": "archive"}, {"run_id": "RUN"},
        {"run_id": "RUN", "change": "fly"}, {"run_id": "RUN", "change": ["tag"]}, {"run_id": "RUN", "change": "note"},
        {"run_id": "RUN", "change": "note", "text": ""}, {"run_id": "RUN", "change": "tag", "key": 1},
        {"run_id": "RUN", "change": "name", "name": None},
    ],
)  # fmt: skip
def test_what_makes_no_sense_changes_nothing(ws: runstore.Workspace, run_id: str, body: dict[str, Any]) -> None:
    body = {key: run_id if value == "RUN" else value for key, value in body.items()}
    before = sorted(path.name for path in ws.get_run(run_id).path.iterdir())
    with pytest.raises(Problem) as refused:
        edit(ws, body)
    assert refused.value.status == 400
    assert sorted(path.name for path in ws.get_run(run_id).path.iterdir()) == before


def test_a_tag_of_a_kind_that_tags_do_not_have_is_refused(served: Served, run_id: str) -> None:
    told = served.edit(run_id=run_id, change="tag", key="a", value=[1])
    assert (told.status_code, sorted(told.json())) == (400, ["error", "hint"])


def test_a_run_that_is_not_there_is_said_so(served: Served) -> None:
    assert served.edit(run_id="nobody", change="archive").status_code == 404


def test_what_is_only_read_is_not_edited(served: Served, run_id: str) -> None:
    served.page.asking.editable = False
    assert served.edit(run_id=run_id, change="archive").status_code == 403
    assert not served.ws.get_run(run_id).archived
