"""One look for all widgets of a workspace, as long as there are such."""

from __future__ import annotations

import threading

import pytest

import runstore
from runstore.view.notebook import watching


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching.Watch.__init__, "__defaults__", (0.01,))


def test_everybody_is_told_after_a_look_and_the_last_one_ends_it(ws: runstore.Workspace, run: runstore.Run) -> None:
    heard = [threading.Event(), threading.Event()]
    one, other = (watching.join(ws.path, event.set) for event in heard)
    assert one is other
    assert all(event.wait(30) for event in heard)
    assert one.changes.goes_on(run.id)
    one.leave(heard[0].set)
    heard[1].clear()
    assert heard[1].wait(30)
    one.leave(heard[1].set)
    again = watching.join(ws.path, heard[0].set)
    assert again is not one
    again.leave(heard[0].set)


def test_one_who_fails_keeps_nobody_from_hearing(ws: runstore.Workspace, caplog: pytest.LogCaptureFixture) -> None:
    heard = threading.Event()

    def failing() -> None:
        raise ZeroDivisionError

    watch = watching.join(ws.path, failing)
    watching.join(ws.path, heard.set)
    assert heard.wait(30)
    watch.leave(failing)
    watch.leave(heard.set)
    assert "ZeroDivisionError" in caplog.text


def test_a_look_that_fails_is_logged_and_the_next_one_goes_well(
    ws: runstore.Workspace, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = watching.Watch(ws.path, None)
    monkeypatch.setattr(watch.changes, "look", lambda: 1 / 0)
    watch.look()
    monkeypatch.undo()
    watch.look()
    assert "came to nothing" in caplog.text
    assert watch.changes.last is not None
