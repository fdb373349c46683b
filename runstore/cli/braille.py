"""Curves in a terminal: eight dots to a character, a colour to a run.

Without colours (a pipe, NO_COLOR) several curves are told apart by letters instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from runstore.cli import figures, style
from runstore.cli.curves import Chart, Curve
from runstore.cli.table import Column, render
from runstore.cli.text import elide, pad, safe, width
from runstore.view.terminal import canvas
from runstore.view.terminal.canvas import LETTERS, Canvas


def draw(chart: Chart, columns: int, rows: int) -> list[str]:
    """The chart's lines.

    Args:
        chart: with at least one point.
        columns: how wide it may be.
        rows: how high the drawing itself is.
    """
    letters = style.plain_letters() or (len(chart.curves) > 1 and not style.coloured())
    x_axis, y_axis = chart.axes()
    marks = canvas.marks(y_axis, rows)
    room = max(width(text) for text in marks.values())
    drawn = Canvas(max(columns - room - 2, 10), rows)
    for number, curve in enumerate(chart.curves):
        drawn.trace(curve.xs, curve.ys, number, x_axis, y_axis)
    corner, bar, up = ("+", "-", "|") if style.plain_letters() else ("└", "─", "│")
    title = style.bold(elide(safe(chart.metric), columns - 4))
    lines = [f"{title}{style.dim('  log') if chart.log else ''}"]
    for row in range(rows):
        edge = ("+" if up == "|" else "┤") if row in marks else up
        beside = f"{style.dim(pad(marks.get(row, ''), room, True))} {style.dim(edge)}"
        lines.append(f"{beside}{_painted(drawn, row, letters)}".rstrip())
    lines.append(style.dim(" " * (room + 1) + corner + bar * drawn.columns))
    lines.append(style.dim(" " * (room + 2) + canvas.below(x_axis, chart.whole, chart.x_title, drawn.columns)))
    return lines + _legend(chart, columns, letters)


def pixels(columns: int) -> int:
    """How many columns of dots a drawing of that width may have."""
    return columns * 2


def _painted(drawn: Canvas, row: int, letters: bool) -> str:
    """One row of characters, each curve in its colour."""
    return "".join(
        text if letters or curve is None else style.paint(text, style.CURVES[curve % len(style.CURVES)])
        for text, curve in drawn.row(row, letters)
    )


def _legend(chart: Chart, columns: int, letters: bool) -> list[str]:
    curves = chart.curves
    signs = [LETTERS[n % len(LETTERS)] if letters else "━━" for n in range(len(curves))]

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
