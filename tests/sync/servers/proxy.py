"""A bad network between a client and a server, both on this machine: what goes wrong, and when, is told by the test.

with proxy.before(address) as network:
    network.at(Fault(cut_answer=10), number=3)
    network.at(Fault(status=503, fields={"Retry-After": "1"}), path="/_delta_log/", times=2)
    network.cut_after(5_000)
    ...  # ask network.address
    network.up, network.down, network.requests
"""

from __future__ import annotations

import collections
import itertools
import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.sync.servers import wire
from tests.sync.servers.wire import CHUNK, Wire


@dataclass(frozen=True)
class Fault:
    """What happens to a request; several at once, if need be.

    Attributes:
        cut_request: after so many of its bytes (the head's are the first) the server gets no more, and both lose the
            connection.
        cut_answer: after so many of the answer's bytes the client gets no more; the server has done it.
        lost: the server has done it, the client hears nothing; as ``cut_answer=0``, but surely after the whole answer.
        status: it is answered so, and the server never sees it.
        fields: of the head of that answer.
        twice: the server gets it once more after it has answered; the client has the first answer.
        delay: seconds before anything is passed on.
        rate: bytes a second, both ways; 0 for as fast as can be.
    """

    cut_request: int | None = None
    cut_answer: int | None = None
    lost: bool = False
    status: int = 0
    fields: Mapping[str, str] = field(default_factory=dict)
    twice: bool = False
    delay: float = 0.0
    rate: int = 0


@dataclass
class Seen:
    """A request that came: its number (from 0), and how many bytes have gone each way. ``status`` 0: no answer."""

    number: int
    method: str
    path: str
    up: int = 0
    down: int = 0
    status: int = 0


@dataclass
class _Rule:
    fault: Fault
    number: int | None
    method: str
    path: re.Pattern[str]
    times: int | None


class _Cut(ConnectionError):
    """It was cut on purpose."""


class Proxy:
    """Listens before a server.

    Attributes:
        address: where clients ask.
        up: bytes that clients have sent so far.
        down: bytes that they were sent.
        requests: all that came, in order.
        cuts: how often all connections were cut.
        unplugged: while it is set nobody gets through: connections are cut as soon as they are made.
    """

    def __init__(self, server: str) -> None:
        host, _, port = server.removeprefix("http://").rstrip("/").partition(":")
        self._server = host, int(port)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.up = self.down = 0
        self.requests: list[Seen] = []
        self.unplugged = False
        self._rules: list[_Rule] = []
        self.cuts = 0
        self._left: list[int] = []
        self._stays = False
        self._open: set[Wire] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def at(
        self, fault: Fault, number: int | None = None, method: str = "", path: str = "", times: int | None = 1
    ) -> None:
        """From now on, this happens to such requests; of several the one told first.

        Args:
            fault: what happens.
            number: to the request of this number, of all that came.
            method: to those of this method.
            path: to those in whose path (with the query) this regular expression is found.
            times: how often; None for always.
        """
        with self._lock:
            self._rules.append(_Rule(fault, number, method, re.compile(path), times))

    def well(self) -> None:
        """Nothing more goes wrong, but what is under way."""
        with self._lock:
            self._rules.clear()
            self._left.clear()
            self.unplugged = False

    def cut_after(self, *counts: int, stays: bool = False) -> None:
        """Once so many more bytes have gone, either way, all connections are cut; and again after the next count.

        ``stays``: after the last cut nobody gets through.
        """
        with self._lock:
            self._left, self._stays = [*counts], stays

    def close(self) -> None:
        """Nobody is listened to any more."""
        with suppress(OSError):  # wakes who listens
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._cut_all()
        for thread in self._threads:
            thread.join()

    # ---- connections

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            client = Wire(connection)
            if self.unplugged:
                client.abort()
                continue
            with self._lock:
                self._open.add(client)
                self._threads = [one for one in self._threads if one.is_alive()]
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._threads.append(thread)
            thread.start()

    def _serve(self, client: Wire) -> None:
        try:
            while head := client.head():
                self._exchange(client, head)
                if wire.field(head, b"connection") == b"close":
                    break
            client.connection.close()
        except (OSError, ValueError, IndexError):  # cut, or no HTTP
            client.abort()
        finally:
            with self._lock:
                self._open.discard(client)

    @contextmanager
    def _connected(self) -> Iterator[Wire]:
        server = Wire(socket.create_connection(self._server))
        with self._lock:
            self._open.add(server)
        try:
            yield server
            server.connection.close()
        finally:
            server.abort()
            with self._lock:
                self._open.discard(server)

    def _cut_all(self) -> None:
        with self._lock:
            cut, self._open = self._open, set()
        for one in cut:
            one.abort(others=True)

    # ---- requests

    def _exchange(self, client: Wire, head: bytes) -> None:
        if wire.field(head, b"expect"):
            client.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            head = re.sub(rb"(?i)\r\nexpect:[^\r]*", b"", head)
        seen, fault = self._came(head)
        time.sleep(fault.delay)
        request: Iterable[bytes] = itertools.chain([head], client.body(head))
        if fault.status:
            seen.up = sum(map(len, request))
            with self._passing(seen.up, fault) as count:
                self.up += count
            self._tell(client, seen, fault)
            return
        whole = [*request] if fault.twice else []
        with self._connected() as server:
            self._send(server, whole or request, seen, fault)
            self._answer(client, server, head, seen, fault)
        if whole:
            with self._connected() as server:
                server.connection.sendall(b"".join(whole))
                _, body = _read_answer(server, head)
                collections.deque(body, maxlen=0)

    def _send(self, server: Wire, request: Iterable[bytes], seen: Seen, fault: Fault) -> None:
        takes = True
        for part in _up_to(request, fault.cut_request):
            seen.up += len(part)
            with self._passing(len(part), fault) as count:
                self.up += count
                try:
                    if takes:
                        server.connection.sendall(part[:count])
                except OSError:  # it has answered already
                    takes = False

    def _answer(self, client: Wire, server: Wire, asked: bytes, seen: Seen, fault: Fault) -> None:
        head, body = _read_answer(server, asked)
        seen.status = int(head.split()[1])
        answer: Iterable[bytes] = itertools.chain([head], body)
        if fault.lost or fault.twice:
            answer = [*answer]
        for part in _up_to(answer, 0 if fault.lost else fault.cut_answer):
            self._down(client, part, seen, fault)
        if wire.field(head, b"connection") == b"close" or not head.startswith(b"HTTP/1.1"):
            client.connection.shutdown(socket.SHUT_WR)

    def _tell(self, client: Wire, seen: Seen, fault: Fault) -> None:
        fields = {"Content-Length": "0", **fault.fields}
        lines = [f"HTTP/1.1 {fault.status} Told", *(f"{name}: {value}" for name, value in fields.items())]
        said = "\r\n".join([*lines, "", ""]).encode()
        seen.status = fault.status
        self._down(client, said, seen, fault)

    def _down(self, client: Wire, part: bytes, seen: Seen, fault: Fault) -> None:
        seen.down += len(part)
        with self._passing(len(part), fault) as count:
            self.down += count
            client.connection.sendall(part[:count])

    def _came(self, head: bytes) -> tuple[Seen, Fault]:
        method, path = (one.decode("latin-1") for one in head.split()[:2])
        with self._lock:
            seen = Seen(len(self.requests), method, path)
            self.requests.append(seen)
            for rule in self._rules:
                if (
                    rule.times != 0
                    and rule.number in (None, seen.number)
                    and rule.method in ("", method)
                    and rule.path.search(path)
                ):
                    rule.times = None if rule.times is None else rule.times - 1
                    return seen, rule.fault
        return seen, Fault()

    @contextmanager
    def _passing(self, count: int, fault: Fault) -> Iterator[int]:
        """How many of so many bytes may pass in the block, after which everything is cut if those were the last."""
        if fault.rate:
            time.sleep(count / fault.rate)
        with self._lock:
            last = bool(self._left) and count >= self._left[0]
            if last:
                count = self._left.pop(0)
                self.cuts += 1
                self.unplugged = self.unplugged or (self._stays and not self._left)
            elif self._left:
                self._left[0] -= count
        yield count
        if last:
            self._cut_all()
            raise _Cut


@contextmanager
def before(server: str) -> Iterator[Proxy]:
    """A proxy before a server (``http://127.0.0.1:PORT``) while the block runs."""
    made = Proxy(server)
    try:
        yield made
    finally:
        made.close()


def _up_to(parts: Iterable[bytes], count: int | None) -> Iterator[bytes]:
    """The parts, cut after so many bytes."""
    for part in parts:
        for start in range(0, len(part), CHUNK):
            piece = part[start : start + CHUNK]
            if count is not None and len(piece) >= count:
                yield piece[:count]
                raise _Cut
            count = None if count is None else count - len(piece)
            yield piece


def _read_answer(server: Wire, asked: bytes) -> tuple[bytes, Iterator[bytes]]:
    """The head of an answer, and its body as it comes."""
    head = b"HTTP/1.1 100 "
    while head.split()[1:2] == [b"100"]:
        head = server.head()
    if not head:
        raise ConnectionResetError("no answer")
    return head, server.body(head, asked.split()[0])
