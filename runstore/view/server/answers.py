"""What is sent back: JSON, frames, and files that somebody logged, which are never let loose on the page."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import orjson
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from runstore.view.server.copies import Copies

_HELD = 1 << 18  # bytes that are sent from memory; more go through a file, of which parts may be asked
_LOCKED = "default-src 'none'; sandbox; frame-ancestors 'self'"
_DRAWN = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox; frame-ancestors 'self'"
_ALIVE = (  # a page that somebody logged may run what it holds, alone and without a way out
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' data: blob:; style-src 'unsafe-inline' data:; "
    "img-src data: blob:; font-src data:; media-src data: blob:; worker-src blob:; form-action 'none'; "
    "base-uri 'none'; sandbox allow-scripts; frame-ancestors 'self'"
)
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_SHOWN = ("image/", "audio/", "video/", "text/plain", "application/json", "application/pdf", *_PAGES)


class Content(Protocol):
    """A file of a run, as the feed gives it."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def media_type(self) -> str:
        """What is said to be in it."""
        ...

    @property
    def size(self) -> int:
        """In bytes."""
        ...

    @property
    def sha256(self) -> str | None:
        """Of its bytes; None where they may be others tomorrow."""
        ...

    def read(self) -> bytes:
        """Its bytes, verified."""
        ...

    def save(self, path: Path) -> object:
        """Write it to a file."""
        ...


def json_answer(body: Any, status: int = 200) -> Response:
    """One JSON document; NaN and the infinities are null."""
    return json_bytes(orjson.dumps(body, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS), status)


def json_bytes(body: bytes, status: int = 200) -> Response:
    """A JSON document that is encoded already."""
    return Response(body, status, None, _JSON)


def frame_answer(frame: bytes) -> Response:
    """Columns of numbers."""
    return Response(frame, media_type="application/octet-stream")


def file_answer(content: Content, copies: Copies, download: bool = False) -> Response:
    """A file that somebody logged: to be looked at, if it can be, else to be kept.

    Args:
        content: the file.
        copies: of what is large, so that parts of it may be asked for.
        download: keep it in any case.
    """
    headers = headers_of(content.name, content.media_type, download)
    if content.size <= _HELD:
        return Response(content.read(), 200, headers)
    path, left = copies.take(content)
    return FileResponse(path, 200, headers, headers["content-type"], BackgroundTask(left))


def sent(path: Path, name: str, media_type: str) -> Response:
    """A file that was made to be sent, and goes then, with the directory in which it lies."""
    headers = headers_of(name, media_type, True)
    gone = BackgroundTask(shutil.rmtree, path.parent, ignore_errors=True)
    return FileResponse(path, 200, headers, headers["content-type"], gone)


def headers_of(name: str, media_type: str, download: bool) -> dict[str, str]:
    """How a browser is to take a file, whatever is in it and whatever it is called."""
    kind = media_type.partition(";")[0].strip().lower()
    kind = kind if kind.isascii() and kind.isprintable() and kind.count("/") == 1 else _BYTES
    shown = kind.startswith(_SHOWN) and not download
    policy = _ALIVE if kind in _PAGES else _DRAWN if kind.startswith("image/") else _LOCKED
    text = kind.startswith("text/") or kind == "application/json"
    return {
        "content-type": f"{kind}; charset=utf-8" if text else kind,
        "content-disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(_last(name), safe='')}",
        "content-security-policy": policy,
    }


def _last(name: str) -> str:
    """What a file is called once it lies in somebody's directory."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "file" if last in ("", ".", "..") else last


_JSON = "application/json"
_BYTES = "application/octet-stream"
