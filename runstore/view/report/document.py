"""A report as one file: the page, its style and its data in it, and a policy that lets it reach nothing else."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

import runstore.view
from runstore.errors import StoreError
from runstore.view.report import tables
from runstore.view.report.plotly import Drawing

STATIC = Path(runstore.view.__file__).parent / "static"
MARK = '<!doctype html>\n<html lang="en" data-runstore="report">'
"""How every report begins."""

ABOUT, ANSWERS, CURVES, FILES, PLOTLY = (f"runstore-{one}" for one in ("about", "answers", "curves", "files", "plotly"))

_PAGE = """{mark}
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="runstore {version}">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<div id="page" class="rs"></div>
<noscript>This report needs JavaScript. Its data can be had without: runstore report --extract FILE -o DIR</noscript>
{data}
<script type="module">{script}</script>
</body>
</html>
"""
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; img-src data: blob:; media-src data: blob:; "
    "frame-src blob:; connect-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'"
)
_ENDS = re.compile(r"<(?=/script|/style|!--)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Data:
    """What a report holds. ``about``: what its footer says; ``files``: by run and path, media type and bytes;
    ``drawing``: what draws figures of Plotly, if they are to be.
    """

    about: Mapping[str, Any]
    answers: Mapping[str, Any]
    frames: Iterable[bytes]
    files: Mapping[tuple[str, str], tuple[str, bytes]]
    parquet: Mapping[str, bytes]
    drawing: Drawing | None = None


def document(data: Data) -> str:
    """The report.

    Raises:
        StoreError: the page is not built.
    """
    try:
        script = _quiet((STATIC / "whole.js").read_text(encoding="utf-8"))
        style = (STATIC / "whole.css").read_text(encoding="utf-8")
    except OSError:
        raise StoreError(
            "the page that a report shows is not built; run `npm ci` and `npm run build` in runstore/view/web, "
            "or install runstore where npm's registry can be reached"
        ) from None
    blocks = [_block(ABOUT, data.about), _block(ANSWERS, packed(orjson.dumps(data.answers)))]
    blocks.append(_block(CURVES, [packed(frame) for frame in data.frames]))
    blocks.append(_block(FILES, [[*key, kind, _text(body)] for key, (kind, body) in data.files.items()]))
    if data.parquet:
        blocks.append(_block(tables.ELEMENT, {name: _text(body) for name, body in data.parquet.items()}))
    scripts, styles = [_hash(script)], _hash(style)
    if data.drawing is not None:
        told = {"parts": data.drawing.parts, "library": packed(data.drawing.library.encode())}
        blocks.append(_block(PLOTLY, told))
        scripts += [*map(_hash, data.drawing.scripts), "'unsafe-eval'"]
        styles = "'unsafe-inline'"  # Plotly writes its own, in the frame that this policy binds too
    policy = _POLICY.format(scripts=" ".join(scripts), styles=styles)
    return _PAGE.format(
        mark=MARK, policy=html.escape(policy), version=html.escape(str(data.about["version"])),
        title=html.escape(str(data.about["title"])), style=style, data="\n".join(blocks), script=script,
    )  # fmt: skip


def packed(data: bytes) -> str:
    """Bytes as text: gzip, in base64."""
    return _text(gzip.compress(data, 9, mtime=0))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _block(element: str, value: Any) -> str:
    """JSON that a browser keeps as text; whatever is in it, nothing ends the element."""
    told = orjson.dumps(value).decode().replace("<", "\\u003c").replace(">", "\\u003e")
    return f'<script type="application/json" id="{element}">{told}</script>'


def _quiet(script: str) -> str:
    """A script in which nothing ends the element that holds it: inside its texts, ``\\x3c`` is the same as ``<``."""
    return _ENDS.sub(r"\\x3c", script)


def _hash(text: str) -> str:
    """What a policy knows an inline script or style by."""
    return f"'sha256-{_text(hashlib.sha256(text.encode()).digest())}'"
