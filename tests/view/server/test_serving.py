"""Where the server listens, what it is called, and how it ends."""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing

import pytest

import runstore
from runstore.errors import UsageError
from runstore.sync.server import connections, hosts
from runstore.view.server import serving
from runstore.view.server.app import Page
from tests.view.server.conftest import TOKEN, serving_page


def test_a_port_that_others_have_is_left_to_them() -> None:
    with closing(connections.listening("127.0.0.1", 0, otherwise=True)) as one:
        port = one.getsockname()[1]
        with closing(connections.listening("127.0.0.1", port, otherwise=True)) as other:
            assert other.getsockname()[1] not in (0, port)


def test_a_port_that_is_free_is_taken() -> None:
    with closing(connections.listening("127.0.0.1", 0, otherwise=True)) as one:
        port = one.getsockname()[1]
    with closing(connections.listening("127.0.0.1", port, otherwise=True)) as again:
        assert again.getsockname() == ("127.0.0.1", port)


def test_an_address_that_is_no_one_of_this_machine_is_refused() -> None:
    with pytest.raises(UsageError, match="--host"):
        connections.listening("192.0.2.1", 0, otherwise=True)


@pytest.mark.parametrize(
    ("host", "near"), [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("name", False)]
)
def test_it_is_known_whether_others_can_reach_an_address(host: str, near: bool) -> None:
    assert hosts.loopback(host) is near


def test_it_answers_to_few_names() -> None:
    assert hosts.names_of("127.0.0.1") == {"localhost", "127.0.0.1", "[::1]"}
    assert {"localhost", "runs.example"} < hosts.names_of("Runs.example")
    assert "0.0.0.0" not in hosts.names_of("0.0.0.0")


@pytest.mark.parametrize(
    ("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("0.0.0.0", "127.0.0.1"), ("::", "[::1]")]
)
def test_the_address_is_one_that_a_browser_can_open(host: str, shown: str) -> None:
    assert serving.url(host, 80, "abc") == f"http://{shown}:80/?token=abc"


def test_tokens_are_long_and_never_the_same() -> None:
    assert len({serving.token() for _ in range(100)}) == 100
    assert len(serving.token()) >= 43


def test_it_ends_while_somebody_listens(ws: runstore.Workspace) -> None:
    """``serving_page`` waits for its end, and an open stream of events does not hold it up."""
    import httpx

    page = Page(ws, TOKEN, hosts.names_of("127.0.0.1"))
    with httpx.Client(headers={"authorization": f"Bearer {TOKEN}"}) as client:
        with serving_page(page) as origin:
            request = client.build_request("GET", f"{origin}/api/events")
            response = client.send(request, stream=True)
            lines = response.iter_lines()
            assert next(lines).startswith("retry")
        assert "event: beat" not in list(lines)
        response.close()


def test_no_answer_waits_for_the_one_before_to_be_acknowledged() -> None:
    """asyncio turns Nagle's delay off (RFC 896) only of connections whose protocol is said to be TCP."""

    async def accepted() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def came(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            found.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        server = await asyncio.start_server(came, sock=connections.listening("127.0.0.1", 0, otherwise=True))
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.close()
        async with server:
            return await found

    assert asyncio.run(accepted()) != 0
