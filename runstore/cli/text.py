"""User text on a terminal: made harmless, measured in cells, cut to a width.

Names are data: a metric may be called anything, and nothing it is called may move the cursor, change a
colour, break a line or turn the writing direction.
"""

from __future__ import annotations

from functools import lru_cache

from runstore.view.terminal.text import HARMFUL, safe

__all__ = ["ELLIPSIS", "elide", "pad", "safe", "safe_json", "width"]

ELLIPSIS = "…"


def safe_json(text: str) -> str:
    """Escape the same characters inside a JSON document, as JSON spells them. The newlines between values stay."""
    return HARMFUL.sub(lambda m: m[0] if m[0] == "\n" else f"\\u{ord(m[0]):04x}", text)


def width(text: str) -> int:
    """How many terminal cells the text takes."""
    return len(text) if text.isascii() else _cells(text)


def elide(text: str, cells: int) -> str:
    """Cut the text to at most ``cells`` cells, with an ellipsis where something is missing."""
    if width(text) <= cells:
        return text
    if cells <= 1:
        return ELLIPSIS[:cells]
    kept = text[: cells - 1]  # a character takes no cell (marks), one, or two
    while width(kept) > cells - 1:
        kept = kept[:-1]
    return kept + ELLIPSIS


def pad(text: str, cells: int, right: bool = False) -> str:
    """Fill up with spaces to ``cells`` cells; ``right`` puts the text at the right end."""
    blank = " " * (cells - width(text))
    return blank + text if right else text + blank


@lru_cache(maxsize=4096)
def _cells(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)
