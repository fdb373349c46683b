"""The outermost layer of the server: who is let in at all, how often, and what is written down about it.

Nothing behind it is reached by a request without a good token, but for what ``OPEN`` names: not by a list of what is
protected, so that nothing can be forgotten in one. A page that is served beside it has a guard of its own behind this
one, which wants the same tokens.
"""

from __future__ import annotations

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runstore.sync.credentials import CHALLENGE
from runstore.sync.server import hosts, problems
from runstore.sync.server.problems import Problem
from runstore.sync.server.rates import Rates
from runstore.sync.server.served import Served
from runstore.sync.server.tokens import ADMIN, READ, Token

OPEN = frozenset({"/", "/api/v1/openapi.json"})
OWN = "/api/v1/"
ANYONE = Token("00000000", "", ADMIN, 0, None, "")
VISITOR = Token("00000000", "", READ, 0, None, "")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_HEADERS = 100
_SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
_TLS = (b"strict-transport-security", b"max-age=31536000")


class Guard:
    """Lets requests through to an app."""

    def __init__(self, app: ASGIApp, served: Served, page: ASGIApp | None = None) -> None:
        """Nothing is asked yet.

        Args:
            app: what answers.
            served: what is served, to whom.
            page: what answers at all addresses but those below ``OWN``, if there is something; it has its own guard.
        """
        self.page = page
        limits = served.limits
        self._app, self._served = app, served
        self._addresses = Rates(2 * limits.rate, 2 * limits.burst)
        self._tokens = Rates(limits.rate, limits.burst)
        self._guesses = Rates(limits.rate / 500, max(10, limits.rate / 10))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await _Passing(self, scope, receive, send).answer()

    def admit(self, scope: Scope) -> Token:
        """Who asks.

        Raises:
            Problem: it is not let in.
        """
        headers = _read(scope, self._served.limits.headers)
        address = client(scope)
        self._called(headers)
        self._same_site(scope, headers)
        self._often(self._addresses, address)
        if self.has_page(scope):
            return self._visitor(headers, address)
        token = ANYONE if scope["path"] in OPEN else self._known(headers, address)
        if scope["path"] not in OPEN:
            self._often(self._tokens, token.id)
            asked = headers.get(b"runstore-remote", b"").decode("latin-1")
            if asked and asked != self._served.remote.id:
                raise Problem(409, f"here is {self._served.remote.id}, not {asked[:60]}: another workspace")
        return token

    def has_page(self, scope: Scope) -> bool:
        """Whether the page answers there."""
        return self.page is not None and not scope["path"].startswith(OWN)

    def _visitor(self, headers: dict[bytes, bytes], address: str) -> Token:
        """Who looks at the page: whether it may, its guard says; here only guesses are counted."""
        if not headers.get(b"authorization"):
            return VISITOR
        try:
            return self._known(headers, address)
        except Problem as problem:
            if problem.status != 401:
                raise
            return VISITOR

    def _called(self, headers: dict[bytes, bytes]) -> None:
        host = headers.get(b"host", b"").decode("latin-1")
        if not hosts.known(host, self._served.hosts):
            raise Problem(403, f"this server is not called {host[:100]!r}; --allow-host lets it be called so")

    def _same_site(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        """Other sites' pages may not act for those who look at them."""
        if scope["method"] in _SAFE:
            return
        origin, host = (headers.get(name, b"").decode("latin-1") for name in (b"origin", b"host"))
        own = not origin or hosts.same_origin(origin, host, ("http", "https"))  # a proxy may have taken TLS off
        if not own or headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin"):
            raise Problem(403, "a page of another site asks for this")

    def _known(self, headers: dict[bytes, bytes], address: str) -> Token:
        if self._served.open and not self._served.tokens.every():
            return ANYONE
        kind, _, given = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        token = self._served.tokens.find(given.strip()) if kind.lower() == "bearer" else None
        if token is None:
            if given:  # a client asks without a token first, to see that a runstore server lies here
                self._often(self._guesses, address)
            why = "no such token, or its time is over" if given else "no token"
            raise Problem(401, why, {"www-authenticate": CHALLENGE})
        return token

    def _often(self, rates: Rates, who: str) -> None:
        wait = rates.wait(who)
        if wait:
            raise Problem(429, "too many requests", {"retry-after": str(int(wait) + 1)})


class _Passing:
    """One request on its way through."""

    def __init__(self, guard: Guard, scope: Scope, receive: Receive, send: Send) -> None:
        self._guard, self._scope, self._receive, self._send = guard, scope, receive, send
        self._served = guard._served
        self._status, self._bytes, self._name = 0, 0, ""

    async def answer(self) -> None:
        said = ""
        try:
            token = self._guard.admit(self._scope)
            self._name = token.name
            self._scope.setdefault("state", {})["token"] = token
            page = self._guard.page if self._guard.has_page(self._scope) else None
            await (page or self._guard._app)(self._scope, self._received, self._sent)
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is answered and written down
            made = problems.of(problem)
            said = made.error if made.status != 500 else f"{type(problem).__name__}: {problem}"
            if not self._status:
                await made.answer()(self._scope, self._receive, self._sent)
        said = said or str(self._scope.get("state", {}).get("said", ""))
        self._served.audit.write(
            self._name, client(self._scope), self._scope["method"], self._scope["path"], self._status or 499, said,
            self._bytes,
        )  # fmt: skip

    async def _received(self) -> Message:
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        return message

    async def _sent(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            own = () if self._guard.has_page(self._scope) else _SECURITY  # the page says for itself what it needs
            extra = [*own, *([_TLS] if self._served.tls else [])]
            message = {**message, "headers": [*message.get("headers", []), *extra]}
        await self._send(message)


def client(scope: Scope) -> str:
    """The address that a request comes from."""
    found: Any = scope.get("client")
    return str(found[0]) if found else ""


def _read(scope: Scope, most: int) -> dict[bytes, bytes]:
    """The headers, by name. One that may be there once only must be."""
    told: dict[bytes, bytes] = {}
    size = 0
    for name, value in scope["headers"]:
        size += len(name) + len(value)
        if name in told and name in (b"host", b"authorization", b"content-length", b"origin", b"runstore-remote"):
            raise Problem(400, f"two headers {name.decode('latin-1')}")
        told[name] = value
    if size > most or len(scope["headers"]) > _HEADERS:
        raise Problem(431, f"more than {most} bytes of headers, or than {_HEADERS} of them")
    if len(scope.get("raw_path", b"")) + len(scope.get("query_string", b"")) > most:
        raise Problem(414, f"an address of more than {most} bytes")
    return told
