"""The list of runs as lines: what there is room for, the most telling first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from runstore.query.listing import short
from runstore.view.terminal import figures, signs
from runstore.view.terminal.pieces import BOLD, DIM, Line, cells, cut, filled, fit
from runstore.view.terminal.text import safe
from runstore.view.terminal.wanted import AT_WORK, Page, Row

CURSOR, MARK = ">", "■"
OLDEST = "started"  # the order that turns the usual one, the newest first, round
_GAP = 2
_NAME, _METRIC = (8, 28), (6, 18)  # least and most cells


@dataclass(slots=True, eq=False)
class Column:
    """One column. ``sort``: what the list is ordered by where one asks for it by this column; None: it can't be."""

    title: str
    texts: list[str]
    least: int
    most: int
    right: bool = False
    sort: str | None = None
    styles: Sequence[str] = ()
    room: int = 0

    def wide(self) -> int:
        """How many cells it would like."""
        title = cells(self.title) + (self.sort is not None and self.right)  # beside it there may be an arrow
        return max(self.least, min(self.most, max([title, *map(cells, self.texts)])))


def columns(page: Page, now: datetime, wide: int) -> list[Column]:
    """The columns that fit, in the order in which they stand; the ones that tell most take their room first."""
    rows = page.rows
    status, run = _status(rows, wide), Column("run", [safe(short(row.run_id)) for row in rows], 8, 12, sort="run_id")
    facts = [Column("age", [_age(row, now) for row in rows], 4, 10, True, "")]
    facts.append(Column("took", [_took(row, now) for row in rows], 6, 8, True))
    points = Column("points", [_count(row.points) for row in rows], 6, 7, True, "points")
    metrics = [_metric(page, name) for name in page.metrics]
    experiments, names = [row.experiment for row in rows], [row.name or "" for row in rows]
    labels = [_column("experiment", experiments, "experiment")] if len(set(experiments)) > 1 else []
    called = [_column("name", names, "name")] if any(names) else []
    telling = [status, run, *called, *facts, *metrics[:2], *labels, points, *metrics[2:]]
    return _fitting([status, run, *labels, *called, *facts, points, *metrics], telling, wide - 2)


def _column(title: str, texts: list[str], sort: str) -> Column:
    return Column(title, [safe(text) for text in texts], *_NAME, sort=sort)


def _status(rows: Sequence[Row], wide: int) -> Column:
    found = [signs.sign(row.status) for row in rows]
    texts = [f"{sign} {row.status}" for (sign, _), row in zip(found, rows, strict=True)]
    return Column("status", texts, 9, 15 if wide >= 100 else 11, sort="status", styles=[style for _, style in found])


def _metric(page: Page, name: str) -> Column:
    values = [page.values.get(row.run_id, {}).get(name) for row in page.rows]
    return Column(safe(name), [_figure(value) for value in values], *_METRIC, True, f"last.{name}")


def _figure(value: float | None) -> str:
    return "" if value is None else figures.number(value, 4)


def _age(row: Row, now: datetime) -> str:
    return figures.ago(row.started, now).removesuffix(" ago").replace(" min", "m").replace(" ", "")


def _took(row: Row, now: datetime) -> str:
    if row.started is None or (row.ended is None and row.status not in AT_WORK):
        return ""
    return figures.duration(((row.ended or now) - row.started).total_seconds())


def _count(value: int) -> str:
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e5, "k")):
        if value >= limit:
            return f"{value / (1e3 if unit == 'k' else limit):.3g}{unit}"
    return f"{value:,}"


def _fitting(every: list[Column], telling: list[Column], wide: int) -> list[Column]:
    """As many of the telling ones as there is room for; what is left over widens those that were cut."""
    found: list[Column] = []
    left = wide + _GAP
    for column in telling:
        column.room = min(column.wide(), max(column.least, 14), left - _GAP)
        if column.room < column.least:
            break
        found.append(column)
        left -= column.room + _GAP
    for column in found:
        more = max(min(column.wide() - column.room, left), 0)
        column.room, left = column.room + more, left - more
    return [column for column in every if column in found]


def head(shown: Sequence[Column], sort: str, desc: bool, wide: int) -> Line:
    """The line of titles, with an arrow at the column that orders the list."""
    line: Line = [("  ", "")]
    for column in shown:
        ordered = column.sort == ("" if sort == OLDEST else sort)  # by age, either way
        arrow = ("▼" if desc or not sort else "▲") if ordered else ""
        title = cut(column.title, column.room - len(arrow)) + arrow
        line.append((fit(title, column.room, column.right), BOLD if arrow else DIM))
        line.append((" " * _GAP, ""))
    return filled(line, wide)


def row(
    shown: Sequence[Column], number: int, wide: int, cursor: bool, mark: str | None, cell: Callable[[str], str]
) -> Line:
    """One run's line.

    Args:
        shown: the columns.
        number: which row of them.
        wide: how many cells there are.
        cursor: whether it is the chosen one.
        mark: the colour of its curve, if it is marked.
        cell: what the style of each piece becomes.
    """
    sign = CURSOR if cursor else " "
    line: Line = [(MARK if mark is not None else sign, cell(mark or "")), (" ", cell(""))]
    for column in shown:
        text = fit(column.texts[number], column.room, column.right)
        style = column.styles[number] if column.styles else ""
        if style:
            line += [(text[:1], cell(style)), (text[1:], cell(""))]
        else:
            line.append((text, cell("")))
        line.append((" " * _GAP, cell("")))
    return [(text, style or cell("")) for text, style in filled(line, wide)]
