"""Pieces: what there is, told line by line; their bytes; and what is committed."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from runstore import __version__
from runstore.errors import RunstoreError
from runstore.sync import legal
from runstore.sync import piece as pieces_
from runstore.sync.piece import Piece
from runstore.sync.server import bodies, problems
from runstore.sync.server.answers import json_answer, lines_answer, stepped
from runstore.sync.server.problems import Problem
from runstore.sync.server.served import Served

API = 1
_REMEMBERED = 1_000  # commits whose answers are known
_KEY = 200


async def info(request: Request, served: Served) -> Response:
    """What this is, who asks, and what may be sent."""
    token, limits = request.state.token, served.limits
    most = {"object": limits.object, "request": limits.request, "pieces": limits.pieces}
    told = {"id": served.remote.id, "label": served.label, "runstore": __version__, "api": API, "limits": most}
    return json_answer({**told, "token": token.name, "scope": token.scope})


async def told(request: Request, served: Served) -> Response:
    """The pieces since a cursor, one a line; the last line has the next cursor, or says what went wrong."""
    body = await bodies.json_body(request, served.limits)
    cursor, runs = body.get("cursor", ""), body.get("runs")
    if not {*body} <= {"cursor", "runs"} or type(cursor) is not str or len(cursor) > 1 << 16:
        raise Problem(400, "cursor: not a text")
    if runs is not None and not (isinstance(runs, list) and all(type(one) is str for one in runs)):
        raise Problem(400, "runs: not a list of ids")
    if runs is not None and len(runs) > served.limits.pieces:
        raise Problem(413, f"{len(runs)} runs; {served.limits.pieces} are the most that may be asked for at once")
    found = await run_in_threadpool(served.remote.pieces, cursor, runs)
    return lines_answer(_lines(request, iter(found.pieces), found.cursor))


def _lines(request: Request, found: Iterator[Piece], cursor: str) -> Iterator[dict[str, Any]]:
    try:
        for one in found:
            yield pieces_.dump(one)
    except (RunstoreError, OSError) as problem:
        request.state.said = str(problem)
        yield {"error": problems.of(problem).error}
    else:
        yield {"cursor": cursor}


# ---- bytes


async def read(request: Request, served: Served) -> Response:
    """The bytes of a piece, all or from one on."""
    bodies.only(request, *_PIECE)
    one = _piece(request)
    skip = _range(request.headers.get("range"), one.size)
    chunks = _exactly(served.remote.get(one), one.size, skip)
    first = await run_in_threadpool(next, chunks, b"")  # whatever is wrong shows here
    if not first and one.size > skip:
        raise Problem(404, f"{one.path[:200]}: has fewer bytes")
    headers = {"content-length": str(one.size - skip), "accept-ranges": "bytes"}
    if skip:
        headers["content-range"] = f"bytes {skip}-{one.size - 1}/{one.size}"
    return StreamingResponse(
        stepped(chain([first] if first else [], chunks)), 206 if skip else 200, headers, "application/octet-stream"
    )


_PIECE = ("path", "kind", "run_id", "offset", "size", "sha256", "object", "at")


def _piece(request: Request) -> Piece:
    given = request.query_params
    if any(len(given.getlist(name)) > 1 for name in _PIECE):
        raise Problem(400, "something is asked for twice")
    numbers = {name: bodies.whole(request, name, 0) for name in ("offset", "size", "at")}
    texts = {name: given.get(name, "") for name in ("path", "kind", "run_id", "sha256", "object")}
    return legal.check(Piece(**texts, **numbers))  # type: ignore[arg-type]


def _range(given: str | None, size: int) -> int:
    """From where: of ranges only ``bytes=<number>-`` counts, anything else is as if nothing were said."""
    if given is None or not given.startswith("bytes=") or not given.endswith("-"):
        return 0
    number = given[6:-1]
    right = number.isascii() and number.isdigit() and len(number) < 19
    return int(number) if right and int(number) < size else 0


def _exactly(chunks: Iterator[bytes], size: int, skip: int) -> Iterator[bytes]:
    """Of what there is the bytes [skip, size)."""
    at = 0
    for chunk in chunks:
        wanted = chunk[max(0, skip - at) : max(0, size - at)]
        at += len(chunk)
        if wanted:
            yield wanted
        if at >= size:
            return


# ---- commits


@dataclass(slots=True)
class Commits:
    """One commit at a time, each key once."""

    waiting: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    done: OrderedDict[tuple[str, str], tuple[str, int]] = field(default_factory=OrderedDict)

    async def __call__(self, request: Request, served: Served) -> Response:
        """Make pieces count. With the key of a commit that was made it is not made again, and answered alike."""
        body = await bodies.json_body(request, served.limits)
        found = _pieces(body, served.limits.pieces)
        key = request.headers.get("idempotency-key", "")
        if len(key) > _KEY:
            raise Problem(400, f"a key of more than {_KEY} letters")
        if self.waiting >= served.limits.commits:
            raise Problem(503, "too many commits wait", {"retry-after": "1"})
        self.waiting += 1
        try:
            async with self.lock:
                return await self._commit((request.state.token.id, key), found, served)
        finally:
            self.waiting -= 1

    async def _commit(self, key: tuple[str, str], found: list[Piece], served: Served) -> Response:
        digest = hashlib.sha256(orjson.dumps([pieces_.dump(one) for one in found])).hexdigest()
        before = self.done.get(key) if key[1] else None
        if before is not None:
            if before[0] != digest:
                raise Problem(409, "another commit was made with this key; give each its own")
            return json_answer({"committed": before[1]}, headers={"idempotent-replayed": "true"})
        await run_in_threadpool(served.remote.commit, found)
        await run_in_threadpool(served.incoming.sweep)
        if key[1]:
            self.done[key] = digest, len(found)
            while len(self.done) > _REMEMBERED:
                self.done.popitem(last=False)
        return json_answer({"committed": len(found)})


def _pieces(body: dict[str, Any], most: int) -> list[Piece]:
    told = body.get("pieces")
    if {*body} != {"pieces"} or not isinstance(told, list):
        raise Problem(400, "pieces: not a list")
    if len(told) > most:
        raise Problem(413, f"{len(told)} pieces; {most} are the most that may be committed at once")
    found = []
    for one in told:
        try:
            found.append(pieces_.load(one))
        except (ValueError, AttributeError, TypeError) as problem:
            raise Problem(422, f"pieces: {str(problem)[:200]}") from None
    return found


# ---- for who runs it


async def audited(request: Request, served: Served) -> Response:
    """The last lines of the audit log."""
    bodies.only(request, "last")
    last = bodies.whole(request, "last", 100)
    if not 1 <= last <= 1000:
        raise Problem(400, "last: not a number from 1 to 1000")
    return json_answer({"lines": await run_in_threadpool(served.audit.last, last)})
