"""Lines of a screen: texts with what they look like, cut and filled up to the cells they have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from textual.content import Content

Piece: TypeAlias = tuple[str, str]  # a text, and its style in Textual's words: "bold ansi_red"
Line: TypeAlias = list[Piece]
DIM, BOLD = "dim", "bold"
ELLIPSIS = "…"


def cells(text: str) -> int:
    """How many cells a text takes."""
    return len(text) if text.isascii() else Content(text).cell_length


def cut(text: str, room: int) -> str:
    """The text in at most so many cells, with an ellipsis where something is missing."""
    if cells(text) <= room:
        return text
    if room <= 1:
        return ELLIPSIS[: max(room, 0)]
    kept = text[: room - 1]
    while cells(kept) > room - 1:
        kept = kept[:-1]
    return kept + ELLIPSIS


def fit(text: str, room: int, right: bool = False) -> str:
    """The text in exactly so many cells."""
    shown = cut(text, room)
    blank = " " * (room - cells(shown))
    return blank + shown if right else shown + blank


def plain(line: Iterable[Piece]) -> str:
    """A line without what it looks like."""
    return "".join(text for text, _ in line)


def filled(line: Line, room: int) -> Line:
    """A line in exactly so many cells."""
    found: Line = []
    left = room
    for text, style in line:
        found.append((cut(text, left), style))
        left -= cells(found[-1][0])
    return [*found, (" " * left, "")] if left > 0 else found


def ends(left: Line, right: Line, room: int) -> Line:
    """A line with something at both of its ends; where there is no room for both, the right one gives way."""
    gap = room - cells(plain(left)) - cells(plain(right))
    return filled(left, room) if gap < 2 else [*left, (" " * gap, ""), *right]


def beside(blocks: list[list[Line]], room: int, gap: int = 2) -> list[Line]:
    """Blocks of lines side by side, each in so many cells."""
    high = max(map(len, blocks), default=0)
    found: list[Line] = []
    for row in range(high):
        line: Line = []
        for at, block in enumerate(blocks):
            line += [(" " * gap, "")] if at else []
            line += filled(block[row] if row < len(block) else [], room)
        found.append(line)
    return found


def content(lines: Iterable[Line]) -> Content:
    """What Textual shows."""
    return Content("\n").join(Content.assemble(*line) for line in lines)
