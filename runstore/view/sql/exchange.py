"""What goes between the server and a child that answers: frames of JSON, each after the number of its bytes."""

from __future__ import annotations

import json
from typing import IO, Any

_DIGITS = 12


def send(pipe: IO[bytes], body: bytes) -> None:
    """Write one frame.

    Raises:
        OSError: nobody reads any more.
    """
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


def asked(query: str, rows: int) -> bytes:
    """A question. Not by orjson: a text may hold half a character, and it is the child that refuses it."""
    return json.dumps({"query": query, "rows": rows}).encode()


def question(body: bytes) -> tuple[str, int]:
    """The statement and the number of rows in a question."""
    told: dict[str, Any] = json.loads(body)
    return told["query"], told["rows"]
