"""A report read back as a browser would: its blocks by their element, and what is packed in them."""

from __future__ import annotations

import base64
import gzip
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import orjson


class Elements(HTMLParser):
    """The scripts of a document by id, its styles, title and policy."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.policy = ""
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "meta" and told.get("http-equiv") == "Content-Security-Policy":
            self.policy = told["content"] or ""
        self._open = (told.get("id") or told.get("type") or "") if tag == "script" else tag

    def handle_data(self, data: str) -> None:
        into = self.texts if self._open in ("title", "style") else self.scripts
        into[self._open] = into.get(self._open, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._open = ""


def elements(text: str) -> Elements:
    found = Elements()
    found.feed(text)
    return found


def block(text: str, element: str) -> Any:
    return orjson.loads(elements(text).scripts[f"runstore-{element}"])


def unpacked(packed: str) -> bytes:
    return gzip.decompress(base64.b64decode(packed))


def answers(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(unpacked(block(path.read_text(), "answers")))
    return found
