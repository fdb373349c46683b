"""JSON is sent packed to whoever takes that: over a tunnel it is there in a fifth of the time.

Compression tells whoever can make another's browser ask, and can see how long the answers are, what is in them beside
what was asked (BREACH). Here nobody can: no cookie lets a browser in, so that other pages can't ask at all; and what is
secret, the token and tickets, is in no answer that is packed.
"""

from __future__ import annotations

import gzip

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAST = 1400
"""Bytes that fit into one packet, packed or not."""
SECRET = "/api/tickets"
_LEVEL = 1  # a seventh of the time of the usual level, and nearly as small
_LONG = 1 << 16  # bytes that are packed in a thread


class Compressed:
    """An app whose answers in JSON are packed."""

    def __init__(self, app: ASGIApp) -> None:
        """Of an app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        wanted = scope["type"] == "http" and scope["path"] != SECRET and takes(_named(scope, b"accept-encoding"))
        await self._app(scope, receive, _Packing(send).send if wanted else send)


class _Packing:
    """Holds the head of an answer back until it is seen whether all of the body is there."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._head: Message | None = None

    async def send(self, message: Message) -> None:
        """Send on, packed if it may be."""
        if message["type"] == "http.response.start":
            self._head = message
            return
        head, self._head = self._head, None
        if head is not None:
            body = message.get("body", b"")
            whole = not message.get("more_body")
            if whole and len(body) >= LEAST and _named(head, b"content-type") == "application/json":
                body = await _packed(body)
                head, message = _of_length(head, len(body)), {**message, "body": body}
            await self._send(head)
        await self._send(message)


def takes(accepted: str) -> bool:
    """Whether a browser that sends such an ``Accept-Encoding`` takes gzip."""
    for one in accepted.lower().split(","):
        name, _, weight = one.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


async def _packed(body: bytes) -> bytes:
    if len(body) < _LONG:
        return gzip.compress(body, _LEVEL, mtime=0)
    return await run_in_threadpool(gzip.compress, body, _LEVEL, mtime=0)


def _of_length(head: Message, length: int) -> Message:
    kept = [(name, value) for name, value in head["headers"] if name.lower() != b"content-length"]
    told = [(b"content-encoding", b"gzip"), (b"content-length", str(length).encode())]
    return {**head, "headers": [*kept, *told]}


def _named(message: Message | Scope, name: bytes) -> str:
    found = [value for given, value in message.get("headers", []) if given.lower() == name]
    return b", ".join(found).decode("latin-1")
