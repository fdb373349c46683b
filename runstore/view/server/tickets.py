"""Addresses that are good by themselves: a frame or a download can't send the token, and must not have it in them.

A ticket is made of one address and good for that alone, for half a day, as long as this server runs. Not for one use:
a video asks for part after part, and a browser asks once more for what is kept.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, urlencode

NAME = "ticket"
GOOD = 12 * 3600
"""Seconds."""


class Tickets:
    """Makes tickets and knows its own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """With a key of its own. ``clock``: seconds; only goes on."""
        self._key, self._clock = secrets.token_bytes(32), clock

    def signed(self, path: str, query: str) -> str:
        """An address with its ticket; ``path`` is not percent-encoded."""
        pairs = _pairs(query)
        until = f"{int(self._clock()) + GOOD:x}"
        return f"{quote(path)}?{urlencode([*pairs, (NAME, f'{until}-{self._seal(path, pairs, until)}')])}"

    def good(self, path: str, query: str) -> bool:
        """Whether an address has the ticket that was made for it, and lately."""
        given = [value for key, value in parse_qsl(query, keep_blank_values=True) if key == NAME]
        until, _, seal = given[0].partition("-") if len(given) == 1 else ("", "", "")
        made = self._seal(path, _pairs(query), until)
        return hmac.compare_digest(seal.encode("utf-8", "replace"), made.encode()) and self._clock() <= int(until, 16)

    def _seal(self, path: str, pairs: list[tuple[str, str]], until: str) -> str:
        said = f"{until}\n{quote(path)}?{urlencode(sorted(pairs))}"
        return hmac.new(self._key, said.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(key, value) for key, value in parse_qsl(query, keep_blank_values=True) if key != NAME]
