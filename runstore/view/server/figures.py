"""Figures of Plotly that somebody logged: drawn by the installed plotly, in a frame that can reach nothing."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from runstore.runs.images import PLOTLY
from runstore.view.server.plotly import library, page
from runstore.view.server.problems import Problem

__all__ = ["PLOTLY", "drawn", "library", "script"]

SCRIPT = "/plotly.js"
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; worker-src blob:; form-action 'none'; base-uri 'none'; sandbox allow-scripts; "
    "frame-ancestors 'self'"
)


def drawn(data: bytes) -> Response:
    """A page that draws a figure.

    Raises:
        Problem: it is no figure.
    """
    nonce = secrets.token_urlsafe(16)
    headers = {"content-security-policy": _POLICY.format(nonce=nonce)}
    script = f'<script nonce="{nonce}" src="../../..{SCRIPT}"></script>' if library() is not None else None
    return Response(f"<!doctype html>\n{page(data, script, nonce)}", 200, headers, "text/html")


async def script(request: Request) -> Response:
    """Plotly's script, which the frame has no origin to ask for.

    Raises:
        Problem: it is not installed.
    """
    found = library()
    if found is None:
        raise Problem(404, "plotly is not installed", "`pip install plotly` brings it.")
    headers = {"cross-origin-resource-policy": "cross-origin", "cache-control": "private, max-age=3600"}
    return FileResponse(found, 200, headers, "text/javascript")
