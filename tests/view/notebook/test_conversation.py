"""What a page asks is answered in other threads; what changes is told; who can't be heard is answered unasked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

import runstore
from runstore.view.notebook import code, watching
from runstore.view.notebook.conversation import Conversation
from runstore.view.server.changes import Changes

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")
ASKED = json.dumps(["get", "workspace"])


class _Watch:
    """Looks when the test says so."""

    def __init__(self, path: Path) -> None:
        self.clock = 0.0
        self.changes = Changes(path, clock=lambda: self.clock)
        self.heard: list[Callable[[], None]] = []

    def leave(self, heard: Callable[[], None]) -> None:
        self.heard.remove(heard)

    def look(self) -> None:
        self.clock += 1000
        self.changes.look()
        for heard in self.heard:
            heard()


class _Talk:
    """A conversation, its watch and its clock, and what it said."""

    def __init__(self, ws: runstore.Workspace, watch: _Watch) -> None:
        self.now, self.watch = 100.0, watch
        self.said: Queue[tuple[dict[str, Any], list[bytes], str, str]] = Queue()
        self.looked = 0
        self.conversation = Conversation(ws, self._send, looked=self._looked, clock=lambda: self.now)

    def _send(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        self.said.put((message, buffers, WHO.get(), threading.current_thread().name))

    def _looked(self) -> None:
        self.looked += 1

    def ask(self, *keys: str) -> dict[str, Any]:
        self.conversation.heard({"kind": "ask", "ask": "a-1", "view": "a", "keys": list(keys)})
        return self.next()

    def next(self) -> dict[str, Any]:
        return self.said.get(timeout=30)[0]

    def silent(self) -> bool:
        return self.said.empty()


@pytest.fixture
def talk(ws: runstore.Workspace, run: runstore.Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Talk]:
    watch = _Watch(ws.path)

    def join(path: Path, heard: Callable[[], None], refresh: object = None) -> _Watch:
        watch.heard.append(heard)
        return watch

    monkeypatch.setattr(watching, "join", join)
    made = _Talk(ws, watch)
    yield made
    made.conversation.close()


def listening(talk: _Talk) -> None:
    talk.conversation.heard({"kind": "listen", "view": "a"})
    assert talk.ask(ASKED)["kind"] == "answer"


def test_a_question_is_answered_in_another_thread_and_in_the_context_of_who_asked(talk: _Talk) -> None:
    WHO.set("the cell")
    talk.conversation.heard({"kind": "ask", "ask": "a-1", "keys": [ASKED]})
    WHO.set("nobody")
    message, buffers, who, thread = talk.said.get(timeout=30)
    assert (message["kind"], message["ask"], message["told"][0]["key"]) == ("answer", "a-1", ASKED)
    assert json.loads(buffers[0])["runs"] == 1
    assert (who, thread != threading.current_thread().name) == ("the cell", True)


def test_the_page_itself_is_sent_to_who_asks_for_it(talk: _Talk) -> None:
    talk.conversation.heard({"kind": "code"})
    message, buffers, _, _ = talk.said.get(timeout=30)
    assert message == {"kind": "code", "version": code.version()}
    assert buffers == code.whole()


def test_what_changes_is_told_to_who_listens(talk: _Talk, run: runstore.Run) -> None:
    listening(talk)
    talk.watch.look()
    assert talk.silent()
    run.log("loss", 0.1)
    talk.watch.look()
    assert talk.next()["changed"]["runs"] == [run.id]


def test_a_page_that_can_ask_is_told_nothing_unasked(talk: _Talk, run: runstore.Run) -> None:
    listening(talk)
    run.log("loss", 0.1)
    talk.watch.look()
    assert talk.next()["kind"] == "changed"
    talk.now += 0.1
    talk.ask(ASKED)
    talk.now += 60
    talk.watch.look()
    assert talk.silent()


def test_a_page_that_is_not_heard_is_answered_again(talk: _Talk, run: runstore.Run) -> None:
    listening(talk)
    edit = json.dumps(["post", "compare", {"runs": [run.id]}])
    talk.ask(edit)
    talk.now += 1
    run.log("loss", 0.1)
    talk.watch.look()
    assert talk.next()["kind"] == "changed"
    talk.watch.look()
    assert talk.silent()
    talk.now += 60
    talk.watch.look()
    message = talk.next()
    assert (message["kind"], [one["key"] for one in message["told"]]) == ("fresh", [ASKED])
    talk.now += 60
    talk.watch.look()
    assert talk.silent()


def test_looks_end_with_the_last_view(talk: _Talk) -> None:
    listening(talk)
    assert len(talk.watch.heard) == 1
    talk.conversation.heard({"kind": "leave", "view": "b"})
    assert len(talk.watch.heard) == 1
    talk.conversation.heard({"kind": "leave", "view": "a"})
    assert talk.watch.heard == []


def test_looks_go_on_without_a_view_while_there_is_something_to_draw(talk: _Talk, run: runstore.Run) -> None:
    talk.conversation.hold(True)
    talk.ask(ASKED)
    run.log("loss", 0.1)
    talk.watch.look()
    assert (talk.looked, talk.silent(), talk.conversation.goes_on(run.id)) == (1, True, True)
    run.complete()
    talk.watch.look()
    assert not talk.conversation.goes_on(run.id)
    talk.conversation.hold(False)
    assert talk.watch.heard == []


@pytest.mark.parametrize("message", [None, 3, {}, {"kind": "fly"}, {"kind": "ask"}, {"kind": "ask", "keys": [3, None]}])
def test_what_makes_no_sense_harms_nothing(talk: _Talk, message: Any) -> None:
    talk.conversation.heard(message)
    while talk.ask(ASKED)["told"][:1] != [] and not talk.silent():
        pass
    talk.conversation.heard({"kind": "ask", "ask": "z", "keys": [ASKED]})
    found = talk.next()
    while found["ask"] != "z":
        found = talk.next()
    assert found["told"][0]["status"] == 200


def test_after_its_end_nothing_is_said(talk: _Talk) -> None:
    listening(talk)
    talk.conversation.close()
    talk.conversation.heard({"kind": "ask", "ask": "a-2", "keys": [ASKED]})
    with pytest.raises(Empty):
        talk.said.get(timeout=0.2)
    assert talk.watch.heard == []


def test_a_page_that_has_gone_is_a_line_in_the_log(
    ws: runstore.Workspace, talk: _Talk, caplog: pytest.LogCaptureFixture
) -> None:
    gone = threading.Event()

    def send(message: object, buffers: object) -> None:
        gone.set()
        raise OSError("the comm is closed")

    conversation = Conversation(ws, send)
    conversation.heard({"kind": "code"})
    assert gone.wait(30)
    conversation._threads.shutdown(wait=True)
    conversation.close()
    assert "the comm is closed" in caplog.text
