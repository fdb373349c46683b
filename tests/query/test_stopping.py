"""What a thread asks is ended from another one, and nothing else is."""

from __future__ import annotations

import threading

import pytest

from runstore.errors import QueryError
from runstore.query import connect, stopping
from runstore.query.stopping import Stop


def test_what_was_begun_is_ended_and_what_would_begin_is_refused() -> None:
    stop, ended = Stop(), []
    with stop.of_this_thread():
        stopping.ended_by(lambda: ended.append("first"))
        stop.now()
        with pytest.raises(QueryError, match="nobody waits"):
            stopping.ended_by(lambda: ended.append("second"))
        with pytest.raises(QueryError, match="nobody waits"):
            connect.connect()
    assert ended == ["first"]


def test_what_is_over_is_not_ended() -> None:
    stop, ended = Stop(), []
    with stop.of_this_thread(), stopping.ending(lambda: ended.append("it")):
        pass
    stop.now()
    assert ended == []


def test_other_threads_and_those_without_one_are_left_alone() -> None:
    stop = Stop()
    found: list[object] = []
    with stop.of_this_thread():
        stop.now()
        other = threading.Thread(target=lambda: found.extend(connect.connect().execute("select 1").fetchall()))
        other.start()
        other.join()
    assert found == [(1,)]
    assert connect.connect().execute("select 2").fetchall() == [(2,)]


def test_a_connection_that_was_closed_is_ended_in_peace() -> None:
    stop = Stop()
    with stop.of_this_thread():
        connect.connect().close()
        stop.now()
