"""The page as lines: what is known now, in the room that there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from runstore.query.listing import short
from runstore.view.terminal import board, figures, gauges, signs, tiles
from runstore.view.terminal import help as keys
from runstore.view.terminal.pieces import BOLD, DIM, Line, cells, ends, filled, plain
from runstore.view.terminal.text import safe
from runstore.view.terminal.wanted import CURVES, LOG, MACHINE, PANELS, TIME, Found, Wanted


@dataclass(slots=True)
class View:
    """What somebody looks at: ``at`` is the chosen row of the whole list, ``top`` the first one on the screen."""

    wanted: Wanted
    place: str = ""
    letters: bool = False
    found: Found = field(default_factory=Found)
    rows: int = 10
    at: int = 0
    top: int = 0
    run_id: str | None = None
    full: bool = False
    paused: bool = False
    said: str = ""
    working: str = ""
    asking: str = ""

    @property
    def chosen(self) -> str | None:
        """The run that is chosen."""
        return self.run_id or self.found.run_id

    def stretch(self) -> int:
        """From which row on to read: a screen before what is seen, so that moving never waits."""
        return max(self.top - self.rows, 0)

    def home(self) -> None:
        """Back to the first run, and stay with whichever is first."""
        self.at = self.top = 0
        self.run_id = None
        self.said = ""

    def move(self, by: int) -> None:
        """Choose the row so many further; the run in it, if that is known yet."""
        page = self.found.page
        self.at = max(0, min(self.at + by, page.total - 1))
        self.said = ""
        self._show()
        number = self.at - page.first
        self.run_id = page.rows[number].run_id if 0 <= number < len(page.rows) else None

    def _show(self) -> None:
        self.top = max(0, min(self.top, self.at), self.at - self.rows + 1)

    def take(self, found: Found) -> bool:
        """Take an answer; whether another question follows from it: another stretch, or the run of a row."""
        self.found, page = found, found.page
        numbers = {row.run_id: page.first + number for number, row in enumerate(page.rows)}
        before = self.top
        if self.run_id in numbers:
            self.top = max(self.top + numbers[self.run_id] - self.at, 0) if self.at else self.top
            self.at = numbers[self.run_id]
        self.at = max(0, min(self.at, page.total - 1))
        self._show()
        number = self.at - page.first
        if (self.at or self.run_id) and self.run_id not in numbers and 0 <= number < len(page.rows):
            self.run_id = page.rows[number].run_id  # it has left the list, or its row was not known yet
            self.wanted = replace(self.wanted, run_id=self.run_id)
            return True
        return self.top != before

    def sorts(self, wide: int) -> list[str]:
        """What the list can be ordered by, as the columns stand."""
        shown = board.columns(self.found.page, figures.utc_now(), wide)
        return ["", *(column.sort for column in shown if column.sort)]


class Screen:
    """The lines of each part of the page."""

    def __init__(self, view: View) -> None:
        self._view = view

    def lines(self, part: str, wide: int, high: int) -> list[Line]:
        """Those of one part, in so many cells."""
        if wide < 1 or high < 1:
            return []
        parts: dict[str, Callable[[int, int], list[Line]]] = {
            "head": self._head, "board": self._board, "middle": self._middle, "panel": self._panel, "foot": self._foot
        }  # fmt: skip
        return parts[part](wide, high)[:high]

    def _head(self, wide: int, _: int) -> list[Line]:
        view, page = self._view, self._view.found.page
        left: Line = [(" runstore top ", "reverse bold"), (f" {safe(view.place)}", BOLD)]
        if view.wanted.experiment:
            left.append((f" · {safe(view.wanted.experiment)}", ""))
        if view.wanted.where:
            left.append((f" · where {safe(view.wanted.where)}", "ansi_yellow"))
        if not view.found.read:
            return [ends(left, [(view.working or "reading … ", DIM)], wide)]
        right: Line = [(figures.plural(page.total, "run"), "")]
        if page.running:
            right += [(" · ", DIM), (f"▶ {page.running:,} running", "ansi_cyan")]
        if view.paused:
            right += [(" · ", DIM), ("paused", "ansi_yellow bold")]
        return [ends(left, [*right, (" ", "")], wide)]

    def _board(self, wide: int, high: int) -> list[Line]:
        view, page = self._view, self._view.found.page
        if not page.rows:
            return self._nothing(wide) if view.found.read else []
        shown = board.columns(page, figures.utc_now(), wide)
        lines = [board.head(shown, view.wanted.sort, view.wanted.desc, wide)]
        colours = self._colours()
        for number in range(view.top - page.first, view.top - page.first + high - 1):
            if not 0 <= number < len(page.rows):
                lines.append([])
                continue
            run_id, here = page.rows[number].run_id, page.first + number == view.at
            mark = colours.get(run_id) if run_id in view.wanted.marked else None
            lines.append(board.row(shown, number, wide, here, mark, _reversed if here else _plainly))
        return lines

    def _nothing(self, wide: int) -> list[Line]:
        view = self._view
        if view.wanted.where or view.wanted.experiment:
            return [[], [("  no run matches", BOLD), ("; / changes the filter, Esc drops it", DIM)]]
        code = ("import runstore", 'with runstore.start_run("first", params={"lr": 0.1}) as run:',
                '    run.log("loss", 0.5, step=0)')  # fmt: skip
        told = [("  no runs yet", BOLD), ("; they show up here as soon as something logs, such as", DIM)]
        return [[], filled(told, wide), [], *([(f"      {line}", "")] for line in code)]

    def _colours(self) -> dict[str, str]:
        runs = dict.fromkeys((*self._view.wanted.marked, *((self._view.chosen,) if self._view.chosen else ())))
        return {run_id: signs.curve(number) for number, run_id in enumerate(runs)}

    def _middle(self, wide: int, _: int) -> list[Line]:
        """The line between the list and the panel: which run, which panel."""
        view, row = self._view, self._view.found.row
        tabs: Line = []
        for panel in PANELS:
            tabs.append((f" {panel} ", "reverse" if panel == view.wanted.panel else DIM))
        left: Line = [("── ", DIM)]
        if row is not None:
            sign, style = signs.sign(row.status)
            left += [(f"{sign} ", style), (safe(short(row.run_id)), BOLD)]
            left += [(f" {safe(row.name)}", "")] if row.name else []
            more = len([one for one in view.wanted.marked if one != row.run_id])
            left += [(f" and {more} marked", "")] if more else []
        if view.wanted.panel == CURVES:
            left.append((self._which(), DIM))
        gap = wide - cells(plain(left)) - cells(plain(tabs)) - 5
        return [[*left, (" " + "─" * gap + " ", DIM), *tabs, (" ──", DIM)] if gap > 0 else filled(left, wide)]

    def _which(self) -> str:
        """Which of the metrics are drawn, and how."""
        wanted, charts = self._view.found.wanted, self._view.found.charts
        words = [f"metric {wanted.skip + 1}" if len(charts.charts) == 1 else
                 f"metrics {wanted.skip + 1}-{wanted.skip + len(charts.charts)}"] if charts.charts else []  # fmt: skip
        words = [f"{words[0]} of {charts.total:,}"] if words and charts.total > len(charts.charts) else []
        words += [f"named *{safe(wanted.search)}*"] if wanted.search else []
        words += ["along time"] if wanted.x == TIME else []
        return f" · {' · '.join(words)}" if words else ""

    def _panel(self, wide: int, high: int) -> list[Line]:
        view, found = self._view, self._view.found
        if found.run_id is None:
            return []
        if view.wanted.panel == MACHINE:
            return gauges.lines(found.gauges, wide, high) if found.wanted.panel == MACHINE else []
        if view.wanted.panel == LOG:
            if found.wanted.panel != LOG:
                return []
            lines = [[(line, "")] for line in found.lines[-high:]]
            return [filled(line, wide) for line in lines] or [[("  nothing was printed yet", DIM)]]
        if found.wanted.panel == CURVES and not found.charts.charts:
            searched = found.wanted.search
            return [[(f"  no metric is named *{safe(searched)}*" if searched else "  no numbers were logged yet", DIM)]]
        return tiles.panel(list(found.charts.charts), found.wanted, wide, high, view.letters)

    def _foot(self, wide: int, _: int) -> list[Line]:
        """The keys; what went wrong instead, if something did."""
        view = self._view
        if view.asking:
            return [filled([(" Enter", BOLD), (" keep it  ", DIM), ("Esc", BOLD), (" as before", DIM)], wide)]
        problem = view.found.problem or view.said
        if problem:
            return [filled([(f" {problem}", "ansi_red" if view.found.problem else "ansi_yellow")], wide)]
        told = view.found.warnings
        if view.working:
            return [filled([(f" {view.working}", "ansi_yellow")], wide)]
        if told:
            more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
            return [filled([(f" warning: {told[0]}{more}", "ansi_yellow")], wide)]
        return [keys.foot(wide)]


def _reversed(style: str) -> str:
    return f"{style} reverse".strip()


def _plainly(style: str) -> str:
    return style
