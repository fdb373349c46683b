"""User text made harmless: nothing that is logged may move the cursor, change a colour or break a line."""

from __future__ import annotations

import re

# C0, DEL, C1, the line and paragraph separators, everything that changes the writing direction, the byte order mark.
HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
_COLOUR = re.compile(r"\x1b\[[\d;:]*m")


def safe(text: object) -> str:
    """Give text that prints as itself on one line: control and direction characters become escapes."""
    return HARMFUL.sub(_escape, str(text))


def printed(text: str) -> str:
    """A line that a program printed, without its colours; tabs are room, what else is no text is escaped."""
    return safe(_COLOUR.sub("", text).expandtabs(8))


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
