"""Curves as SVG, small and without a script: what a saved notebook shows where nothing runs.

Who shows it may be light or dark, and can't be asked: every colour stands out from both by 3:1.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from runstore.view.terminal.figures import number

COLOURS = (
    "#3b82d6", "#d9730d", "#2e9e5b", "#e0525a", "#8f6fd6", "#1a95a3", "#d4589e", "#8c8a1c", "#b3714a", "#74839b",
)  # fmt: skip
MUTED = "#7a828e"
FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',sans-serif"
WIDTH, HEIGHT, GAP = 248, 116, 12
_TOP, _LEFT, _BOTTOM, _RIGHT = 22, 44, 16, 6

Point = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """One run's curve: of each stretch x, mean, least and greatest value; all finite."""

    points: Sequence[Point]
    place: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """One metric. ``value``: the last one, where it is of one run."""

    name: str
    lines: Sequence[Line]
    value: float | None = None


def chart(one: Chart) -> str:
    """A chart as a picture of its own."""
    return _svg(WIDTH, HEIGHT, one.name, _drawn(one))


def sheet(title: str, note: str, charts: Sequence[Chart], columns: int = 3) -> str:
    """Several charts as one picture, below a title."""
    rows = max(1, math.ceil(len(charts) / columns))
    wide = columns * (WIDTH + GAP) - GAP
    parts = [_text(0, 16, title, size=14, weight=600), _text(0, 34, note)]
    for at, one in enumerate(charts):
        x, y = at % columns * (WIDTH + GAP), 46 + at // columns * (HEIGHT + GAP)
        parts.append(f'<g transform="translate({x},{y})">{_drawn(one)}</g>')
    high = 46 + rows * (HEIGHT + GAP) if charts else 44
    return _svg(wide, high, title, "".join(parts))


def _svg(wide: int, high: int, title: str, inner: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" '
        f'role="img" aria-label="{_quoted(title)}" font-family="{FONT}" style="max-width:100%">{inner}</svg>'
    )


def _drawn(one: Chart) -> str:
    told = "" if one.value is None else number(one.value, 5)
    head = _text(0, 13, _cut(one.name, 30 - len(told)), weight=600)
    head += _text(WIDTH - _RIGHT, 13, told, anchor="end") if told else ""
    points = [point for line in one.lines for point in line.points]
    if not points:
        return head + _text(_LEFT, HEIGHT / 2, "no finite points")
    plot = _Plot(points)
    bands = "".join(plot.band(line) for line in one.lines) if len(one.lines) < 4 else ""
    return head + plot.axes() + bands + "".join(plot.line(line) for line in one.lines)


class _Plot:
    """Where values come to lie in one chart."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.left, self.right = min(point[0] for point in points), max(point[0] for point in points)
        self.low, self.high = min(point[2] for point in points), max(point[3] for point in points)

    def x(self, value: float) -> float:
        return _LEFT + _share(value, self.left, self.right) * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _TOP + (1 - _share(value, self.low, self.high)) * (HEIGHT - _TOP - _BOTTOM)

    def axes(self) -> str:
        ends = [_TOP, HEIGHT - _BOTTOM] if self.high > self.low else [self.y(self.low)]
        rules = "".join(f'<path d="M{_LEFT} {_at(y)}H{WIDTH - _RIGHT}"/>' for y in ends)
        marks = [_text(_LEFT - 5, y + 4, number(value, 3), 10, anchor="end")
                 for y, value in zip(ends, (self.high, self.low), strict=False)]  # fmt: skip
        marks.append(_text(_LEFT, HEIGHT - 3, number(self.left, 4), 10))
        if self.right > self.left:
            marks.append(_text(WIDTH - _RIGHT, HEIGHT - 3, number(self.right, 6), 10, anchor="end"))
        return f'<g stroke="{MUTED}" stroke-opacity=".35" fill="none">{rules}</g>' + "".join(marks)

    def band(self, line: Line) -> str:
        there = [point for point in line.points if point[3] > point[2]]
        if not there:
            return ""
        upper = [f"{_at(self.x(x))} {_at(self.y(high))}" for x, _, _, high in line.points]
        lower = [f"{_at(self.x(x))} {_at(self.y(low))}" for x, _, low, _ in reversed(line.points)]
        return f'<path fill="{_colour(line)}" fill-opacity=".2" d="M{"L".join([*upper, *lower])}Z"/>'

    def line(self, line: Line) -> str:
        if not line.points:
            return ""
        places = [f"{_at(self.x(x))} {_at(self.y(mean))}" for x, mean, _, _ in line.points]
        if len(places) == 1:
            x, y = places[0].split()
            return f'<circle cx="{x}" cy="{y}" r="2.5" fill="{_colour(line)}"/>'
        return (
            f'<path fill="none" stroke="{_colour(line)}" stroke-width="1.5" stroke-linejoin="round" '
            f'd="M{"L".join(places)}"/>'
        )


def _share(value: float, low: float, high: float) -> float:
    """Where a value lies between two; halved first, so that none of them is beyond a float."""
    return 0.5 if high <= low else (value / 2 - low / 2) / (high / 2 - low / 2)


def _at(place: float) -> str:
    return f"{place:.1f}".removesuffix(".0")


def _colour(line: Line) -> str:
    return COLOURS[line.place % len(COLOURS)]


def _text(x: float, y: float, text: str, size: int = 11, weight: int = 400, anchor: str = "start") -> str:
    return (
        f'<text x="{_at(x)}" y="{_at(y)}" font-size="{size}" font-weight="{weight}" fill="{MUTED}" '
        f'text-anchor="{anchor}">{_quoted(text)}</text>'
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _quoted(text: str) -> str:
    """Text as XML may hold it: escaped, and without what no XML can say."""
    return html.escape("".join(char if _sayable(char) else "\N{REPLACEMENT CHARACTER}" for char in text))


def _sayable(char: str) -> bool:
    point = ord(char)
    return (point >= 0x20 or char in "\t\n\r") and not 0xD800 <= point <= 0xDFFF and point not in (0xFFFE, 0xFFFF)


def points_of(rows: Iterable[tuple[float, float | None, float | None, float | None]]) -> list[Point]:
    """The rows that can be drawn: those with a finite value."""
    return [(x, mean, low, high) for x, mean, low, high in rows
            if mean is not None and low is not None and high is not None
            and all(map(math.isfinite, (x, mean, low, high)))]  # fmt: skip
