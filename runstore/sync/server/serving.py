"""The server as a process: a socket, uvicorn, and an end that leaves nothing half done."""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from runstore.errors import UsageError
from runstore.sync.server.app import app
from runstore.sync.server.served import Served

_LEFT = 10  # seconds that requests at work have when the server is told to end


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        UsageError: there is no such address here, or the port is in use.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        # The protocol is said: without it asyncio leaves Nagle's delay on, 40 ms for each answer of several pieces.
        return _bound(socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP), address)
    except OSError as problem:
        raise UsageError(f"{host}:{port}: {problem.strerror or problem}; choose another --host or --port") from None


def _bound(made: socket.socket, address: Any) -> socket.socket:
    try:
        if os.name == "posix":  # elsewhere it would let another process take the port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(512)
    except BaseException:
        made.close()
        raise
    return made


def loopback(host: str) -> bool:
    """Whether only this machine can reach such an address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def names_of(host: str) -> set[str]:
    """The names by which a server that listens there may be called."""
    found = {"localhost", "127.0.0.1", "[::1]", host.lower(), f"[{host.lower()}]" if ":" in host else host.lower()}
    if not loopback(host):
        found |= {socket.gethostname().lower(), socket.getfqdn().lower()}
    return found - {"0.0.0.0", "::", "[::]", ""}


class Beside(Protocol):
    """A page for people that is served at the same address."""

    @property
    def app(self) -> ASGIApp:
        """What answers, with a guard of its own."""
        ...

    def close(self) -> None:
        """End what would never end by itself."""
        ...


def serve(
    served: Served, at: socket.socket, cert: Path | None, key: Path | None, ready: Callable[[], None],
    page: Beside | None = None,
) -> None:  # fmt: skip
    """Serve until the process is told to end (SIGTERM, SIGINT).

    Raises:
        UsageError: the certificate or its key can't be used.
    """
    limits = served.limits

    protocol: Any = functools.partial(Connection, served)  # called as the class is
    answering = app(served, page.app if page is not None else None)

    config = uvicorn.Config(
        answering, http=protocol, ws="none", lifespan="on", log_config=None, access_log=False, server_header=False,
        date_header=True, proxy_headers=False, limit_concurrency=limits.connections, timeout_keep_alive=15,
        timeout_graceful_shutdown=_LEFT, h11_max_incomplete_event_size=2 * limits.headers, backlog=512,
        ssl_certfile=cert, ssl_keyfile=key,
    )  # fmt: skip
    try:
        config.load()
    except OSError as problem:
        raise UsageError(f"{cert}: {problem.strerror or problem}; --tls-cert and --tls-key are PEM files") from None
    server = _Server(config, page)
    before = {one: signal.signal(one, lambda *_: None) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        asyncio.run(_run(server, at, ready))
    finally:
        for one, what in before.items():
            signal.signal(one, what)


class _Server(uvicorn.Server):
    """Ends what listens for ever before it waits for what is being answered."""

    def __init__(self, config: uvicorn.Config, page: Beside | None) -> None:
        super().__init__(config)
        self._page = page

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer no longer."""
        if self._page is not None:
            self._page.close()
        await super().shutdown(sockets)


async def _run(server: uvicorn.Server, at: socket.socket, ready: Callable[[], None]) -> None:
    serving = asyncio.create_task(server.serve([at]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    if server.started:
        ready()
    await serving


class Connection(H11Protocol):
    """A connection that is ended where nothing is asked through it, and that writes down what it can't understand."""

    def __init__(self, served: Served, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._served = served
        self._after: object = None  # the request after which another one is waited for

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has come."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Something was said: a request, or the beginning of one."""
        super().data_received(data)
        if self.cycle is not self._after and (self.cycle is None or self.cycle.response_complete):
            self._expect()

    def _expect(self) -> None:
        """Wait for a request, but not for ever."""
        self._after = self.cycle
        self.loop.call_later(self._served.limits.quiet, self._silent, self.cycle)

    def _silent(self, before: object) -> None:
        if self.cycle is before and not self.transport.is_closing():
            self._note(408, "no request came")
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """What came is no request."""
        self._note(400, msg)
        super().send_400_response(msg)

    def _note(self, outcome: int, said: str) -> None:
        address = str(self.client[0]) if self.client else ""
        self._served.audit.write("", address, "", "", outcome, said)
