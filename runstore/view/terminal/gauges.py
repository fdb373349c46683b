"""Figures of the machine as lines: a row of bars over the run's time, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence

from runstore.view.terminal import figures
from runstore.view.terminal.pieces import DIM, Line, cells, cut, filled, fit
from runstore.view.terminal.text import safe
from runstore.view.terminal.wanted import Gauge

_CELL = 10
_SHARES = ("percent", "utilization")


def lines(gauges: Sequence[Gauge], wide: int, high: int) -> list[Line]:
    """A line for each figure, as many as there is room for."""
    if not gauges:
        return [[("  no system metrics: the run is too young, or was not sampled", DIM)]]
    numbers = 3 if wide >= 70 else 2
    room = max(min(max(cells(one.name) for one in gauges), wide // 3), 8)
    bars = max(wide - room - numbers * (_CELL + 1) - 3, 0)
    titles = ("now", "mean", "max")[:numbers]
    head = [(fit("", room + bars + 2), ""), *((fit(title, _CELL + 1, True), DIM) for title in titles)]
    made: list[Line] = [[*head], *(_line(one, room, bars, numbers) for one in gauges)]
    if len(made) > high:
        hidden = len(made) - high + 1
        made = [*made[: high - 1], [(f"  {figures.plural(hidden, 'more figure')}", DIM)]]
    return [filled(line, wide) for line in made]


def _line(gauge: Gauge, room: int, bars: int, numbers: int) -> Line:
    share = gauge.name.endswith(_SHARES) and gauge.high <= 100
    shown = figures.sparkline(_stretched(gauge.means, bars), (0, 100) if share else None)
    values = (gauge.last, gauge.mean, gauge.high)[:numbers]
    line: Line = [(fit(cut(safe(gauge.name), room), room), ""), (f" {fit(shown, bars)} ", "ansi_cyan")]
    return [*line, *((" " + fit(_figure(gauge.name, value), _CELL, True), "") for value in values)]


def _stretched(means: Sequence[float | None], bars: int) -> list[float | None]:
    """As many values as there are bars; few samples are joined, so that no gap means that none was taken."""
    known: list[float | None] = []
    for value in means:
        known.append(value if value is not None or not known else known[-1])
    return [known[at * len(known) // bars] for at in range(bars)] if bars > 0 else []


def _figure(name: str, value: float) -> str:
    if name.endswith("bytes_per_second"):
        return f"{figures.size(round(value))}/s"
    if name.endswith("bytes"):
        return figures.size(round(value))
    return f"{value:.1f} %" if name.endswith(_SHARES) else figures.number(value, 4)
