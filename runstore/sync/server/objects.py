"""Objects, by their SHA-256: which are lacking, how far one has come, and one put, whole or going on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from runstore.disk import files
from runstore.format import names
from runstore.sync.piece import SEGMENTS
from runstore.sync.remote import CHUNK, Object
from runstore.sync.server import bodies
from runstore.sync.server.answers import json_answer
from runstore.sync.server.problems import Problem
from runstore.sync.server.served import Served

RECEIVED = "runstore-received"


async def lacking(request: Request, served: Served) -> Response:
    """Which of many objects are not there."""
    body = await bodies.json_body(request, served.limits)
    told = body.get("objects")
    if {*body} != {"objects"} or not isinstance(told, list) or len(told) > served.limits.pieces:
        raise Problem(400, f"objects: not a list of {served.limits.pieces} at most")
    asked = [_object(one) for one in told]
    found = await run_in_threadpool(served.remote.lacking, asked)
    return json_answer({"lacking": sorted(found)})


def _object(told: Any) -> Object:
    if not isinstance(told, dict) or not {"sha256", "size"} <= {*told} <= {"sha256", "size", "kind"}:
        raise Problem(400, "objects: one without sha256 and size, or with something else")
    sha256, size, kind = told["sha256"], told["size"], told.get("kind", "")
    if type(sha256) is not str or not names.is_sha256(sha256) or type(size) is not int or not 0 <= size < bodies.MOST:
        raise Problem(400, "objects: sha256 is 64 hexadecimal digits, size a whole number")
    return Object(sha256, size, _kind(kind), lambda: iter(()))


def _kind(kind: Any) -> str:
    if kind not in ("", *SEGMENTS):
        raise Problem(400, "kind: not one of a segment")
    return str(kind)


async def head(request: Request, served: Served) -> Response:
    """Whether an object is there, and else how much of it this sender has sent."""
    bodies.only(request, "size")
    sha256, size = _sha256(request), bodies.whole(request, "size")
    asked = Object(sha256, size, "", lambda: iter(()))
    if not await run_in_threadpool(served.remote.lacking, [asked]):
        return Response(status_code=200, headers={RECEIVED: str(size)}, media_type="application/octet-stream")
    received = served.incoming.received(sha256, request.state.token.id)
    return Response(status_code=404, headers={RECEIVED: str(received)}, media_type="application/json")


async def put(request: Request, served: Served) -> Response:
    """Take an object, or the rest of it, or a part."""
    bodies.only(request, "size", "kind", "offset")
    sha256, size, offset = _sha256(request), bodies.whole(request, "size"), bodies.whole(request, "offset", 0)
    kind = _kind(request.query_params.get("kind", ""))
    coming = bodies.announced(request, served.limits.object)
    if size > served.limits.object:
        raise Problem(413, f"{size} bytes; an object may have {served.limits.object} at most")
    if offset + coming > size:
        raise Problem(422, f"{coming} bytes from {offset} on are more than the {size} that it is to have")
    made = Object(sha256, size, kind, lambda: _read(served.incoming.path(sha256)))
    if not await run_in_threadpool(served.remote.lacking, [made]):
        return json_answer({"received": size})
    _room(served, size - offset)
    who = request.state.token.id
    received = served.incoming.received(sha256, who)
    if offset and received != offset:
        raise Problem(409, f"{received} bytes of it are here, not {offset}", {RECEIVED: str(received)})
    if not await _receive(request, served, made, offset, coming):
        return json_answer({"received": offset + coming}, 202)
    if not served.direct:
        await run_in_threadpool(served.remote.put, made)
        await run_in_threadpool(files.unlink, served.incoming.path(sha256))
    return json_answer({"received": size}, 201)


async def _receive(request: Request, served: Served, made: Object, offset: int, coming: int) -> bool:
    """Whether all of it is there now."""
    who = request.state.token.id
    receiving = await run_in_threadpool(served.incoming.receive, made.sha256, made.size, who, offset)
    waiting = bytearray()
    try:
        async for chunk in bodies.chunks(request, coming, served.limits):
            waiting += chunk
            if len(waiting) >= CHUNK:
                data, waiting = bytes(waiting), bytearray()
                await run_in_threadpool(receiving.write, data)
        await run_in_threadpool(receiving.write, bytes(waiting))
        served.took(coming)
        return await run_in_threadpool(receiving.finish)
    except (ClientDisconnect, Problem):
        receiving.write(bytes(waiting))  # who comes again goes on from there
        receiving.stop(keep=receiving.at > 0)
        raise
    finally:
        receiving.stop(keep=receiving.at > 0)


def _room(served: Served, size: int) -> None:
    left = served.room()
    if left is not None and size > left:
        raise Problem(507, f"{size} bytes; the quota of this workspace has {left} left")


def _sha256(request: Request) -> str:
    given = str(request.path_params["sha256"])
    if not names.is_sha256(given):
        raise Problem(400, "an object is called by its SHA-256, 64 hexadecimal digits")
    return given


def _read(path: Path) -> Iterator[bytes]:
    with files.opened(path) as file:
        while chunk := file.read(CHUNK):
            yield chunk
