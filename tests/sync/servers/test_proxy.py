"""The bad network is as bad as it was told to be, and not worse."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.sync.servers import proxy
from tests.sync.servers.proxy import Fault, Proxy

DATA = bytes(range(256)) * 1000


class Echo(BaseHTTPRequestHandler):
    """Keeps what it was sent, and answers it."""

    protocol_version = "HTTP/1.1"
    had: list[tuple[str, str, bytes]]

    def do_PUT(self) -> None:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Length") and len(body) < int(self.headers["Content-Length"]):
            return
        self.had.append((self.command, self.path, body))
        self.send_response(200)
        if "?chunked" in self.path:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
        elif "?close" in self.path:
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(body) or 5))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body or b"empty")

    do_GET = do_HEAD = do_PUT  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def had() -> list[tuple[str, str, bytes]]:
    """What the server was sent."""
    return []


@pytest.fixture
def network(had: list[tuple[str, str, bytes]]) -> Iterator[Proxy]:
    handler = type("Echoing", (Echo,), {"had": had})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        with proxy.before(f"http://127.0.0.1:{server.server_address[1]}") as made:
            yield made
        server.shutdown()
        thread.join()


@pytest.fixture
def client(network: Proxy) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=network.address, trust_env=False, timeout=60) as made:
        yield made


def test_what_it_is_not_told_to_spoil_comes_through(client: httpx.Client, network: Proxy, had: list[object]) -> None:
    for path in ("/a", "/b?chunked", "/c?close"):
        assert client.put(path, content=DATA).content == DATA
        assert client.put(path, content=iter([DATA[:5], DATA[5:]])).content == DATA
    assert client.head("/d").headers["Content-Length"] == "5"
    assert client.get("/e").content == b"empty"
    assert [one[2] for one in had] == [DATA] * 6 + [b"", b""]
    assert [(one.method, one.path, one.status) for one in network.requests][6:] == [
        ("HEAD", "/d", 200),
        ("GET", "/e", 200),
    ]


def test_a_client_that_waits_to_be_told_to_go_on_is_told(network: Proxy) -> None:
    connection = http.client.HTTPConnection(network.address.removeprefix("http://"), timeout=60)
    connection.putrequest("PUT", "/a")
    connection.putheader("Expect", "100-continue")
    connection.putheader("Content-Length", "3")
    connection.endheaders()
    assert connection.sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.send(b"abc")
    assert connection.getresponse().read() == b"abc"
    connection.close()


def test_the_bytes_of_both_ways_are_counted(client: httpx.Client, network: Proxy) -> None:
    client.put("/a", content=DATA)
    client.get("/b")
    assert len(DATA) < network.requests[0].up < len(DATA) + 500
    assert len(DATA) < network.requests[0].down < len(DATA) + 500
    assert network.up == sum(one.up for one in network.requests)
    assert network.down == sum(one.down for one in network.requests)


def test_a_request_is_cut_at_a_byte_and_the_next_is_not(
    client: httpx.Client, network: Proxy, had: list[object]
) -> None:
    network.at(Fault(cut_request=len(DATA)))
    with pytest.raises(httpx.TransportError):
        client.put("/a", content=DATA)
    assert (network.up, network.down) == (len(DATA), 0)
    assert client.put("/a", content=DATA).content == DATA
    assert len(had) == 1


def test_an_answer_is_cut_at_a_byte_after_the_server_has_done_it(
    client: httpx.Client, network: Proxy, had: list[object]
) -> None:
    network.at(Fault(cut_answer=100_000))
    with pytest.raises(httpx.TransportError):
        client.put("/a", content=DATA)
    assert network.down == 100_000
    assert len(had) == 1


def test_a_cut_within_a_body_without_a_length_is_no_orderly_end(client: httpx.Client, network: Proxy) -> None:
    network.at(Fault(cut_answer=1000))
    with pytest.raises(httpx.TransportError):
        client.put("/c?close", content=DATA)


def test_an_answer_is_lost(client: httpx.Client, network: Proxy, had: list[object]) -> None:
    network.at(Fault(lost=True), method="PUT")
    assert client.get("/a").status_code == 200
    with pytest.raises(httpx.TransportError):
        client.put("/a", content=DATA)
    assert [one.down for one in network.requests][1:] == [0]
    assert len(had) == 2


def test_a_request_is_delivered_twice(client: httpx.Client, network: Proxy, had: list[object]) -> None:
    network.at(Fault(twice=True))
    assert client.put("/a", content=DATA).content == DATA
    client.get("/b")
    assert had == [("PUT", "/a", DATA), ("PUT", "/a", DATA), ("GET", "/b", b"")]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_the_server_never_sees_what_is_answered_for_it(
    client: httpx.Client, network: Proxy, had: list[object], status: int
) -> None:
    network.at(Fault(status=status, fields={"Retry-After": "7"}), path="^/[ab]$", times=2)
    for path, expected in (("/a", status), ("/c", 200), ("/b", status), ("/a", 200)):
        answer = client.put(path, content=DATA)
        assert (answer.status_code, answer.headers.get("Retry-After")) == (expected, "7" if expected != 200 else None)
    assert [one[1] for one in had] == ["/c", "/a"]


def test_a_fault_belongs_to_the_request_of_its_number(client: httpx.Client, network: Proxy) -> None:
    network.at(Fault(status=500), number=2)
    network.at(Fault(status=503), path="/x", times=None)
    assert [client.get(path).status_code for path in ("/a", "/x", "/x", "/x", "/a")] == [200, 503, 500, 503, 200]
    network.well()
    assert client.get("/x").status_code == 200


def test_a_delay_and_a_narrow_line_are_waited_for(
    client: httpx.Client, network: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("tests.sync.servers.proxy.time.sleep", slept.append)
    network.at(Fault(delay=2.0, rate=1000))
    assert client.put("/a", content=DATA).content == DATA
    assert slept[0] == 2.0
    assert sum(slept[1:]) == pytest.approx((network.up + network.down) / 1000)


def test_all_is_cut_once_so_many_bytes_have_gone(client: httpx.Client, network: Proxy, had: list[object]) -> None:
    network.cut_after(300_001)
    with _connected(network) as idle:
        with pytest.raises(httpx.TransportError):
            client.put("/b", content=DATA)
        with suppress(ConnectionResetError):
            assert idle.recv(1) == b""
    assert network.up + network.down == 300_001
    assert network.cuts == 1
    assert len(had) == 1  # the answer was under way
    assert client.get("/c").status_code == 200


def test_cuts_of_many_at_once_end_them_all(network: Proxy) -> None:
    network.cut_after(1_500_000)
    ended: list[bool] = []

    def ask() -> None:
        with httpx.Client(base_url=network.address, trust_env=False, timeout=60) as one:
            try:
                for _ in range(10):
                    one.put("/a", content=DATA)
                ended.append(True)
            except httpx.TransportError:
                ended.append(False)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ended) == 4 and not all(ended)
    assert network.cuts == 1


def test_cuts_come_one_after_another_and_the_last_may_stay(client: httpx.Client, network: Proxy) -> None:
    network.cut_after(100_000, 200_000, stays=True)
    for _ in range(2):
        with pytest.raises(httpx.TransportError):
            client.put("/a", content=DATA)
    assert (network.cuts, network.up, network.unplugged) == (2, 300_000, True)
    with pytest.raises(httpx.TransportError):
        client.get("/a")
    network.well()
    assert client.get("/a").status_code == 200


def test_nobody_gets_through_while_it_is_unplugged(client: httpx.Client, network: Proxy, had: list[object]) -> None:
    network.unplugged = True
    with pytest.raises(httpx.TransportError):
        client.get("/a")
    network.well()
    assert client.get("/a").status_code == 200
    assert len(had) == 1


def test_a_server_that_is_not_there_is_no_answer() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as gone:
        address = f"http://127.0.0.1:{gone.server_address[1]}"
    with proxy.before(address) as network, pytest.raises(httpx.TransportError):
        httpx.get(network.address, trust_env=False, timeout=60)


def test_what_is_no_http_is_cut_off(network: Proxy) -> None:
    with _connected(network) as connection, pytest.raises(ConnectionResetError):
        connection.sendall(b"nonsense\r\n\r\n")
        connection.recv(1)
    assert network.requests == []


def _connected(network: Proxy) -> socket.socket:
    host, port = network.address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=60)
