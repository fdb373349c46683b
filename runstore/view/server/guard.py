"""The outermost layer of the page's server: who is let in, and what every answer says about itself.

A server on loopback is reached by every page that the user's browser has open, and by every program on the machine.
So it answers to its own names only (a page whose name was made to mean this machine gets nothing), not to pages of
other origins, and says nothing of the workspace without the token.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runstore.sync.server import hosts
from runstore.view.server.problems import Problem
from runstore.view.server.tickets import Tickets

API: Final = "/api/"
EDITS: Final = "/api/edits"
READ: Final = "read"
WRITE: Final = "write"
Knows = Callable[[str], str | None]
"""What a token is good for: ``READ``, ``WRITE`` (which is both), or None where it is nobody's."""

_METHODS = frozenset({"GET", "HEAD", "POST"})
_ONCE = frozenset({b"host", b"origin", b"authorization", b"content-length", b"content-type"})
_LONGEST = 1 << 15  # bytes of an address
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
API_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
_ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@dataclass(frozen=True)
class Rules:
    """What a request must know and be called.

    ``hosts``: the names, ``hosts.ANY`` for all; ``addresses``: also any address of this machine, which no name is;
    ``proxied``: a proxy in front may have taken TLS off, so that the page's origin is of https.
    """

    knows: Knows
    hosts: frozenset[str]
    addresses: bool
    tickets: Tickets
    proxied: bool = False


def only(token: str) -> Knows:
    """That one token is good for everything, and no other for anything."""
    return lambda given: WRITE if hmac.compare_digest(given.encode("latin-1"), token.encode()) else None


class Guard:
    """Lets requests through to an app."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app, self._rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _completed(scope, list(message.get("headers", [])))}
            await send(message)

        try:
            self.admit(scope)
        except Problem as problem:
            await problem.answer()(scope, receive, sent)
            return
        await self._app(scope, receive, sent)

    def admit(self, scope: Scope) -> None:
        """Let a request in.

        Raises:
            Problem: it is not let in.
        """
        if scope["method"] not in _METHODS:
            known = _METHODS if scope["path"].startswith(API) else _METHODS - {"POST"}
            raise Problem(405, "not this way", "GET asks, POST changes.", ", ".join(sorted(known)))
        if len(scope.get("raw_path") or b"") + len(scope.get("query_string", b"")) > _LONGEST:
            raise Problem(414, f"an address of more than {_LONGEST} bytes", "POST what is long.")
        headers = _read(scope)
        host = headers.get(b"host", "")
        if not self.called(host):
            raise Problem(403, f"this server is not called {host[:100]!r}", "Use the address that `runstore ui` tells.")
        self._same_site(scope, headers, host)
        if not scope["path"].startswith(API):
            return
        right = self._right(scope, headers)
        scope.setdefault("state", {})["right"] = right
        if right is None:
            raise Problem(401, "no token, or not this server's", "Open the address that `runstore ui` tells.")

    def called(self, host: str) -> bool:
        """Whether this server answers to what a Host header says, with or without a port."""
        return hosts.known(host, self._rules.hosts, self._rules.addresses)

    def _same_site(self, scope: Scope, headers: dict[bytes, str], host: str) -> None:
        """Pages of other origins may not ask about runs, and who changes something says where from."""
        if not scope["path"].startswith(API) and scope["method"] != "POST":
            return  # the page's own files, which are the same for everybody
        origin = headers.get(b"origin")
        own = str(scope.get("scheme", "http"))
        if origin is not None and not hosts.same_origin(origin, host, {own, "https"} if self._rules.proxied else {own}):
            raise Problem(403, "a page of another origin asks for this", "Ask from the page itself.")
        if origin is None and scope["path"] == EDITS:
            raise Problem(403, "an edit without an Origin", f"Send `Origin: {own}://{host}`.")
        if headers.get(b"sec-fetch-site", "none") not in ("none", "same-origin"):
            raise Problem(403, "a page of another site asks for this", "Ask from the page itself.")

    def _right(self, scope: Scope, headers: dict[bytes, str]) -> str | None:
        """What a request may do; None where it may nothing."""
        kind, _, given = headers.get(b"authorization", "").partition(" ")
        if kind:
            return self._rules.knows(given.strip()) if kind.lower() == "bearer" else None
        if scope["method"] == "POST":
            return None
        good = self._rules.tickets.good(scope["path"], scope.get("query_string", b"").decode("latin-1"))
        return READ if good else None


def _read(scope: Scope) -> dict[bytes, str]:
    """The headers, by name. One that may be there once only must be."""
    told: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        if name in told and name in _ONCE:
            raise Problem(400, f"two headers {name.decode('latin-1')}", "Send it once.")
        told[name] = value.decode("latin-1")
    return told


def _completed(scope: Scope, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, with what every answer has and it has not."""
    there = {name.lower() for name, _ in headers}
    asked = scope["path"].startswith(API)
    usual = {
        **_ALWAYS,
        b"content-security-policy": (API_POLICY if asked else PAGE_POLICY).encode(),
        b"cache-control": b"no-store" if asked else b"no-cache",
    }
    return [*headers, *((name, value) for name, value in usual.items() if name not in there)]
