"""A server that answers as a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from runstore.sync.credentials import CHALLENGE

ID = "11111111-1111-4111-8111-111111111111"
INFO = {"id": ID, "label": "x", "runstore": "0", "api": 1, "limits": {}, "token": "me", "scope": "write"}


class Request(NamedTuple):
    """What was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """What is sent. ``cut``: the connection ends after so many bytes of the body, which was announced whole."""

    status: int = 200
    body: bytes | Iterator[bytes] = b"{}"
    headers: dict[str, str] | None = None
    cut: int | None = None


def of(body: Any, status: int = 200, **headers: str) -> Answer:
    """JSON."""
    return Answer(status, json.dumps(body).encode(), {name.replace("_", "-"): text for name, text in headers.items()})


class Hostile:
    """``answer`` gives what is sent for each request; ``asked``: those there were.

    ``challenges``: a question for ``/info`` without a token is answered as a runstore server does, and not kept.
    """

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.challenges = True
        self.answer: Callable[[Request], Answer] = lambda request: of(INFO)
        self.url = ""

    def always(self, answer: Answer) -> None:
        """The same for everything."""
        self.answer = lambda request: answer


@contextmanager
def hostile() -> Iterator[Hostile]:
    """Such a server, on this machine."""
    found = Hostile()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _asking(found))
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _asking(found: Hostile) -> type[BaseHTTPRequestHandler]:
    class Asked(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _all(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            request = Request(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            unknown = request.path == "/api/v1/info" and "authorization" not in request.headers
            with suppress(ConnectionError, TimeoutError):
                if unknown and found.challenges:
                    self._send(of({"error": "no token"}, 401, www_authenticate=CHALLENGE))
                else:
                    found.asked.append(request)
                    self._send(found.answer(request))

        do_GET = do_HEAD = do_PUT = do_POST = _all  # noqa: N815  as the library calls them

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, text in (answer.headers or {}).items():
                self.send_header(name, text)
            self.close_connection = True
            self.send_header("connection", "close")
            if isinstance(answer.body, bytes):
                if "content-length" not in (answer.headers or {}):
                    self.send_header("content-length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(b"" if self.command == "HEAD" else answer.body[: answer.cut])
                return
            self.end_headers()
            for chunk in answer.body:
                self.wfile.write(chunk)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Asked
