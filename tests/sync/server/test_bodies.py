"""A body is read as far as it was announced, in time, and if it is JSON where JSON is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import Message

from tests.sync.server.asking import Asking

AT = "/api/v1/pieces"
DEEP = b'{"runs":' + b"[" * 1000 + b"]" * 1000 + b"}"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
def test_another_type_is_refused(ask: Asking, kind: str) -> None:
    assert ask.error("POST", AT, content=b"{}", headers={"content-type": kind})[0] == 415


def test_a_type_may_have_parameters(ask: Asking) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert ask("POST", AT, content=b"{}", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"5", b"null", b"[" * 100_000, DEEP, b'{"cursor":"\\ud800"}', b"\xff\xfe{"]
)
def test_what_is_no_json_object_is_refused(ask: Asking, data: bytes) -> None:
    assert ask.error("POST", AT, content=data, headers={"content-type": "application/json"})[0] == 400


def test_more_than_may_come_at_once_is_refused_unread(asked: Callable[..., Asking]) -> None:
    ask = asked(request=100)
    assert ask.error("POST", AT, json={"cursor": "x" * 100})[0] == 413
    assert ask.audit()[-1]["bytes"] == 0


@pytest.mark.parametrize("length", ["", "x", "-5", "1" * 20, "0x5", "5, 6", "+5"])
def test_a_length_that_is_none_is_refused(ask: Asking, length: str) -> None:
    headers = {"content-type": "application/json", "content-length": length}
    assert ask.error("POST", AT, content=b"{}", headers=headers)[0] in (411, 413)


async def asked_slowly(ask: Asking, pauses: float, parts: int) -> tuple[int, int]:
    """Send a body in parts, with pauses between them; the status, and how many were taken."""
    taken, sent = 0, list[Message]()

    async def receive() -> Message:
        nonlocal taken
        await asyncio.sleep(pauses)
        taken += 1
        return {"type": "http.request", "body": b" ", "more_body": taken < parts}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [
        (b"host", b"localhost"), (b"authorization", f"Bearer {ask.token}".encode()),
        (b"content-type", b"application/json"), (b"content-length", str(parts).encode()),
    ]  # fmt: skip
    scope: dict[str, Any] = {
        "type": "http", "method": "POST", "path": AT, "raw_path": AT.encode(), "query_string": b"", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "scheme": "http", "http_version": "1.1",
        "root_path": "",
    }  # fmt: skip
    await ask.app(scope, receive, send)
    return sent[0]["status"], taken


def test_a_body_that_stops_coming_is_not_waited_for(asked: Callable[..., Asking]) -> None:
    ask = asked(quiet=0.05)
    assert asyncio.run(asked_slowly(ask, 60.0, 5)) == (408, 0)
    assert ask.audit()[-1]["outcome"] == 408


def test_a_body_that_comes_drop_by_drop_is_not_waited_for(asked: Callable[..., Asking]) -> None:
    ask = asked(quiet=0.3, slowest=1e9)
    status, taken = asyncio.run(asked_slowly(ask, 0.02, 1000))
    assert status == 408
    assert taken < 100


@pytest.mark.parametrize("number", [b"5", b"5.0", b"5e0"])
def test_a_whole_number_is_one_however_it_is_written(ask: Asking, number: bytes) -> None:
    data = b'{"objects":[{"sha256":"%b","size":%b}]}' % (b"a" * 64, number)
    headers = {"content-type": "application/json"}
    assert ask("POST", "/api/v1/objects", content=data, headers=headers).status_code == 200
