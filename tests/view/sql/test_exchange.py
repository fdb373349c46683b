"""Frames arrive as they were sent; whatever is no frame is told from one."""

from __future__ import annotations

import io

import pytest

from runstore.view.sql import exchange
from runstore.view.sql.exchange import Question


@pytest.mark.parametrize("body", [b"", b"{}", b"x\n" * 1000])
def test_a_frame_arrives_as_it_was_sent(body: bytes) -> None:
    pipe = io.BytesIO()
    exchange.send(pipe, body)
    exchange.send(pipe, b"next")
    pipe.seek(0)
    assert exchange.receive(pipe, 2000) == body
    assert exchange.receive(pipe, 4) == b"next"


@pytest.mark.parametrize(
    "data",
    [
        b"3",
        b"           3\nab",
        b"          -3\nabc",
        b"           x\nabc",
        b"abc\nabc\nabc\nabc\nabc",
        b"         999\n",
    ],
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="frame"):
        exchange.receive(io.BytesIO(data), 100)


def test_an_end_is_told_from_what_is_no_frame() -> None:
    with pytest.raises(EOFError):
        exchange.receive(io.BytesIO(), 100)


def test_more_than_was_allowed_is_not_read() -> None:
    pipe = io.BytesIO()
    exchange.send(pipe, b"x" * 101)
    pipe.seek(0)
    with pytest.raises(ValueError, match="no frame"):
        exchange.receive(pipe, 100)


@pytest.mark.parametrize("query", ["select 1", "é\n\"'\\", "\0", "half a character: \ud800"])
def test_a_question_arrives_as_it_was_asked(query: str) -> None:
    question = Question(1.5, query, 7, "runs.runs", {"where": query, "columns": ["a"]}, "target")
    assert exchange.load(exchange.dump(question)) == question
