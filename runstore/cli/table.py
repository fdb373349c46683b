"""Tables for people: as wide as the terminal, numbers at the right, nothing wrapped.

Too wide a table first shows shorter numbers, then cuts its longest texts, then leaves out columns
(the least important first) and says which.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from runstore.cli import figures, output, style
from runstore.cli.text import ELLIPSIS, elide, pad, safe, width

GAP = "  "
LEAST = 8
"""A text is not cut below this many cells."""
TITLE = 10
"""Nor is a title cut below this many: rather is a column left out."""
NULL = "NULL"
_SECONDS = len("2026-01-02 03:04:05")


@dataclass(slots=True)
class Column:
    """One column. ``cells`` are safe text; ``short`` the same with fewer digits; ``weight`` says who goes last.

    ``paint`` colours a cell after it was cut and filled; it is given the row and the cell as it will stand.
    """

    title: str
    cells: Sequence[str]
    right: bool = False
    short: Sequence[str] | None = None
    weight: float = 0.0
    least: int = LEAST
    paint: Callable[[int, str], str] | None = None
    width: int = field(default=0, init=False)

    def measure(self) -> int:
        """The width of the widest cell."""
        plain = "".join(self.cells).isascii()
        return max(map(len if plain else width, self.cells), default=0)

    def floor(self) -> int:
        """The fewest cells it can stand in: numbers are never cut, texts and titles are."""
        return min(self.width, max(self.measure() if self.right else self.least, min(width(self.title), TITLE)))


def of_values(title: str, values: Sequence[Any], weight: float = 0.0) -> Column:
    """A column of what a statement gave: exact where there is room; NULL where there is nothing."""
    kinds = set(map(type, values)) - {type(None)}
    numeric = bool(kinds) and kinds <= {int, float, Decimal}
    cells = [NULL if v is None else repr(v) if type(v) is float else safe(_shown(v)) for v in values]
    column = Column(safe(title), cells, numeric, weight=weight)
    if not style.watched():
        return column  # as wide as it is, without colours
    if numeric and float in kinds:
        column.short = [NULL if v is None else cell for v, cell in zip(values, figures.column(values), strict=True)]
    if kinds == {datetime}:
        column.short, column.least = [cell[:_SECONDS] for cell in cells], _SECONDS
    missing = {row for row, value in enumerate(values) if value is None}
    if len(missing) == len(values):
        column.weight -= 1  # says nothing: the first to be left out
    if missing:
        column.paint = lambda row, cell: style.dim(cell) if row in missing else cell
    return column


def render(columns: Sequence[Column], total: int | None) -> tuple[list[str], list[Column]]:
    """The table's lines, and the columns left out for want of room."""
    shown, hidden = fit(columns, total)
    head = GAP.join(pad(_title(c.title, c.width), c.width, c.right) for c in shown).rstrip()
    rule = ("-" if style.plain_letters() else "─") * _taken(shown)
    lines = [style.bold(head), style.dim(rule)]
    lines += [GAP.join(row).rstrip() for row in zip(*map(_filled, shown), strict=True)]
    return lines, hidden


def fit(columns: Sequence[Column], total: int | None) -> tuple[list[Column], list[Column]]:
    """Give every column its width within ``total`` cells (None: as much as it takes).

    Returns the columns that are shown, in order, and those left out.
    """
    shown = list(columns)
    _widen(shown)
    if total is None or _taken(shown) <= total:
        return shown, []
    for column in shown:
        column.cells = column.short or column.cells
    _widen(shown)
    floors = {id(column): column.floor() for column in shown}
    while len(shown) > 1 and sum(floors[id(c)] for c in shown) + len(GAP) * (len(shown) - 1) > total:
        shown.remove(min(reversed(shown), key=lambda c: c.weight))
    _shrink(shown, floors, total)
    kept = {id(column) for column in shown}
    return shown, [column for column in columns if id(column) not in kept]


def left_out(hidden: Sequence[Column], how: str) -> str:
    """The line that says which columns are missing, as far as there is room, and how to see them."""
    room = style.columns()
    head = f"{figures.plural(len(hidden), 'column')} left out"
    for shown in range(min(len(hidden), 6), 0, -1):
        names = ", ".join(column.title for column in hidden[:shown]) + (", …" if len(hidden) > shown else "")
        line = f"{head}: {names}; {how}"
        if room is None or width(line) <= room:
            return line
    return elide(f"{head}; {how}", room or len(head))


def _shown(value: Any) -> str:
    text = output.flat(value)
    return text.removesuffix(".000000") if text.endswith(".000000") else text


def _widen(columns: Sequence[Column]) -> None:
    for column in columns:
        column.width = max(width(column.title), column.measure())


def _taken(columns: Sequence[Column]) -> int:
    return sum(c.width for c in columns) + len(GAP) * max(len(columns) - 1, 0)


def _shrink(columns: list[Column], floors: dict[int, int], total: int) -> None:
    """Take cells from whichever column is widest above its floor, until all fit."""
    while (over := _taken(columns) - total) > 0:
        able = [c for c in columns if c.width > floors[id(c)]]
        if not able:
            columns[0].width = max(columns[0].width - over, 1)
            return
        widest = max(able, key=lambda c: c.width)
        next_widest = max((c.width for c in able if c is not widest), default=0)
        step = max(min(over, widest.width - max(next_widest, floors[id(widest)])), 1)
        widest.width -= step


def _filled(column: Column) -> Sequence[str]:
    """A column's cells as wide as it is, in their colours."""
    if column.measure() > column.width or not "".join(column.cells).isascii():
        cells = [pad(elide(cell, column.width), column.width, column.right) for cell in column.cells]
    else:
        fill = str.rjust if column.right else str.ljust
        cells = [fill(cell, column.width) for cell in column.cells]
    return [column.paint(row, cell) for row, cell in enumerate(cells)] if column.paint else cells


def _title(title: str, cells: int) -> str:
    """A title is cut in its middle: a dotted name says as much at its end as at its start."""
    if width(title) <= cells or cells < 5 or not title.isascii():
        return elide(title, cells)
    tail = (cells - 1) // 2
    return title[: cells - 1 - tail] + ELLIPSIS + title[-tail:]
