"""One thread looks after every live writer, starts with the first and ends with the last."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from runstore.runs import flusher


class Beats:
    """Counts how often it was looked after."""

    def __init__(self, trouble: Callable[[], None] = lambda: None) -> None:
        self.seen = threading.Event()
        self.trouble = trouble

    def beat(self) -> None:
        self.seen.set()
        self.trouble()


def running() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "runstore-flusher" and thread.is_alive()]


@pytest.fixture(autouse=True)
def alone() -> None:
    for thread in running():
        flusher.wake()
        thread.join(5)


def test_a_writer_is_looked_after_when_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flusher, "WINDOW", 60.0)
    writer = Beats()
    flusher.add(writer)
    flusher.wake()
    assert writer.seen.wait(5)
    flusher.remove(writer)


def test_a_writer_is_looked_after_without_being_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flusher, "WINDOW", 0.01)
    writer = Beats()
    flusher.add(writer)
    assert writer.seen.wait(5)
    flusher.remove(writer)


def test_the_thread_ends_with_the_last_writer() -> None:
    writer = Beats()
    flusher.add(writer)
    (thread,) = running()
    flusher.remove(writer)
    thread.join(5)
    assert not thread.is_alive()


def test_where_no_thread_can_start_the_next_writer_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    one, two = Beats(), Beats()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        flusher.add(one)
    assert running() == []
    flusher.add(two)
    flusher.wake()
    assert one.seen.wait(5)
    assert two.seen.wait(5)
    flusher.remove(one)
    flusher.remove(two)


def test_trouble_with_one_writer_is_told_and_stops_no_other(capfd: pytest.CaptureFixture[str]) -> None:
    def trouble() -> None:
        raise RuntimeError("odd")

    bad, good = Beats(trouble), Beats()
    flusher.add(bad)
    flusher.add(good)
    for _ in range(3):
        good.seen.clear()
        flusher.wake()
        assert good.seen.wait(5)
    flusher.remove(bad)
    flusher.remove(good)
    assert capfd.readouterr().err.count("flushing failed") == 1
