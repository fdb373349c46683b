"""Files that somebody logged, as a widget may show them: what could run is shut in, and reaches nothing.

A page of HTML gets a policy of its own as its first words; the widget shows it in a frame of no origin. A figure of
Plotly becomes such a page with Plotly's own script in it.
"""

from __future__ import annotations

from typing import Any

import orjson

from runstore.runs.images import PLOTLY
from runstore.view.server import plotly

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' data: blob:; style-src 'unsafe-inline' data:; "
    "img-src data: blob:; font-src data:; media-src data: blob:; worker-src blob:; form-action 'none'; base-uri 'none'"
)
_HEAD = f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
HTML = "text/html;charset=utf-8"


def alone(data: bytes, media_type: str) -> tuple[bytes, str]:
    """A file and its type as a frame, a picture or a download takes them."""
    kind = media_type.partition(";")[0].strip().lower()
    if kind in _PAGES:
        return _HEAD.encode() + data, HTML
    if kind == PLOTLY:
        return f"{_HEAD}{plotly.page(data, _inline())}".encode(), HTML
    return data, kind


def _inline() -> str | None:
    found = plotly.library()
    if found is None:
        return None
    script = found.read_text(encoding="utf-8").replace("</script", "<\\/script")
    return f"<script>{script}</script>"


def header(frame: bytes) -> dict[str, Any]:
    """What the header of a frame of curves says."""
    length = int.from_bytes(frame[:4], "little")
    found: dict[str, Any] = orjson.loads(frame[4 : 4 + length])
    return found
