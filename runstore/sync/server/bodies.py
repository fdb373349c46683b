"""What is sent to the server, read within limits of size and time. Nothing is ever decompressed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request

from runstore.errors import Refused
from runstore.sync import judging
from runstore.sync.server.problems import Problem
from runstore.sync.server.served import Limits

MOST = 1 << 62  # what no number reaches


def announced(request: Request, most: int) -> int:
    """How many bytes are to come.

    Raises:
        Problem: too many, or it is not said.
    """
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Problem(415, "a compressed body; nothing is decompressed here")
    told = request.headers.get("content-length", "")
    if "transfer-encoding" in request.headers or not (told.isascii() and told.isdigit() and len(told) < 19):
        raise Problem(411, "no Content-Length")
    if int(told) > most:
        raise Problem(413, f"{told} bytes; {most} are the most that may come at once")
    return int(told)


async def chunks(request: Request, size: int, limits: Limits) -> AsyncIterator[bytes]:
    """The bytes of a body as they come.

    Raises:
        Problem: they come too slowly.
        ClientDisconnect: they don't come any more.
    """
    until = time.monotonic() + limits.quiet + size / limits.slowest
    stream = aiter(request.stream())
    while True:
        left = min(limits.quiet, until - time.monotonic())
        try:
            async with asyncio.timeout(max(0.0, left)):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Problem(408, "the body comes too slowly", {"connection": "close"}) from None
        if chunk:
            yield chunk


async def json_body(request: Request, limits: Limits) -> dict[str, Any]:
    """A JSON object that was sent.

    Raises:
        Problem: it is none, or can't be taken.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "not of type application/json")
    size, data = announced(request, limits.request), bytearray()
    async for chunk in chunks(request, size, limits):
        data += chunk
    try:
        found = judging.parsed(bytes(data))
    except Refused as problem:
        raise Problem(400, str(problem)) from None
    if not isinstance(found, dict):
        raise Problem(400, "not a JSON object")
    try:
        return {name: _whole(value) for name, value in found.items()}
    except RecursionError:
        raise Problem(400, "nested too deeply") from None


def _whole(value: Any) -> Any:
    """JSON has one kind of numbers: what is written ``5.0`` is 5."""
    if isinstance(value, dict):
        return {name: _whole(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < MOST else value


def whole(request: Request, name: str, default: int | None = None) -> int:
    """A number in the address.

    Raises:
        Problem: it is none.
    """
    given = request.query_params.getlist(name)
    if not given and default is not None:
        return default
    text = given[0] if len(given) == 1 else ""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else MOST
    if number >= MOST:
        raise Problem(400, f"{name}: not one whole number")
    return number


def only(request: Request, *allowed: str) -> None:
    """Nothing else may stand in the address.

    Raises:
        Problem: something does.
    """
    odd = sorted({*request.query_params} - {*allowed})
    if odd:
        raise Problem(400, f"{odd[0][:60]!r}: nothing that can be asked for")
