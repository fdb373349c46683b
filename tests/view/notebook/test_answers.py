"""A widget's questions are answered as the server answers them, without a server, and nothing is raised."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import runstore
from runstore.view.notebook import answers
from runstore.view.notebook.answers import Answers
from runstore.view.notebook.frames import header
from runstore.view.server.questions import QUESTIONS


@pytest.fixture
def asked(ws: runstore.Workspace) -> Iterator[Answers]:
    made = Answers(ws, editable=True)
    yield made
    made.close()


def key(*question: Any) -> str:
    return json.dumps(question)


def one(asked: Answers, *question: Any) -> tuple[dict[str, Any], bytes]:
    told = asked.to([key(*question)])
    (about,) = told.about
    return about, told.buffers[about["buffer"]] if "buffer" in about else b""


def body(asked: Answers, *question: Any) -> Any:
    about, data = one(asked, *question)
    assert about["status"] == 200, about
    return json.loads(data)


def curve(metric: str, run: str) -> dict[str, Any]:
    return {
        "key": "",
        "metric": metric,
        "runs": [run],
        "group": None,
        "x": "step",
        "low": None,
        "high": None,
        "points": 9,
    }


def test_what_the_page_asks_is_answered_as_by_the_server(asked: Answers, run: runstore.Run) -> None:
    assert body(asked, "get", "workspace")["runs"] == 1
    assert body(asked, "get", f"runs/{run.id}")["status"] == "Running"
    assert body(asked, "get", "runs?where=lr%20%3C%201&limit=3")["total"] == 1
    assert body(asked, "get", f"runs/{run.id}/logs")["logs"] == []
    assert body(asked, "post", "sql", {"query": "select 1 as one"})["rows"] == [[1]]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.path)
def test_every_question_of_the_page_has_a_place_here(question: Any) -> None:
    path = question.path.removeprefix("/api/").replace("{run_id}", "a%2Fb")
    found, place = answers._named(path)
    assert found is question
    assert place in ({}, {"run_id": "a/b"})


def test_curves_that_are_asked_for_together_come_as_one_frame(asked: Answers, run: runstore.Run) -> None:
    keys = [key("curves", curve("loss", run.id)), key("get", "workspace"), key("curves", curve("accuracy", run.id))]
    told = asked.to([*keys, key("curves", curve("loss", "nobody"))])
    about = {one["key"]: one for one in told.about}
    assert about[keys[0]]["buffer"] == about[keys[2]]["buffer"]
    frame = told.buffers[about[keys[0]]["buffer"]]
    assert {one["key"]: one["metric"] for one in header(frame)["series"]} == {"0": "loss", "1": "accuracy"}
    assert (about[keys[0]]["part"], about[keys[2]]["part"]) == ("0", "1")
    refused = told.about[-1]
    assert (refused["status"], "nobody" in refused["error"]) == (400, True)


@pytest.mark.parametrize(
    ("question", "status"),
    [
        (["get", "runs/nobody"], 404), (["get", "nothing"], 404), (["get", "runs?limit=x"], 400),
        (["get", "facets"], 400), (["get", "workspace?a=1"], 400), (["post", "tickets", {"urls": []}], 404),
        (["post", "sql", {}], 400), (["post", "sql", {"query": "drop table x"}], 400), (["post", "compare", {}], 400),
        (["post", "edits", {}], 400), (["fly"], 404), (["get", 3], 404), ([], 404), (["curves", 3], 500),
        (["curves", {"metric": 3}], 400),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(asked: Answers, question: list[Any], status: int) -> None:
    about, _ = one(asked, *question)
    assert (about["status"], bool(about["error"])) == (status, True)


def test_what_is_no_question_is_said_so(asked: Answers) -> None:
    assert [one["status"] for one in asked.to(["{", "3", "null"]).about] == [404, 404, 404]


def test_edits_are_made_only_where_the_user_asked_for_them(
    ws: runstore.Workspace, asked: Answers, run: runstore.Run
) -> None:
    edit = ("post", "edits", {"run_id": run.id, "change": "tag", "key": "a", "value": 1})
    only_shown = Answers(ws)
    assert one(only_shown, *edit)[0]["status"] == 403
    assert body(only_shown, "get", "workspace")["editable"] is False
    assert run.tags == {}
    assert body(asked, *edit)["run"]["tags"] == {"a": 1}


def test_files_come_whole_and_what_could_run_comes_shut_in(asked: Answers, run: runstore.Run) -> None:
    run._store("page.html", b"<p>hello")
    run._store("notes.txt", b"hello")
    about, data = one(asked, "file", f"runs/{run.id}/file?path=page.html")
    assert (about["media_type"], data.endswith(b"<p>hello")) == ("text/html;charset=utf-8", True)
    assert b"default-src 'none'" in data
    about, data = one(asked, "file", f"runs/{run.id}/file?path=page.html&download=1")
    assert (about["media_type"], data) == ("application/octet-stream", b"<p>hello")
    assert one(asked, "get", f"runs/{run.id}/file?path=notes.txt")[1] == b"hello"
    assert one(asked, "file", f"runs/{run.id}/archive")[1].startswith(b"PK")


def test_a_file_that_would_hold_up_the_kernel_is_refused(
    asked: Answers, run: runstore.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run._store("notes.txt", b"hello")
    monkeypatch.setattr(answers, "MOST", 4)
    for address in ("file?path=notes.txt", "archive"):
        about, _ = one(asked, "file", f"runs/{run.id}/{address}")
        assert (about["status"], "download_file" in about["hint"]) == (413, True)
