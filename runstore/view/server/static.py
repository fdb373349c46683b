"""The files of the page itself, and what is said where they have not been built."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

import runstore.view
from runstore.view.server import compression
from runstore.view.server.problems import Problem

_PIECES = "chunks"
_FOR_EVER = "max-age=31536000, immutable"  # a piece whose content changes has another name
STATIC = Path(runstore.view.__file__).parent / "static"
_TYPES = {  # as the system may not know them, or know them otherwise
    ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json",
    ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2",
    ".map": "application/json", ".txt": "text/plain",
}  # fmt: skip
_MISSING = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>runstore: the page is not built</title>
<h1>The page is not built</h1>
<p>This runstore was installed without its page: there was no way to a registry of npm packages. To build it, in the
directory of its sources, with <a href="https://nodejs.org/">Node.js</a> installed:</p>
<pre>cd runstore/view/web
npm ci
npm run build</pre>
<p>or install it again where such a registry can be reached:</p>
<pre>pip install --force-reinstall --no-deps .</pre>
<p>All else works without it: <code>runstore runs</code>, <code>runstore plot</code>, <code>runstore top</code>.</p>
</html>
"""


class Static:
    """Answers with files of one directory, and with nothing that lies elsewhere."""

    def __init__(self, directory: Path = STATIC) -> None:
        self._root = directory.resolve()

    async def page(self, request: Request) -> Response:
        """The page; where it is not built, how to build it."""
        index = self._root / "index.html"
        if not index.is_file():
            return Response(_MISSING, 503, media_type="text/html")
        return _sent(request, index, "text/html")

    async def file(self, request: Request) -> Response:
        """A file that the page asks for.

        Raises:
            Problem: there is none.
        """
        asked = str(request.path_params["path"])
        found = self._found(asked)
        if found is None:
            raise Problem(404, f"nothing is at /{asked[:200]}", "The page is at /.")
        kept = _FOR_EVER if found.parent == self._root / _PIECES else None
        return _sent(request, found, _TYPES.get(found.suffix, "application/octet-stream"), kept)

    def _found(self, asked: str) -> Path | None:
        """The file of a path; none for what is hidden, lies elsewhere, or no browser should read as anything."""
        parts = asked.split("/")
        if not asked.isprintable() or "\\" in asked or any(part.startswith(".") or not part for part in parts):
            return None
        try:
            path = self._root.joinpath(*parts).resolve()
            return path if path.is_relative_to(self._root) and path.is_file() else None
        except OSError:  # no file has such a name: too long, for one
            return None


def _sent(request: Request, path: Path, media_type: str, kept: str | None = None) -> Response:
    """A file, packed if it was built so too; or that it is what the browser has already. ``kept``: for how long."""
    packed = path.with_name(f"{path.name}.gz")
    headers = {"vary": "accept-encoding"} | ({"cache-control": kept} if kept else {})
    if compression.takes(request.headers.get("accept-encoding", "")) and packed.is_file():
        path, headers["content-encoding"] = packed, "gzip"
    status = path.stat()
    headers["etag"] = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(path.read_bytes(), 200, headers, media_type)  # of one that is small: threads would take longer
