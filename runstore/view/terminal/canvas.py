"""Lines drawn in characters, eight dots to each, without saying how they are coloured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from runstore.view.terminal.ticks import Axis

LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # by row, by column


@dataclass(slots=True)
class Canvas:
    """Characters of 2 by 4 dots. Where curves cross, the later one gives the colour."""

    columns: int
    rows: int
    bits: dict[tuple[int, int], int] = field(default_factory=dict)
    owner: dict[tuple[int, int], int] = field(default_factory=dict)

    def dot(self, x: int, y: int, curve: int) -> None:
        """Set a dot; y grows downwards."""
        cell = (y // 4, x // 2)
        self.bits[cell] = self.bits.get(cell, 0) | _DOTS[y % 4][x % 2]
        self.owner[cell] = curve

    def line(self, start: tuple[int, int], end: tuple[int, int], curve: int) -> None:
        """Set the dots between two, both included."""
        (x, y), (to_x, to_y) = start, end
        steps = max(abs(to_x - x), abs(to_y - y), 1)
        for step in range(steps + 1):
            self.dot(round(x + (to_x - x) * step / steps), round(y + (to_y - y) * step / steps), curve)

    def trace(self, xs: Sequence[float], ys: Sequence[float], curve: int, x_axis: Axis, y_axis: Axis) -> None:
        """Draw a line through points, all of which have a place on the axes."""
        before: tuple[int, int] | None = None
        for x, y in zip(xs, ys, strict=True):
            at = (
                round(x_axis.place(x) * (self.columns * 2 - 1)),
                round((1 - y_axis.place(y)) * (self.rows * 4 - 1)),
            )
            self.line(before or at, at, curve)
            before = at

    def row(self, row: int, letters: bool = False) -> list[tuple[str, int | None]]:
        """One row of characters in pieces, each with the number of its curve; None is nobody's.

        Args:
            row: which, from the top.
            letters: a letter for each curve in place of dots.
        """
        found = [self._cell(row, column, letters) for column in range(self.columns)]
        return [("".join(text for text, _ in some), curve) for curve, some in groupby(found, key=lambda cell: cell[1])]

    def _cell(self, row: int, column: int, letters: bool) -> tuple[str, int | None]:
        bits = self.bits.get((row, column), 0)
        if not bits:
            return " ", None
        curve = self.owner[row, column]
        return LETTERS[curve % len(LETTERS)] if letters else chr(0x2800 + bits), curve


def marks(axis: Axis, rows: int, every: int = 3) -> dict[int, str]:
    """The texts beside the rows of a drawing, from its top; not more than one in ``every`` rows."""
    found = axis.marks(max(rows // every, 2))
    return {round((1 - axis.place(value)) * (rows * 4 - 1)) // 4: text for value, text in found}


def below(axis: Axis, whole: bool, title: str, columns: int) -> str:
    """The line below the axis: the marks' texts, none touching another, and the axis' name at the end."""
    line = ""
    name = f"  {title}"
    for value, text in axis.marks(max(columns // 14, 2), whole):
        at = round(axis.place(value) * (columns - 1)) - len(text) // 2
        at = max(at, 0)
        if (at > len(line) and at + len(text) <= columns - len(name)) or not line:
            line += " " * (at - len(line)) + text
    return line + " " * max(columns - len(line) - len(name), 0) + name
