"""The page as an ASGI app: every address, and what answers.

Whatever is below ``/api/`` wants the token, as ``Authorization: Bearer``. What can't send it (a frame, a picture, a
download) is asked for by an address with a ticket: ``POST /api/tickets {"urls": [...]}`` gives such addresses for some
that are asked by GET, each good for itself alone. Whatever changes something also wants ``Origin``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from runstore.view.server import arguments, edits, figures, posted, problems, questions
from runstore.view.server.answers import frame_answer, json_answer
from runstore.view.server.asking import Asking
from runstore.view.server.changes import Changes
from runstore.view.server.compression import Compressed
from runstore.view.server.events import Events
from runstore.view.server.guard import API, EDITS, WRITE, Guard, Knows, Rules, only
from runstore.view.server.problems import Problem
from runstore.view.server.questions import QUESTIONS, Question
from runstore.view.server.static import STATIC, Static
from runstore.view.server.tickets import Tickets

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

Answer = Callable[[Request], Awaitable[Response]]
_TICKETS = 500  # addresses at once


class Page:
    """The page of one workspace. ``app`` answers; ``events`` must be closed before connections are waited for."""

    def __init__(
        self,
        ws: Workspace,
        token: str | Knows,
        hosts: frozenset[str],
        *,
        addresses: bool = False,
        proxied: bool = False,
        refresh: Callable[[], None] | None = None,
        static: Path = STATIC,
    ) -> None:
        """Nothing is asked of the workspace yet.

        Args:
            ws: the workspace, opened.
            token: what whoever asks must know; or what tells of any token what it is good for.
            hosts: the names that the server answers to.
            addresses: it also answers to any address of this machine.
            proxied: a proxy in front may have taken TLS off.
            refresh: fetches what has come to where the workspace really lies.
            static: the directory of the page's files.
        """
        changes = Changes(ws.path, refresh)
        self.asking = Asking(ws, changes.look, lambda: changes.last)
        self.events = Events(changes)
        self._tickets = Tickets()
        self._static = Static(static)
        rules = Rules(only(token) if isinstance(token, str) else token, hosts, addresses, self._tickets, proxied)
        self.app: ASGIApp = Guard(Compressed(self._inner()), rules)

    def _inner(self) -> Starlette:
        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            yield
            self.close()

        routes = [Route(path, _caught(answer), methods=[method]) for method, path, answer in self._own()]
        routes += [Route(one.path, _caught(self._asked(one)), methods=["GET"]) for one in QUESTIONS]
        routes += [
            Route("/", _caught(self._static.page), methods=["GET"]),
            Route(figures.SCRIPT, _caught(figures.script), methods=["GET"]),
            Route("/{path:path}", _caught(self._static.file), methods=["GET"]),
        ]
        inner = Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _lost})
        inner.router.redirect_slashes = False
        return inner

    def close(self) -> None:
        """Answer no longer, and leave nothing behind."""
        self.events.close()
        self.asking.close()

    def _own(self) -> list[tuple[str, str, Answer]]:
        return [
            ("GET", "/api/workspace", self.workspace),
            ("GET", "/api/events", self.changed),
            ("POST", "/api/curves", self.curves),
            ("POST", "/api/compare", self.compare),
            ("POST", "/api/sql", self.sql),
            ("POST", "/api/tickets", self.tickets),
            ("POST", EDITS, self.edits),
        ]

    def _asked(self, question: Question) -> Answer:
        async def answer(request: Request) -> Response:
            return await self.asking.get(request, question)

        return answer

    async def workspace(self, request: Request) -> Response:
        """What the workspace is."""
        arguments.read(request.query_params.multi_items(), {})
        editable = request.state.right == WRITE
        return json_answer(await self.asking.threaded(request, lambda: self.asking.workspace(editable)))

    async def changed(self, request: Request) -> Response:
        """Events, until the one who listens goes, or the server ends."""
        given = arguments.read(request.query_params.multi_items(), {"cursor": arguments.text})
        cursor = given.get("cursor") or request.headers.get("last-event-id")
        headers = {"x-accel-buffering": "no"}
        return StreamingResponse(self.events.stream(cursor), 200, headers, "text/event-stream")

    async def curves(self, request: Request) -> Response:
        """Curves, as one frame."""
        body = await arguments.body(request)
        requests = posted.requests(body)
        if not posted.has(requests, "where", "group"):
            return frame_answer(await self.asking.threaded(request, lambda: posted.curves(self.asking.ws, body)))
        filtered, asked = posted.has(requests, "where"), {"requests": requests, "cursor": body.get("cursor")}
        frame = await self.asking.confined(
            request, lambda: self.asking.frame("curves.curves", asked, filtered), filtered
        )  # fmt: skip
        return frame_answer(frame)

    async def compare(self, request: Request) -> Response:
        """Some runs beside each other."""
        body = await arguments.body(request)
        return json_answer(await self.asking.threaded(request, lambda: posted.compare(self.asking.ws, body)))

    async def sql(self, request: Request) -> Response:
        """A SELECT."""
        body = await arguments.body(request)
        query, rows = body.get("query"), body.get("rows")
        if not isinstance(query, str) or isinstance(rows, bool) or not isinstance(rows, int | None):
            raise Problem(400, "query is missing, or no text; or rows is no number", "Send one SELECT.")
        return json_answer(await self.asking.confined(request, lambda: self.asking.sql(query, rows), filtered=True))

    async def tickets(self, request: Request) -> Response:
        """Addresses that are good by themselves."""
        urls = (await arguments.body(request)).get("urls")
        if not isinstance(urls, list) or len(urls) > _TICKETS or not all(isinstance(one, str) for one in urls):
            raise Problem(400, f"urls is missing, or no list of up to {_TICKETS}", 'Send {"urls": ["/api/..."]}.')
        return json_answer({"urls": [self._signed(one) for one in urls]})

    def _signed(self, url: str) -> str:
        path, _, query = url.partition("#")[0].partition("?")
        if not path.startswith(API):
            raise Problem(400, f"{url[:100]!r} needs no ticket", "Send addresses that begin with /api/.")
        return self._tickets.signed(unquote(path), query)

    async def edits(self, request: Request) -> Response:
        """A change of what is said about a run; the run as it is then, a deleted one too."""
        body = await arguments.body(request)
        if not self.asking.editable:
            raise Problem(403, "this workspace is only read", "Edit where it lies, or in a workspace of your own.")

        if request.state.right != WRITE:
            raise Problem(403, "this token may only read", "Ask whoever serves this for one that may write.")

        def change() -> object:
            run_id = edits.edit(self.asking.ws, body)
            return {"run": questions.answering("run.run")(self.asking.ws, run_id)}

        return json_answer(await self.asking.threaded(request, change))


def _caught(answer: Answer) -> Answer:
    async def caught(request: Request) -> Response:
        try:
            return await answer(request)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody hears it
        except asyncio.CancelledError:  # the server ends, and waits no longer
            return Problem(503, "the server ends", "Start it again: `runstore ui`.").answer()
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is answered
            return problems.of(problem).answer()

    return caught


async def _lost(request: Request, problem: Exception) -> Response:
    """Of the router: no such address, or no such method there."""
    assert isinstance(problem, HTTPException)
    if problem.status_code == 405:
        allow = (problem.headers or {}).get("Allow", "")
        return Problem(405, f"{request.method} is not for this address", "GET asks, POST changes.", allow).answer()
    return Problem(problem.status_code, "nothing is there", "The page is at /.").answer()
