"""The ASGI app: every address, what it takes to ask for it, and what answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from runstore.sync.server import exchange, objects, openapi, problems
from runstore.sync.server.answers import json_answer
from runstore.sync.server.exchange import Commits
from runstore.sync.server.guard import OPEN, Guard
from runstore.sync.server.problems import Problem
from runstore.sync.server.served import Served
from runstore.sync.server.tokens import ADMIN, READ, WRITE

Answer = Callable[[Request, Served], Awaitable[Response]]
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>runstore</title>
<h1>A runstore workspace</h1>
<p>This is the server of a workspace of machine-learning runs. Sync with it from another one:</p>
<pre>runstore remote add team THIS-ADDRESS
runstore login team
runstore sync team</pre>
<p>What it understands is described at <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p>
</html>
"""


class Endpoint(NamedTuple):
    """One method of one address. ``scope``: what a token must be good for; empty for anybody."""

    method: str
    path: str
    scope: str
    answer: Answer


async def page(request: Request, served: Served) -> Response:
    """What this is."""
    return Response(PAGE, media_type="text/html")


async def description(request: Request, served: Served) -> Response:
    """The OpenAPI description."""
    return json_answer(openapi.document())


def endpoints() -> list[Endpoint]:
    """All there is."""
    return [
        Endpoint("GET", "/", "", page),
        Endpoint("GET", "/api/v1/openapi.json", "", description),
        Endpoint("GET", "/api/v1/info", READ, exchange.info),
        Endpoint("POST", "/api/v1/pieces", READ, exchange.told),
        Endpoint("GET", "/api/v1/bytes", READ, exchange.read),
        Endpoint("POST", "/api/v1/objects", WRITE, objects.lacking),
        Endpoint("HEAD", "/api/v1/objects/{sha256}", WRITE, objects.head),
        Endpoint("PUT", "/api/v1/objects/{sha256}", WRITE, objects.put),
        Endpoint("POST", "/api/v1/commits", WRITE, Commits()),
        Endpoint("GET", "/api/v1/audit", ADMIN, exchange.audited),
    ]


def app(served: Served, page: ASGIApp | None = None) -> ASGIApp:
    """The app that serves this, and a page for people where there is one, with its guard around it."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for one in endpoints():
        by_path.setdefault(one.path, {})[one.method] = one
    routes = [Route(path, _dispatch(served, own), methods=list(own)) for path, own in by_path.items()]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        served.incoming.sweep()
        yield
        served.audit.close()
        served.remote.close()

    inner = Starlette(
        routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _lost, Problem: _told, Exception: _told}
    )
    inner.router.redirect_slashes = False
    return Guard(inner, served, page)


def _dispatch(served: Served, own: dict[str, Endpoint]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        one = own.get(request.method) or own["GET"]  # HEAD of what may be got
        try:
            if one.path not in OPEN and not request.state.token.may(one.scope):
                raise Problem(403, f"this token is good for {request.state.token.scope}, not for {one.scope}")
            return await one.answer(request, served)
        except ClientDisconnect:
            request.state.said = "it went away"
            return Response(status_code=499)  # nobody hears it; it is written down
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is answered
            return _problem(request, problem)

    return answer


def _problem(request: Request, problem: Exception) -> Response:
    made = problems.of(problem)
    request.state.said = made.error if made.status != 500 else f"{type(problem).__name__}: {problem}"
    return made.answer()


async def _lost(request: Request, problem: Exception) -> Response:
    """Of the router: no such address, or no such method there."""
    assert isinstance(problem, HTTPException)
    what = "nothing is there" if problem.status_code == 404 else "not this way"
    return Problem(problem.status_code, what, dict(problem.headers or {})).answer()


async def _told(request: Request, problem: Exception) -> Response:
    return _problem(request, problem)
