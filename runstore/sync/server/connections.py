"""Connections of both servers: how many there may be, and how long a request may take to arrive."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from runstore.errors import UsageError

Note = Callable[[str, int, str], None]
"""Called with a client's address, a status and a text for each request that never arrived whole."""

_log = logging.getLogger("runstore.connections")
_log.setLevel(logging.ERROR)  # what strangers send must not fill the server's log


@dataclass(frozen=True, slots=True)
class Rules:
    """What connections may do.

    Attributes:
        most: how many there may be. One more ends the one that has waited longest without a request.
        quiet: seconds in which the headers of a request must have arrived.
        note: told of requests that didn't arrive.
    """

    most: int
    quiet: float
    note: Note = lambda address, status, text: None


def listening(host: str, port: int, otherwise: bool = False) -> socket.socket:
    """A socket that listens.

    Args:
        host: a name or an address of this machine.
        port: 0 for any that is free.
        otherwise: take any that is free where this one is not.

    Raises:
        UsageError: there is no such address here, or the port is in use.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        if otherwise:
            with suppress(OSError):
                return _bound(family, address)
            address = (address[0], 0, *address[2:])
        return _bound(family, address)
    except OSError as problem:
        place = host if otherwise else f"{host}:{port}"
        raise UsageError(f"{place}: {problem.strerror or problem}; choose another --host or --port") from None


def _bound(family: int, address: tuple[Any, ...]) -> socket.socket:
    # The protocol is named: without it asyncio leaves Nagle's delay on, 40 ms for each answer of several pieces.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let another process take the port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(512)
    except BaseException:
        made.close()
        raise
    return made


def protocol(rules: Rules) -> Any:
    """What uvicorn makes each connection with (``Config(http=...)``)."""
    waiting: dict[Connection, None] = {}
    return functools.partial(Connection, rules, waiting)


class Connection(H11Protocol):
    """A connection that ends where no request arrives in time, and gives way where there are too many."""

    def __init__(self, rules: Rules, waiting: dict[Connection, None], *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.logger = _log
        self._rules, self._waiting = rules, waiting
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request; end another connection that waits, where there are too many."""
        super().connection_made(transport)
        self._expect()
        if len(self.connections) > self._rules.most:
            next(iter(self._waiting))._end(503, "too many connections")

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came: a request, or a part of one."""
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        cycle = self.cycle
        super().on_response_complete()
        if self.cycle is cycle and not self.transport.is_closing():
            self._expect()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request."""
        self._rules.note(self._address, 400, msg)
        super().send_400_response(msg)

    @property
    def _address(self) -> str:
        return str(self.client[0]) if self.client else ""

    def _expect(self) -> None:
        self._stop_waiting()
        self._waiting[self] = None
        self._timer = self.loop.call_later(self._rules.quiet, self._end, 408, "no request came")

    def _stop_waiting(self) -> None:
        self._waiting.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self, status: int, text: str) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            self._rules.note(self._address, status, text)
            self.transport.close()
