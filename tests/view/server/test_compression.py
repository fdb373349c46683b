"""JSON is packed for who takes that; what is secret, small, or no JSON is not."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from starlette.types import Message

import runstore
from runstore.view.server import compression
from runstore.view.server.answers import json_answer
from runstore.view.server.compression import LEAST, Compressed
from tests.view.server.conftest import Served


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        ("gzip, deflate, br", True), ("br;q=1, GZIP;q=0.5", True), ("", False), ("br", False), ("gzip;q=0", False),
        ("xgzip", False), ("gzip; q=0.0", False),
    ],
)  # fmt: skip
def test_who_takes_it(accepted: str, taken: bool) -> None:
    assert compression.takes(accepted) is taken


@pytest.fixture
def many(served: Served) -> Served:
    for number in range(20):
        runstore.start_run(f"experiment-{number}", workspace=served.ws, params={"x" * 40: number}).complete()
    return served


def test_a_long_answer_is_packed_and_says_so(many: Served) -> None:
    plain = many.client.get("/api/experiments", headers={"accept-encoding": "identity"})
    packed = many.client.get("/api/experiments", headers={"accept-encoding": "gzip"})
    assert packed.json() == plain.json()
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2


def test_a_short_one_is_not(served: Served) -> None:
    told = served.client.get("/api/experiments")
    assert len(told.content) < LEAST
    assert "content-encoding" not in told.headers


def test_tickets_are_never_packed(served: Served) -> None:
    told = served.client.post("/api/tickets", json={"urls": ["/api/workspace"] * 100})
    assert len(told.content) > LEAST
    assert "content-encoding" not in told.headers


def test_a_stream_comes_as_it_is_made(served: Served) -> None:
    with served.client.stream("GET", "/api/events") as told:
        assert "content-encoding" not in told.headers
        assert next(told.iter_raw()).startswith(b"retry")


def test_what_is_very_long_is_packed_in_a_thread() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "path": "/", "headers": [(b"accept-encoding", b"gzip")]}
    asyncio.run(Compressed(json_answer("x" * 1_000_000))(scope, receive, send))
    assert gzip.decompress(sent[1]["body"]) == b'"' + b"x" * 1_000_000 + b'"'
