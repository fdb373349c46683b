"""Addresses that are good by themselves: a frame or a download can't send the token, and must not have it in them.

A ticket is made of one address and good for that alone, as long as this server runs.
"""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import parse_qsl, quote, urlencode

NAME = "ticket"


class Tickets:
    """Makes tickets and knows its own."""

    def __init__(self) -> None:
        """With a key of its own."""
        self._key = secrets.token_bytes(32)

    def signed(self, path: str, query: str) -> str:
        """An address with its ticket; ``path`` is not percent-encoded."""
        pairs = _pairs(query)
        return f"{quote(path)}?{urlencode([*pairs, (NAME, self._ticket(path, pairs))])}"

    def good(self, path: str, query: str) -> bool:
        """Whether an address has the ticket that was made for it."""
        given = [value for key, value in parse_qsl(query, keep_blank_values=True) if key == NAME]
        return len(given) == 1 and hmac.compare_digest(
            given[0].encode("utf-8", "replace"), self._ticket(path, _pairs(query)).encode()
        )

    def _ticket(self, path: str, pairs: list[tuple[str, str]]) -> str:
        said = f"{quote(path)}?{urlencode(sorted(pairs))}"
        return hmac.new(self._key, said.encode(), "sha256").hexdigest()


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(key, value) for key, value in parse_qsl(query, keep_blank_values=True) if key != NAME]
