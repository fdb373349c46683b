"""The page's server as a process: a socket, uvicorn, and an end that waits for nobody who only listens."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from runstore.errors import UsageError
from runstore.view.server.app import Page

_LEFT = 1  # seconds that questions at work have when the server is told to end
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def token() -> str:
    """What whoever asks must know; nobody guesses it."""
    return secrets.token_urlsafe(32)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens at a port, or at any that is free where others have that.

    Raises:
        UsageError: there is no such address here.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with suppress(OSError):
            return _bound(family, address)
        return _bound(family, (address[0], 0, *address[2:]))
    except OSError as problem:
        raise UsageError(f"{host}: {problem.strerror or problem}; choose another --host") from None


def _bound(family: int, address: tuple[object, ...]) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # said, so that asyncio lets no answer wait
    try:
        if os.name == "posix":  # elsewhere it would let another process take the port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(128)
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


def names_of(host: str) -> frozenset[str]:
    """The names that a server which listens there answers to."""
    found = {"localhost", "127.0.0.1", "[::1]", f"[{host}]" if ":" in host else host}
    if not loopback(host):
        found |= {socket.gethostname(), socket.getfqdn()}
    return frozenset(one.lower() for one in found) - {"0.0.0.0", "[::]", ""}


def url(host: str, port: int, token: str) -> str:
    """The address to open, token included."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/?token={token}"


def server(page: Page, ready: Callable[[], None]) -> uvicorn.Server:
    """What serves a page. ``ready``: called once it answers."""
    config = uvicorn.Config(
        page.app, http="h11", ws="none", lifespan="on", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, timeout_keep_alive=30, timeout_graceful_shutdown=_LEFT, backlog=128,
    )  # fmt: skip
    return _Server(config, page, ready)


def serve(page: Page, at: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until the process is told to end (SIGINT, SIGTERM). ``ready``: called once it answers."""
    before = {one: signal.signal(one, lambda *_: None) for one in _SIGNALS}
    try:
        asyncio.run(server(page, ready).serve([at]))
    finally:
        for one, what in before.items():
            signal.signal(one, what)


class _Server(uvicorn.Server):
    """Says when it answers, and ends what listens for ever before it waits for what is being answered."""

    def __init__(self, config: uvicorn.Config, page: Page, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._page, self._ready = page, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        if self.started:
            self._ready()
            threading.Thread(target=self._page.asking.prepare, daemon=True, name="runstore-page").start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer no longer."""
        self._page.events.close()
        await super().shutdown(sockets)
