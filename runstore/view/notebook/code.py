"""The page in one module, as it was built: what a widget carries of it, and what it asks for."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import runstore.view
from runstore.errors import UsageError

STATIC = Path(runstore.view.__file__).parent / "static"


def built() -> bool:
    """Whether there is a page: an installation from sources may have none."""
    return all((STATIC / name).is_file() for name in ("widget.js", "whole.js", "whole.css"))


def loader() -> str:
    """The widget's first module.

    Raises:
        UsageError: the page was not built.
    """
    return _read("widget.js").decode()


def whole() -> list[bytes]:
    """The page and its style sheet.

    Raises:
        UsageError: as ``loader``.
    """
    return [_read("whole.js"), _read("whole.css")]


@cache
def version() -> str:
    """What tells this page from one of another version."""
    return hashlib.sha256(b"".join(whole())).hexdigest()[:16]


def _read(name: str) -> bytes:
    try:
        return (STATIC / name).read_bytes()
    except FileNotFoundError:
        raise UsageError(
            "the page of this runstore was not built; `npm ci && npm run build` in runstore/view/web builds it"
        ) from None
