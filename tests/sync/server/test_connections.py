"""Connections that only wait give way, and requests that never arrive are ended without a word."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from runstore.sync.server import connections
from runstore.sync.server.connections import Rules


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@contextmanager
def serving(rules: Rules, app: Any = app) -> Iterator[tuple[str, int]]:
    at = connections.listening("127.0.0.1", 0)
    config = uvicorn.Config(app, http=connections.protocol(rules), ws="none", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([at])), daemon=True)
    thread.start()
    try:
        yield at.getsockname()[:2]
    finally:
        server.should_exit = True
        thread.join(30)
        at.close()


def test_many_half_requests_do_not_keep_out_a_whole_one() -> None:
    with serving(Rules(20, 60.0)) as place, ExitStack() as stack:
        for _ in range(100):
            half = stack.enter_context(socket.create_connection(place, 10))
            half.sendall(b"GET / HTTP/1.1\r\nHost: lo")
        assert httpx.get(f"http://127.0.0.1:{place[1]}/", timeout=30).text == "ok"


def test_a_connection_on_which_a_request_is_answered_does_not_give_way() -> None:
    begun, free = threading.Event(), threading.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        begun.set()
        await asyncio.get_running_loop().run_in_executor(None, free.wait, 30)
        await app(scope, receive, send)

    with serving(Rules(5, 60.0), slow) as place, ExitStack() as stack, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(httpx.get, f"http://127.0.0.1:{place[1]}/", timeout=30)
        assert begun.wait(30)
        for _ in range(30):
            stack.enter_context(socket.create_connection(place, 10))
        free.set()
        assert asked.result().text == "ok"


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n"])
def test_headers_that_do_not_arrive_in_time_end_the_connection(sent: bytes) -> None:
    noted: list[tuple[int, str]] = []
    rules = Rules(20, 0.2, lambda address, status, text: noted.append((status, text)))
    with serving(rules) as place, socket.create_connection(place, 30) as line:
        line.sendall(sent)
        assert line.recv(100) == b""
    assert noted == [(408, "no request came")]


def test_headers_that_drip_end_the_connection_all_the_same() -> None:
    with serving(Rules(20, 0.5)) as place, socket.create_connection(place, 30) as line:
        line.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError, match=r"reset|pipe"):
            for at in range(600):
                line.sendall(b"x-%d: 1\r\n" % at)
                threading.Event().wait(0.05)


def test_what_is_no_request_is_refused_and_the_log_stays_quiet(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), serving(Rules(20, 5.0)) as place:
        for _ in range(20):
            with socket.create_connection(place, 30) as line:
                line.sendall(b"\x16\x03\x01\x02\x00\r\n\r\n")
                assert line.recv(100).startswith(b"HTTP/1.1 400")
    assert "Invalid HTTP request" not in caplog.text
