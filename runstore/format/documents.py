"""Small JSON documents that carry their own checksum, on one line.

``{"crc32":"<8 hex>","body":<JSON>}`` and a newline. The checksum covers the body's exact bytes, and the
frame around it is fixed, so any changed byte is found.
"""

from __future__ import annotations

import zlib
from typing import Any

import orjson

from runstore.errors import Damaged


def render(body: object) -> bytes:
    """Give the document's bytes."""
    return _frame(orjson.dumps(body))


def parse(data: bytes, where: str) -> Any:
    """Give the body back.

    Raises:
        Damaged: any byte is not as it was written.
    """
    body = data[27:-2]
    if len(data) < 30 or _frame(body) != data:
        raise Damaged(f"{where}: checksum does not match; restore this file from a copy")
    return orjson.loads(body)


def _frame(body: bytes) -> bytes:
    return b'{"crc32":"%08x","body":%b}\n' % (zlib.crc32(body), body)
