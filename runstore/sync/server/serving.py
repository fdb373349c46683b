"""The server as a process: a socket, uvicorn, and an end that leaves nothing half done."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp

from runstore.errors import UsageError
from runstore.sync.server import connections
from runstore.sync.server.app import app
from runstore.sync.server.connections import Rules
from runstore.sync.server.served import Served

_LEFT = 10  # seconds that requests at work have when the server is told to end


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

    rules = Rules(limits.connections, limits.quiet, lambda address, status, text: served.audit.write(
        "", address, "", "", status, text
    ))  # fmt: skip
    answering = app(served, page.app if page is not None else None)

    config = uvicorn.Config(
        answering, http=connections.protocol(rules), ws="none", lifespan="on", log_config=None, access_log=False,
        server_header=False,
        date_header=True, proxy_headers=False, timeout_keep_alive=15,
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
