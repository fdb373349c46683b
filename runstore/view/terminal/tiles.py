"""Charts as lines, side by side where there is room for several."""

from __future__ import annotations

from typing import NamedTuple

from runstore.view.terminal import canvas, figures, signs
from runstore.view.terminal.canvas import LETTERS, Canvas
from runstore.view.terminal.pieces import BOLD, DIM, Line, beside, cells, cut, ends, filled, fit, plain
from runstore.view.terminal.text import safe
from runstore.view.terminal.ticks import axis
from runstore.view.terminal.wanted import STEP, Chart, Wanted

WIDE, HIGH, GAP = 52, 9, 2  # the least that several charts get each
TALLEST = 18
HIGHEST = 30


class Grid(NamedTuple):
    """How many charts fit, and how large each is."""

    across: int
    down: int
    wide: int
    high: int

    @property
    def charts(self) -> int:
        """How many there are."""
        return self.across * self.down


def grid(wide: int, high: int) -> Grid:
    """The charts that a panel of that size has room for."""
    across = max((wide + GAP) // (WIDE + GAP), 1)
    down = max(high // HIGH if high < 2 * TALLEST else high // ((HIGH + TALLEST) // 2), 1)
    return Grid(across, down, (wide - GAP * (across - 1)) // across, max(high // down, 4))


def panel(charts: list[Chart], wanted: Wanted, wide: int, high: int, letters: bool) -> list[Line]:
    """All charts, each in its place; where they are few, they share all of the room."""
    most = grid(wide, high)
    charts = charts[: most.charts]
    across = max(min(most.across, len(charts)), 1)
    down = max(-(-len(charts) // across), 1)
    room = Grid(across, down, (wide - GAP * (across - 1)) // across, min(high // down, HIGHEST))
    lines: list[Line] = []
    for start in range(0, len(charts), room.across):
        some = charts[start : start + room.across]
        lines += beside([tile(chart, wanted, room.wide, room.high, letters) for chart in some], room.wide, GAP)
    return lines


def tile(chart: Chart, wanted: Wanted, wide: int, high: int, letters: bool) -> list[Line]:
    """One chart in exactly so many lines.

    Args:
        chart: what to draw.
        wanted: how it was asked for.
        wide: how many cells each line has.
        high: how many lines there are.
        letters: a letter for each curve in place of its colour, where there are several.
    """
    letters = letters and len(chart.series) > 1
    notes = _notes(chart)
    several = len(chart.series) > 1
    legend = _legend(chart, wide, letters, max(min(high - 7, len(chart.series)), 0)) if several else []
    rows = max(high - 3 - len(legend) - len(notes), 1)
    lines = [_title(chart, wanted, wide), *_drawing(chart, wanted, wide, rows, letters), *legend, *notes]
    return [*lines, *[[] for _ in range(high - len(lines))]][:high]


def _title(chart: Chart, wanted: Wanted, wide: int) -> Line:
    told = [
        word for word, there in (("log", wanted.log), (f"smoothed {wanted.smoothing:g}", wanted.smoothing)) if there
    ]
    right: Line = []
    if len(chart.series) == 1:
        one = chart.series[0]
        parts = [("last", one.last), ("min", one.low), ("max", one.high)]
        right = [(f"  {name} ", DIM) if at == 0 else (figures.number(value, 4), "") for name, value in parts
                 if value is not None for at in (0, 1)]  # fmt: skip
    words = "".join(f" · {word}" for word in told)
    free = wide - cells("".join(text for text, _ in right)) - cells(words) - 2
    if free < 12:
        right, free = [], wide - cells(words)
    return ends([(cut(safe(chart.metric), free), BOLD), (words, DIM)], right, wide)


def _drawing(chart: Chart, wanted: Wanted, wide: int, rows: int, letters: bool) -> list[Line]:
    drawn = [one for one in chart.series if one.xs]
    if not drawn:
        why = "nothing above 0 to draw on a log axis" if wanted.log and chart.hidden else "no finite numbers"
        return [[(f"  {why}", DIM)], *[[] for _ in range(rows + 1)]]
    xs, ys = [x for one in drawn for x in one.xs], [y for one in drawn for y in one.ys]
    x_axis, y_axis = axis(min(xs), max(xs)), axis(min(ys), max(ys), wanted.log)
    marks = canvas.marks(y_axis, rows, 2)
    room = max(max(map(cells, marks.values())), 4)
    surface = Canvas(max(wide - room - 2, 4), rows)
    for one in reversed(chart.series):
        surface.trace(one.xs, one.ys, one.number, x_axis, y_axis)
    lines: list[Line] = []
    for row in range(rows):
        line: Line = [(fit(marks.get(row, ""), room, True), DIM), (" ┤" if row in marks else " │", DIM)]
        line += [(text, "" if curve is None or letters else signs.curve(curve)) for text, curve in
                 surface.row(row, letters)]  # fmt: skip
        lines.append(line)
    title = "step" if wanted.x == STEP else f"time, {chart.unit}"
    lines.append([(" " * (room + 1) + "└" + "─" * surface.columns, DIM)])
    lines.append([(" " * (room + 2) + canvas.below(x_axis, wanted.x == STEP, title, surface.columns), DIM)])
    return lines


def _legend(chart: Chart, wide: int, letters: bool, most: int) -> list[Line]:
    """A line for each curve; where these are too many, several to a line, by the beginnings of their ids."""
    keys = [
        (f"{LETTERS[one.number % len(LETTERS)]} ", "") if letters else ("━ ", signs.curve(one.number))
        for one in chart.series
    ]
    told = [("" if one.last is None else figures.number(one.last, 4), safe(one.label)) for one in chart.series]
    if len(told) <= most:
        return [
            ends([key, (cut(label, wide - cells(last) - 4), "")], [(last, "")], wide)
            for key, (last, label) in zip(keys, told, strict=True)
        ]
    lines: list[Line] = [[]]
    for key, (last, label) in zip(keys, told, strict=True):
        entry: Line = [key, (f"{cut(label.partition(' ')[0], 12)} ", ""), (f"{last}  ", DIM)]
        if lines[-1] and cells(plain([*lines[-1], *entry])) > wide:
            lines.append([])
        lines[-1] += entry
    if len(lines) > most > 0:
        lines = [*lines[: most - 1], [*filled(lines[most - 1], wide - 2), (" …", DIM)]]
    return [filled(line, wide) for line in lines[:most]]


def _notes(chart: Chart) -> list[Line]:
    """What is not drawn, and why."""
    odd = sum(one.odd for one in chart.series)
    told = [(odd, "NaN or infinite"), (chart.hidden, "not above 0")]
    words = ", ".join(f"{figures.plural(count, 'point')} {why}" for count, why in told if count)
    return [[(f"not drawn: {words}", "ansi_yellow")]] if words else []
