"""Notices come where the system gives them, and nothing breaks where it doesn't."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runstore.runs.follow import Notices

PATIENCE = 20.0


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    assert true()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def notices(told: list[str]) -> Iterator[Notices]:
    made = Notices(told.append)
    yield made
    made.close()


def test_what_is_written_is_told(tmp_path: Path, notices: Notices, told: list[str]) -> None:
    assert notices.follow(tmp_path)
    (tmp_path / "a").write_bytes(b"x")
    until(lambda: str(tmp_path / "a") in told)


def test_what_is_moved_is_told_by_where_it_is_now(tmp_path: Path, notices: Notices, told: list[str]) -> None:
    assert notices.follow(tmp_path)
    (tmp_path / "a.tmp").write_bytes(b"x")
    (tmp_path / "a.tmp").replace(tmp_path / "a")
    until(lambda: str(tmp_path / "a") in told)


def test_what_is_below_directories_made_later_is_told(tmp_path: Path, notices: Notices, told: list[str]) -> None:
    assert notices.follow(tmp_path)
    (tmp_path / "b" / "c").mkdir(parents=True)
    until(lambda: any(path.startswith(str(tmp_path / "b")) for path in told))
    (tmp_path / "b" / "c" / "d").write_bytes(b"x")
    until(lambda: any(path.startswith(str(tmp_path / "b" / "c")) for path in told))


def test_a_directory_is_followed_once_however_often_it_is_asked_for(tmp_path: Path, notices: Notices) -> None:
    assert [notices.follow(tmp_path), notices.follow(tmp_path)] == [True, True]
    notices.leave(tmp_path)
    notices.leave(tmp_path)
    assert notices.follow(tmp_path)


def test_a_directory_that_is_not_there_has_no_notices(tmp_path: Path, notices: Notices) -> None:
    assert not notices.follow(tmp_path / "missing")


def test_without_watchdog_there_are_no_notices(
    tmp_path: Path, notices: Notices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchdog.observers", None)
    assert not notices.follow(tmp_path)


def test_where_the_system_gives_no_more_watches_there_are_none(
    tmp_path: Path, notices: Notices, monkeypatch: pytest.MonkeyPatch
) -> None:
    from watchdog.observers.api import BaseObserver

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(BaseObserver, "schedule", refuse)
    assert not notices.follow(tmp_path)


def test_no_thread_is_left_when_it_is_closed(tmp_path: Path, told: list[str]) -> None:
    before = set(threading.enumerate())
    notices = Notices(told.append)
    assert notices.follow(tmp_path)
    notices.close()
    notices.close()
    until(lambda: set(threading.enumerate()) <= before)


def test_watchdog_does_not_tell_of_each_event_in_a_debug_log(tmp_path: Path, notices: Notices) -> None:
    assert notices.follow(tmp_path)
    assert not logging.getLogger("watchdog.observers").isEnabledFor(logging.DEBUG)
