"""Figures of Plotly that somebody logged: drawn by the installed plotly, in a frame that can reach nothing."""

from __future__ import annotations

import importlib.util
import secrets
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from runstore.runs.images import PLOTLY
from runstore.view.server.problems import Problem

__all__ = ["PLOTLY", "drawn", "library", "script"]

SCRIPT = "/plotly.js"
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; worker-src blob:; form-action 'none'; base-uri 'none'; sandbox allow-scripts; "
    "frame-ancestors 'self'"
)
_DRAWN = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>A figure</title>
<style>html, body, #figure {{ margin: 0; height: 100%; overflow: hidden }}</style>
<div id="figure"></div>
<script type="application/json" id="told">{told}</script>
<script nonce="{nonce}" src="../../..{script}"></script>
<script nonce="{nonce}">
const told = JSON.parse(document.getElementById("told").textContent);
const layout = {{ ...told.layout, autosize: true, width: undefined, height: undefined }};
const drawn = Plotly.newPlot("figure", told.data || [], layout, {{ responsive: true, displaylogo: false }});
if (told.frames) drawn.then((figure) => Plotly.addFrames(figure, told.frames));
</script>
</html>
"""
_LACKING = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>A figure</title>
<p>This figure was made with Plotly, which is not installed here. Install it and open the page again:</p>
<pre>pip install plotly</pre>
</html>
"""


def library() -> Path | None:
    """Plotly's script as the installed package has it; the package itself is not loaded."""
    found = importlib.util.find_spec("plotly")
    for directory in (found.submodule_search_locations or ()) if found is not None else ():
        path = Path(directory, "package_data", "plotly.min.js")
        if path.is_file():
            return path
    return None


def drawn(data: bytes) -> Response:
    """A page that draws a figure.

    Raises:
        Problem: it is no figure.
    """
    try:
        told = orjson.loads(data)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict):
        raise Problem(422, "this is no figure of Plotly", "Download it to see what it is.")
    nonce = secrets.token_urlsafe(16)
    headers = {"content-security-policy": _POLICY.format(nonce=nonce)}
    if library() is None:
        return Response(_LACKING, 200, headers, "text/html")
    quiet = orjson.dumps(told).decode().replace("<", "\\u003c")  # nothing in it ends the element that holds it
    return Response(_DRAWN.format(told=quiet, nonce=nonce, script=SCRIPT), 200, headers, "text/html")


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
