"""What is sent back: JSON, and lines of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

_LINES = 500  # made at once by a thread


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """One JSON document."""
    return Response(orjson.dumps(body), status, dict(headers or {}), "application/json")


def lines_answer(lines: Iterable[Any]) -> Response:
    """JSON Lines, as they come; where that fails, the last one says so."""
    return StreamingResponse(_chunks(iter(lines)), media_type="application/jsonl")


async def _chunks(lines: Iterator[Any]) -> AsyncIterator[bytes]:
    while data := await run_in_threadpool(_some, lines):
        yield data


def _some(lines: Iterator[Any]) -> bytes:
    return b"".join(orjson.dumps(line) + b"\n" for line in islice(lines, _LINES))


async def stepped(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Chunks that a thread reads, one at a time."""
    while chunk := await run_in_threadpool(next, chunks, b""):
        yield chunk
