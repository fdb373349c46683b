"""Clients that break the rules of HTTP itself: refused, written down, nothing changed, and others are served on."""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

import runstore
from runstore.sync.client import Server
from tests.sync import served
from tests.sync.server.conftest import Running, start

DATA = b"some bytes"
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One with little patience."""
    ws = runstore.Workspace(tmp_path_factory.mktemp("hostile") / "there")
    found = start(ws.path, "--patience", "0.5", "--rate", "1000")
    yield found
    assert found.stop() == 0


@pytest.fixture
def server(running: Running) -> Iterator[Running]:
    """Whatever a test does to it, its workspace stays as it is, and it goes on."""
    running.mark, before = running.mark + len(running.audit()), served.tree(running.workspace)
    yield running
    with closing(Server(running.url, running.token)) as client:
        assert client.info()["scope"] == "write"
    assert served.tree(running.workspace) == before


def say(server: Running, *parts: bytes, end: bool = False) -> bytes:
    """Send this as it stands, and read until the connection ends or nothing comes for a while."""
    parsed = urlsplit(server.url)
    with socket.create_connection((parsed.hostname or "", parsed.port or 0), 10) as line:
        try:
            for part in parts:
                line.sendall(part)
            if end:
                line.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass  # it has heard enough
        return heard(line)


def heard(line: socket.socket) -> bytes:
    found = b""
    try:
        while chunk := line.recv(65536):
            found += chunk
    except (ConnectionError, TimeoutError):
        pass
    return found


def request(server: Running, method: str, path: str, **headers: str) -> bytes:
    """The head of a request that is right up to there."""
    told = {"host": urlsplit(server.url).netloc, "authorization": f"Bearer {server.token}", **headers}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in told.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def written(server: Running, outcome: int) -> bool:
    """Whether it was written down; the line may come a moment after the answer."""
    for _ in range(500):
        if any(one["outcome"] == outcome for one in server.audit()):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), b"BREW\r\n\r\n", b"\x00" * 100,
        b"GET http://[ HTTP/1.1\r\nhost: x\r\n\r\n\r\n"[:10] + b"\r\n\r\n", b"GET / HTTP/1.1\r\n: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nx\x00y: z\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused(server: Running, data: bytes) -> None:
    assert status(say(server, data)) == 400
    assert written(server, 400)


def test_headers_without_an_end_are_not_listened_to(server: Running) -> None:
    answer = say(server, b"GET / HTTP/1.1\r\nhost: localhost\r\n", *[b"x: " + b"y" * 60_000 + b"\r\n"] * 50)
    assert status(answer) in (0, 400, 431)  # it may be reset before it is read
    assert written(server, 400) or written(server, 431)


@pytest.mark.parametrize("size", [20_000, 60_000])
def test_a_huge_header_is_refused(server: Running, size: int) -> None:
    assert status(say(server, request(server, "GET", "/api/v1/info", x="y" * size, connection="close"))) in (400, 431)
    assert written(server, 431) or written(server, 400)


def test_who_says_nothing_is_let_go(server: Running) -> None:
    assert say(server) == b""
    assert written(server, 408)


def test_who_does_not_come_to_the_end_of_the_headers_is_let_go(server: Running) -> None:
    assert say(server, b"GET / HTTP/1.1\r\nhost: localhost\r\n") == b""
    assert written(server, 408)


def test_who_does_not_come_to_the_end_of_a_second_request_is_let_go(server: Running) -> None:
    parsed = urlsplit(server.url)
    with socket.create_connection((parsed.hostname or "", parsed.port or 0), 10) as line:
        line.sendall(request(server, "GET", "/"))
        assert line.recv(100).startswith(b"HTTP/1.1 200")
        while b"</html>" not in line.recv(65536):
            pass
        line.sendall(b"GET /again HTTP/1.1\r\nhost: local")
        assert heard(line) == b""
    assert written(server, 408)


@pytest.mark.parametrize("length", ["10", "1000000"])
def test_a_body_that_does_not_come_is_not_waited_for(server: Running, length: str) -> None:
    head = request(server, "PUT", f"/api/v1/objects/{SHA256}?size={length}", content_length=length)
    assert status(say(server, head, DATA[:4])) == 408
    assert written(server, 408)


def test_a_body_that_ends_too_early_makes_no_object(server: Running) -> None:
    head = request(server, "PUT", f"/api/v1/objects/{SHA256}?size=10", content_length="10")
    say(server, head, DATA[:4], end=True)
    assert written(server, 499)
    head = request(server, "HEAD", f"/api/v1/objects/{SHA256}?size=10", connection="close")
    assert status(say(server, head)) == 404


def test_a_body_longer_than_announced_is_not_taken_for_one(server: Running) -> None:
    other = hashlib.sha256(b"other data").hexdigest()
    head = request(server, "PUT", f"/api/v1/objects/{other}?size=10", content_length="10")
    answer = say(server, head, b"other data", b"more than that\r\n\r\n")
    assert status(answer) == 201
    assert b" 400 " in answer.split(b"\r\n\r\n", 1)[1]
    assert written(server, 400)


@pytest.mark.parametrize(
    "more",
    [
        b"content-length: 10\r\ntransfer-encoding: chunked\r\n", b"content-length: 10\r\ncontent-length: 11\r\n",
        b"transfer-encoding: gzip, chunked\r\n", b"transfer-encoding: chunked\r\n", b"content-length: -1\r\n",
    ],
)  # fmt: skip
def test_a_length_that_can_be_read_in_two_ways_is_refused(server: Running, more: bytes) -> None:
    head = request(server, "PUT", f"/api/v1/objects/{SHA256}?size=10", connection="close")[:-2]
    answer = say(server, head + more + b"\r\n", b"a\r\n" + DATA + b"\r\n0\r\n\r\n")
    assert status(answer) in (400, 411, 501)
    assert written(server, status(answer)) or status(answer) == 501
    assert server.client().lacking([served.thing(DATA)]) == {SHA256}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/objects/../../../../etc/passwd?size=10", "/api/v1/objects/..%2f..%2fworkspace.json?size=10",
        "/api/v1/bytes?path=..%2Fworkspace.json&kind=document&size=5", "//etc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
        "/api/v1/bytes?path=server%2Ftokens.json&kind=document&size=500",
        "/api/v1/bytes?path=experiments%2F%00.json&kind=document&size=5",
    ],
)  # fmt: skip
def test_no_address_leads_elsewhere(server: Running, path: str) -> None:
    answer = say(server, request(server, "GET", path, connection="close"))
    assert status(answer) in (400, 404, 405, 422)
    assert written(server, status(answer))


def test_many_who_say_nothing_do_not_keep_others_out(server: Running) -> None:
    parsed = urlsplit(server.url)
    lines = [socket.create_connection((parsed.hostname or "", parsed.port or 0), 10) for _ in range(100)]
    assert server.client().info()["scope"] == "write"
    for line in lines:
        line.close()


@pytest.fixture
def forged(server: Running) -> Callable[[str], int]:
    def ask(token: str) -> int:
        return status(say(server, request(server, "GET", "/api/v1/info", authorization=token, connection="close")))

    return ask


def test_forged_tokens_open_nothing(server: Running, forged: Callable[[str], int]) -> None:
    good = server.token
    for token in (f"Bearer {good[:-1]}", f"Basic {good}", f"Bearer {good[:12]}{'A' * 43}", "Bearer \xe4", "Bearer"):
        assert forged(token) == 401
    assert written(server, 401)
    assert good not in (server.workspace / "server" / "audit.jsonl").read_text(encoding="utf-8")
