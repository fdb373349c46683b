"""The page's server as a process: a socket, uvicorn, and an end that waits for nobody who only listens."""

from __future__ import annotations

import asyncio
import secrets
import signal
import socket
import threading
from collections.abc import Callable

import uvicorn

from runstore.sync.server import connections
from runstore.sync.server.connections import Rules
from runstore.view.server.app import Page

_RULES = Rules(most=128, quiet=30.0)
_LEFT = 1  # seconds that questions at work have when the server is told to end
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def token() -> str:
    """What whoever asks must know; nobody guesses it."""
    return secrets.token_urlsafe(32)


def url(host: str, port: int, token: str) -> str:
    """The address to open, token included."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/?token={token}"


def server(page: Page, ready: Callable[[], None]) -> uvicorn.Server:
    """What serves a page. ``ready``: called once it answers."""
    config = uvicorn.Config(
        page.app, http=connections.protocol(_RULES), ws="none", lifespan="on", log_config=None, access_log=False,
        server_header=False,
        proxy_headers=False, timeout_keep_alive=30, timeout_graceful_shutdown=_LEFT, backlog=512,
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
