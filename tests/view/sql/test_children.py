"""A child that breaks its side of the exchange is ended, and it is told what was the matter."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

import runstore
from runstore.errors import QueryError
from runstore.view.sql import children
from runstore.view.sql.children import Child, Retired
from runstore.view.sql.exchange import Question
from runstore.view.sql.limits import Limits

HELLO = "import sys, os, time\nput = sys.stdout.buffer.write\nput(b'           2\\n{}'); sys.stdout.flush()\n"


@pytest.fixture
def playing(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Child]]:
    """Children that have been made, to be ended."""
    made: list[Child] = []
    yield made
    for child in made:
        child.end()


def acted(ws: runstore.Workspace, made: list[Child], monkeypatch: pytest.MonkeyPatch, part: str) -> Child:
    """A child that plays a part instead of answering."""
    real = children.subprocess.Popen
    monkeypatch.setattr(
        children.subprocess, "Popen", lambda argv, **more: real([sys.executable, "-c", part], **more)
    )  # fmt: skip
    made.append(Child(ws.path, Limits(size=1000, seconds=1.0)))
    return made[-1]


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (HELLO + "sys.stdin.buffer.read(14); put(b'garbage that is no frame'); sys.stdout.flush()", "has broken"),
        (HELLO + "put(b'999999999999\\n'); sys.stdout.flush(); time.sleep(60)", "has broken"),
        (HELLO + "put(b'           3\\n[1]'); sys.stdout.flush(); time.sleep(60)", "has broken"),
        (HELLO + "put(b'           3\\n{x}'); sys.stdout.flush(); time.sleep(60)", "has broken"),
        (HELLO + "sys.stdin.buffer.read(14); os._exit(9)", r"has broken \(exit code 9\)"),
        (HELLO + "sys.stdin.buffer.read(14); os.abort()", r"has broken \(signal 6\)"),
        ("import os; os._exit(1)", r"has broken \(exit code 1\)"),
        (HELLO + "time.sleep(60)", "took longer than 1 s and was ended"),
    ],
)
def test_a_child_that_does_not_answer_properly_is_ended(
    ws: runstore.Workspace, playing: list[Child], monkeypatch: pytest.MonkeyPatch, part: str, told: str
) -> None:
    child = acted(ws, playing, monkeypatch, part)
    with pytest.raises(QueryError, match=told):
        child.ask(Question(1.0, "select 1", 1))
    assert not child.living


def test_a_child_that_never_says_that_it_is_there_is_ended(
    ws: runstore.Workspace, playing: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "STARTING", 0.5)
    child = acted(ws, playing, monkeypatch, "import time; time.sleep(60)")
    with pytest.raises(QueryError, match="did not start in time"):
        child.ask(Question(1.0, "select 1", 1))
    assert not child.living


def test_a_child_that_has_left_in_peace_is_told_from_one_that_broke(
    ws: runstore.Workspace, playing: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Retired):
        acted(ws, playing, monkeypatch, HELLO).ask(Question(1.0, "select 1", 1))


def test_where_no_process_can_be_started_it_is_told(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children.sys, "executable", str(ws.path / "none"))
    with pytest.raises(QueryError, match="could not be started"):
        Child(ws.path, Limits())


@pytest.mark.parametrize(("name", "value"), [("executable", ""), ("frozen", True)])
def test_a_program_that_is_no_interpreter_is_not_started_again(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    monkeypatch.setattr(children.sys, name, value, raising=False)
    with pytest.raises(QueryError, match="no Python interpreter"):
        Child(ws.path, Limits())
