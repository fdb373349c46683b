"""Questions are asked in threads, of one workspace, and nothing of them is left."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request

import runstore
from runstore.query import connect
from runstore.query.stopping import Stop
from runstore.sync.server import hosts
from runstore.view.server import questions
from runstore.view.server.app import Page
from runstore.view.server.asking import _AT_ONCE, Asking
from runstore.view.server.problems import Problem
from runstore.view.server.questions import LONGEST
from runstore.view.sql.exchange import Answer
from runstore.view.sql.questions import Questions
from tests.view.server.conftest import TOKEN, Served, serving_page

ENDLESS = "select count(*) from range(100000000000) a, range(100000000000) b where a.range = -b.range - 1"


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the feed answers, by module and function."""
    made: dict[str, Any] = {}
    monkeypatch.setattr(questions, "answering", made.__getitem__)
    return made


def test_a_question_reaches_the_feed_with_what_it_was_asked(served: Served, answers: dict[str, Any]) -> None:
    answers["run.children"] = lambda ws, **given: {"given": given, "same": ws is served.ws}
    told = served.client.get("/api/runs/a%20b/children?limit=5&offset=2").json()
    assert told == {"given": {"run_id": "a b", "limit": 5, "offset": 2}, "same": True}


def test_what_is_not_given_is_left_to_the_feed(served: Served, answers: dict[str, Any]) -> None:
    answers["runs.runs"] = lambda ws, **given: given
    assert served.client.get("/api/runs").json() == {}
    told = served.client.get("/api/runs?experiment=a,b&limit=5&where=&sort=").json()
    assert told == {"experiment": "a,b", "limit": 5, "where": None, "sort": None}


@pytest.mark.parametrize(
    ("asked", "rest"),
    [
        ("where=lr<1", {"where": "lr<1"}),
        ("columns=a,b", {"columns": ["a", "b"]}),
        ("sort=loss%20desc&desc=1", {"sort": ["loss desc"], "desc": True}),
    ],
)
def test_text_that_becomes_sql_is_answered_by_a_confined_process(
    served: Served, monkeypatch: pytest.MonkeyPatch, asked: str, rest: dict[str, Any]
) -> None:
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(Questions, "feed", lambda _, *given: sent.append(given) or Answer({}, b"{}"))
    assert served.client.get(f"/api/runs?{asked}").json() == {}
    assert sent == [("runs.runs", rest, None)]


def test_a_confined_process_answers_as_the_feed_does(served: Served) -> None:
    for lr in (0.1, 0.2):
        with served.ws.experiment("e").start_logging(params={"lr": lr}) as run:
            run.log("loss", lr, step=1)
    client, columns = served.client, "columns=run_id,lr,loss,started"
    assert [row[1] for row in client.get(f"/api/runs?{columns}&where=lr>0.15").json()["rows"]] == [0.2]
    assert client.get("/api/facets?column=lr&where=lr>0").json()["max"] == 0.2
    assert client.get("/api/points?metric=loss&where=lr>0.15").content[:4] == b"PAR1"
    assert b"<html" in client.get("/api/report?where=lr>0.15").content[:200]
    body = {"requests": [{"key": "a", "metric": "loss", "where": "lr > 0.15"}]}
    frame = client.post("/api/curves", json=body)
    assert frame.status_code == 200
    assert b'"errors":[]' in frame.content


def test_who_asks_with_a_filter_never_holds_up_who_asks_without(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All filters wait for each other; the list of runs doesn't wait for any."""
    free, begun = threading.Event(), threading.Barrier(3, timeout=30)

    def feed(self: Questions, *given: Any) -> Answer:
        if self is served.page.asking._filters:
            begun.wait()
            free.wait(30)
        return Answer({}, b"{}")

    monkeypatch.setattr(Questions, "feed", feed)
    slow = [threading.Thread(target=served.client.get, args=("/api/runs?where=lr<1",)) for _ in range(6)]
    for each in slow[:2]:
        each.start()
    begun.wait()
    for each in slow[2:]:
        each.start()
    assert served.client.get("/api/runs?columns=run_id").status_code == 200
    assert served.client.get("/api/runs").status_code == 200
    monkeypatch.setattr(Questions, "feed", lambda *_: Answer({}, b"{}"))
    free.set()
    for each in slow:
        each.join(30)


def test_what_takes_too_long_is_ended_and_its_turn_comes_back(served: Served, answers: dict[str, Any]) -> None:
    def answer(ws: runstore.Workspace, run_id: str) -> dict[str, Any]:
        connect.connect().execute(ENDLESS)
        return {}

    answers["run.run"] = answer
    (short,) = (each._replace(seconds=0.5) for each in questions.QUESTIONS if each.asked == "run.run")
    problems = asyncio.run(_refusals(served.ws, short, _AT_ONCE + 1))
    assert problems == ["the answer took longer than 0.5 s"] * (_AT_ONCE + 1)


async def _refusals(ws: runstore.Workspace, question: questions.Question, times: int) -> list[str]:
    """Ask so many times, each after the end of the one before; gives what was refused."""
    asking, refused = Asking(ws), []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {}

    scope = {"type": "http", "query_string": b"", "path_params": {"run_id": "a"}, "headers": []}
    for _ in range(times):
        with pytest.raises(Problem) as problem:
            await asking.get(Request(scope, receive), question)
        refused.append(problem.value.error)
        await asyncio.gather(*asking._stopping)
    asking.close()
    return refused


def test_what_it_can_not_do_without_is_asked_for(served: Served) -> None:
    told = served.client.get("/api/facets")
    assert (told.status_code, "column" in told.json()["error"]) == (400, True)


def test_as_many_are_at_work_as_there_are_threads(served: Served, answers: dict[str, Any]) -> None:
    """Each of them waits for all: fewer threads than that would wait for ever."""
    meeting = threading.Barrier(_AT_ONCE, timeout=30)
    answers["runs.runs"] = lambda ws: {"place": meeting.wait()}
    found: list[int] = []
    asking = [
        threading.Thread(target=lambda: found.append(served.client.get("/api/runs").json()["place"]))
        for _ in range(_AT_ONCE)
    ]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert sorted(found) == list(range(_AT_ONCE))


def test_the_end_waits_for_no_question(
    ws: runstore.Workspace, serve: Callable[..., Served], answers: dict[str, Any]
) -> None:
    begun, free = threading.Event(), threading.Event()
    told: list[int] = []

    def answer(ws: runstore.Workspace) -> dict[str, Any]:
        begun.set()
        free.wait(60)
        return {}

    def ask(url: str) -> None:
        told.append(httpx.get(url, headers={"authorization": f"Bearer {TOKEN}"}, timeout=60).status_code)

    answers["runs.runs"] = answer
    with serving_page(Page(ws, TOKEN, hosts.names_of("127.0.0.1"))) as origin:
        asking = threading.Thread(target=ask, args=(f"{origin}/api/runs",))
        asking.start()
        assert begun.wait(30)
    asking.join(30)
    assert told == [503]
    free.set()  # only now


def test_what_is_there_is_seen_before_anything_is_answered(ws: runstore.Workspace) -> None:
    looks: list[str] = []
    asking = Asking(ws, lambda: looks.append("look"))
    assert asking._first(lambda: [*looks], Stop())() == ["look"]
    assert asking._first(lambda: [*looks], Stop())() == ["look"]
    asking.close()


def test_a_look_that_fails_leaves_it_to_the_question_to_say_so(ws: runstore.Workspace) -> None:
    def look() -> None:
        raise OSError("gone")

    asking = Asking(ws, look)
    assert asking._first(lambda: "asked", Stop())() == "asked"
    asking.close()


def test_a_question_ends_where_whoever_asked_has_gone(
    ws: runstore.Workspace, serve: Callable[..., Served], answers: dict[str, Any]
) -> None:
    """It would last for hours."""
    begun, ended = threading.Event(), threading.Event()

    def answer(ws: runstore.Workspace) -> dict[str, Any]:
        connection = connect.connect()
        begun.set()
        try:
            connection.execute(
                "select count(*) from range(100000000000) a, range(100000000000) b where a.range = -b.range"
            )
        except connect.Interrupted:
            ended.set()
        return {}

    answers["runs.runs"] = answer
    served = serve(ws)
    with socket.create_connection((served.client.base_url.host, served.client.base_url.port or 0), 30) as asking:
        asking.sendall(f"GET /api/runs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
        assert begun.wait(30)
    assert ended.wait(30)


def test_sql_of_whoever_has_gone_is_ended(ws: runstore.Workspace, serve: Callable[..., Served]) -> None:
    served = serve(ws)
    query = json.dumps({"query": ENDLESS}).encode()
    head = f"POST /api/sql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
    sql = served.page.asking._filters
    with socket.create_connection((served.client.base_url.host, served.client.base_url.port or 0), 30) as asking:
        asking.sendall(f"{head}Content-Type: application/json\r\nContent-Length: {len(query)}\r\n\r\n".encode() + query)
        until = time.monotonic() + 30
        while not sql._busy and time.monotonic() < until:
            threading.Event().wait(0.01)
        assert sql._busy
    began = time.monotonic()
    while sql._busy and time.monotonic() - began < 60:
        threading.Event().wait(0.01)
    assert time.monotonic() - began < LONGEST  # it hears of it long before its time is over


def test_a_workspace_that_has_gone_is_no_empty_one(served: Served) -> None:
    served.ws.path.rename(served.ws.path.with_name("elsewhere"))
    for path in ("/api/workspace", "/api/runs", "/api/experiments"):
        told = served.client.get(path)
        assert (told.status_code, "not there any more" in told.json()["error"]) == (404, True)
    assert served.client.post("/api/sql", json={"query": "from runs"}).status_code == 404
    assert not served.ws.path.exists()
    served.ws.path.with_name("elsewhere").rename(served.ws.path)
    assert served.client.get("/api/runs").status_code == 200


def test_sql_is_asked_elsewhere_and_ended_with_the_server(ws: runstore.Workspace) -> None:
    class Asked:
        closed = False

        def ask(self, query: str, rows: int | None) -> dict[str, Any]:
            return {"query": query, "rows": rows}

        def close(self) -> None:
            self.closed = True

    asking = Asking(ws)
    asking._filters = one = Asked()
    assert asking.sql("select 1", 5) == {"query": "select 1", "rows": 5}
    asking.close()
    assert one.closed


def test_nothing_is_left_in_the_directory_of_temporary_files(ws: runstore.Workspace) -> None:
    asking = Asking(ws)
    made = asking._target()
    made.write_bytes(b"x")
    asking.close()
    assert not made.exists()
    assert not Path(asking._scratch.name).exists()


def test_what_the_first_page_asks_for_is_made_ready_unasked(ws: runstore.Workspace, answers: dict[str, Any]) -> None:
    made: list[object] = []
    answers["ahead.ready"] = made.append
    asking = Asking(ws)
    asking.prepare()
    asking.close()
    assert made == [ws]


def test_an_answer_says_until_where_events_were_heard_before_anything_was_read(
    served: Served,
) -> None:
    """Of a run that ended while the answer was made, the events from there on tell."""
    with served.ws.experiment("e").start_logging() as run:
        first = served.client.get("/api/runs", params={"columns": "run_id,status"})
        assert [row[1] for row in first.json()["rows"]] == ["Running"]
    url = "/api/events"
    with served.client.stream("GET", url, params={"cursor": first.headers["runstore-cursor"]}) as events:
        told = (json.loads(line[6:]) for line in events.iter_lines() if line.startswith("data: "))
        assert next(one["listed"] for one in told if one.get("runs") == [run.id])
