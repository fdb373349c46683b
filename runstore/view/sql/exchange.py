"""Frames between the server and a child that answers: bytes, each after the number of them.

A question is one frame of JSON. An answer is two: a head of JSON, and a body.
"""

from __future__ import annotations

import json
from typing import IO, Any, NamedTuple

_DIGITS = 12
HEAD = 8 << 20
"""Bytes of a head, at most."""


class Question(NamedTuple):
    """A question for a child: a statement, or a function of the feed with its arguments."""

    seconds: float
    query: str = ""
    rows: int = 0
    asked: str = ""  # such as runs.runs
    arguments: dict[str, Any] | None = None
    target: str = ""  # a file that the answer is written to


class Answer(NamedTuple):
    """An answer: a head (``error``, ``warnings`` and the like) and a body."""

    head: dict[str, Any]
    body: bytes = b""


def send(pipe: IO[bytes], *bodies: bytes) -> None:
    """Write frames.

    Raises:
        OSError: nobody reads any more.
    """
    for body in bodies:
        pipe.write(b"%*d\n" % (_DIGITS, len(body)))
        pipe.write(body)
    pipe.flush()


def receive(pipe: IO[bytes], most: int) -> bytes:
    """Read one frame.

    Args:
        pipe: where from.
        most: bytes; the other side is not believed to keep to it.

    Raises:
        EOFError: nothing came any more.
        ValueError: what came is no frame of that size, or half a one.
    """
    head = pipe.read(_DIGITS + 1)
    if not head:
        raise EOFError("nothing came any more")
    size = int(head) if len(head) == _DIGITS + 1 and head.strip().isdigit() else -1
    if not 0 <= size <= most:
        raise ValueError("no frame")
    body = pipe.read(size)
    if len(body) < size:
        raise ValueError("half a frame")
    return body


def dump(question: Question) -> bytes:
    """A question as a frame. Not by orjson: a text may hold half a character, and it is the child that refuses it."""
    return json.dumps(question).encode()


def load(body: bytes) -> Question:
    """A question from a frame.

    Raises:
        ValueError, TypeError: it is none.
    """
    return Question(*json.loads(body))
