"""Curves in a terminal: eight dots to a character, a colour to a run.

Without colours (a pipe, NO_COLOR) several curves are told apart by letters instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from runstore.cli import figures, style
from runstore.cli.curves import Chart, Curve
from runstore.cli.table import Column, render
from runstore.cli.text import elide, pad, safe, width
from runstore.cli.ticks import Axis

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # by row, by column
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


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

    def text(self, row: int, letters: bool) -> str:
        """One row of characters, painted."""
        parts: list[str] = []
        for column in range(self.columns):
            bits = self.bits.get((row, column), 0)
            curve = self.owner.get((row, column), 0)
            if not bits:
                parts.append(" ")
            elif letters:
                parts.append(_LETTERS[curve % len(_LETTERS)])
            else:
                parts.append(style.paint(chr(0x2800 + bits), style.CURVES[curve % len(style.CURVES)]))
        return "".join(parts)


def draw(chart: Chart, columns: int, rows: int) -> list[str]:
    """The chart's lines.

    Args:
        chart: with at least one point.
        columns: how wide it may be.
        rows: how high the drawing itself is.
    """
    letters = style.plain_letters() or (len(chart.curves) > 1 and not style.coloured())
    x_axis, y_axis = chart.axes()
    marks = _marks(y_axis, rows)
    room = max(width(text) for text in marks.values())
    canvas = Canvas(max(columns - room - 2, 10), rows)
    for number, curve in enumerate(chart.curves):
        _trace(canvas, curve, number, x_axis, y_axis)
    corner, bar, up = ("+", "-", "|") if style.plain_letters() else ("└", "─", "│")
    title = style.bold(elide(safe(chart.metric), columns - 4))
    lines = [f"{title}{style.dim('  log') if chart.log else ''}"]
    for row in range(rows):
        edge = ("+" if up == "|" else "┤") if row in marks else up
        lines.append(
            f"{style.dim(pad(marks.get(row, ''), room, True))} {style.dim(edge)}{canvas.text(row, letters)}".rstrip()
        )
    lines.append(style.dim(" " * (room + 1) + corner + bar * canvas.columns))
    lines.append(style.dim(" " * (room + 2) + _below(chart, x_axis, canvas.columns)))
    return lines + _legend(chart, columns, letters)


def pixels(columns: int) -> int:
    """How many columns of dots a drawing of that width may have."""
    return columns * 2


def _trace(canvas: Canvas, curve: Curve, number: int, x_axis: Axis, y_axis: Axis) -> None:
    before: tuple[int, int] | None = None
    for x, y in zip(curve.xs, curve.ys, strict=True):
        at = (
            round(x_axis.place(x) * (canvas.columns * 2 - 1)),
            round((1 - y_axis.place(y)) * (canvas.rows * 4 - 1)),
        )
        canvas.line(before or at, at, number)
        before = at


def _marks(axis: Axis, rows: int) -> dict[int, str]:
    """The texts beside the rows."""
    marks = axis.marks(max(rows // 3, 2))
    return {round((1 - axis.place(value)) * (rows * 4 - 1)) // 4: text for value, text in marks}


def _below(chart: Chart, axis: Axis, columns: int) -> str:
    """The line below the axis: the marks' texts, none touching another, and the axis' name at the end."""
    line = ""
    name = f"  {chart.x_title}"
    for value, text in axis.marks(max(columns // 14, 2), chart.whole):
        at = round(axis.place(value) * (columns - 1)) - len(text) // 2
        at = max(at, 0)
        if (at > len(line) and at + len(text) <= columns - len(name)) or not line:
            line += " " * (at - len(line)) + text
    return line + " " * max(columns - len(line) - len(name), 0) + name


def _legend(chart: Chart, columns: int, letters: bool) -> list[str]:
    curves = chart.curves
    signs = [_LETTERS[n % len(_LETTERS)] if letters else "━━" for n in range(len(curves))]

    def paint(row: int, cell: str) -> str:
        return cell if letters else style.paint(cell, style.CURVES[row % len(style.CURVES)])

    made = [
        Column("", signs, weight=100, least=1, paint=paint),
        Column("", [safe(curve.label) for curve in curves], weight=90, least=12),
        Column("last", [_last(curve) for curve in curves], right=True, weight=80),
        Column("min", _numbers([curve.low for curve in curves]), right=True, weight=70),
        Column("max", _numbers([curve.high for curve in curves]), right=True, weight=70),
        Column("points", [figures.count(curve.points) for curve in curves], right=True, weight=60),
    ]
    lines, _ = render(made, columns)
    return ["", style.dim(style.unpainted(lines[0])), *lines[2:], *(style.dim(safe(note)) for note in chart.notes())]


def _last(curve: Curve) -> str:
    return figures.number(curve.last, 5) if curve.points else ""


def _numbers(values: Sequence[float]) -> list[str]:
    return ["" if value != value else figures.number(value, 5) for value in values]
