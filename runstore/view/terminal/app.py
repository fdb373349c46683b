"""Runs and curves in a terminal, live: keys change what is wanted, answers change what is shown."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message

from runstore.query import watchers
from runstore.view.terminal import board, signs, tiles
from runstore.view.terminal import help as keys
from runstore.view.terminal.parts import Lines, Prompt
from runstore.view.terminal.reader import Reader
from runstore.view.terminal.screen import Screen, View
from runstore.view.terminal.wanted import PANELS, SMOOTHINGS, STEP, TIME, Found, Wanted

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
FILTER, SEARCH = "filter", "metrics"


class Answered(Message):
    """The reader has an answer."""

    def __init__(self, found: Found) -> None:
        super().__init__()
        self.found = found


class Told(Message):
    """Work that began by itself has come so far."""

    def __init__(self, done: int, total: int) -> None:
        super().__init__()
        self.done, self.total = done, total


class Top(App[None]):
    """The page in the terminal."""

    CSS = """
    Screen { layout: vertical; }
    #head, #middle, #foot { height: 1; }
    #board { height: 1fr; }
    #panel { height: 1fr; }
    Lines { text-wrap: nowrap; text-overflow: clip; }
    #ask { height: 1; display: none; }
    #what { width: 9; }
    Prompt { width: 1fr; height: 1; border: none; padding: 0; }
    Prompt:focus { border: none; }
    Help { align: center middle; }
    #keys { width: 66; max-width: 100%; height: auto; max-height: 100%; border: round; padding: 0 1; }
    """
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = ""  # a prompt gets keys when it is asked for only
    BINDINGS: ClassVar[list[BindingType]] = keys.BINDINGS

    def __init__(self, ws: Workspace, wanted: Wanted | None = None, refresh: Callable[[], None] | None = None) -> None:
        """The page of an opened workspace.

        Args:
            ws: the workspace.
            wanted: what is shown at first.
            refresh: fetches what has come to it, where it is a copy of one that lies elsewhere.
        """
        super().__init__(ansi_color=True)  # the terminal's own colours; with NO_COLOR none
        self.theme = "ansi-dark"
        self.view = View(
            Wanted() if wanted is None else wanted, ws.mirrors or ws.path.resolve().name, letters=self.no_color
        )
        self._before = ""
        self._reader = Reader(ws, lambda found: self._post(Answered(found)), refresh)

    def compose(self) -> ComposeResult:
        """From the top: what it is, the runs, the chosen one, the keys."""
        yield Lines("head")
        yield Lines("board")
        yield Lines("middle")
        yield Lines("panel")
        with Horizontal(id="ask"):
            yield Lines("what")
            yield Prompt(id="prompt", compact=True, select_on_focus=False)
        yield Lines("foot")

    def on_mount(self) -> None:
        """Begin to read."""
        watchers.watch(lambda done, total: self._post(Told(done, total)))
        self._end_on_signals()
        self._reader.start()
        self.set_interval(1.0, self._draw)  # ages grow

    def _end_on_signals(self) -> None:
        """Whoever ends it from outside finds the terminal as it was."""
        loop = asyncio.get_running_loop()
        for number in _ENDING:
            with suppress(NotImplementedError, RuntimeError, ValueError):  # not everywhere, and in the main thread only
                loop.add_signal_handler(number, self.exit, None, 128 + number)

    def on_unmount(self) -> None:
        """Read no more."""
        self._reader.close()

    def _post(self, message: Message) -> None:
        with suppress(RuntimeError):  # the loop has ended meanwhile
            self.post_message(message)

    def on_answered(self, message: Answered) -> None:
        """Show an answer."""
        if self.view.take(message.found):
            self._want()
        self._draw()

    def on_told(self, message: Told) -> None:
        """Show how far it is."""
        done, total = message.done, message.total
        self.view.working = f"index {done * 100 // max(total, 1)} %" if done < total else ""
        self._draw()

    def on_lines_sized(self) -> None:
        """More or less is wanted."""
        self._want()

    # ---- what is wanted

    def _want(self, **changes: object) -> None:
        """Ask for what the screen has room for now."""
        listed, panel = self.query_one("#board").size, self.query_one("#panel").size
        self.view.rows = max(listed.height - 1, 1)
        room = tiles.grid(max(panel.width, 10), max(panel.height, 4))
        self.view.wanted = replace(
            self.view.wanted, charts=room.charts, pixels=max(panel.width * 2, 20), lines=max(panel.height, 1),
            first=self.view.stretch(), limit=3 * self.view.rows, **changes,  # type: ignore[arg-type]
        )  # fmt: skip
        self._reader.want(self.view.wanted)
        self._draw()

    def _draw(self) -> None:
        screen = Screen(self.view)
        for name in ("head", "board", "middle", "panel", "foot"):
            with suppress(LookupError):
                part = self.query_one(f"#{name}", Lines)
                part.put(screen.lines(name, part.size.width, part.size.height))

    # ---- runs

    def action_move(self, by: int) -> None:
        """Choose the run so many further."""
        self.view.move(by)
        self._want(run_id=self.view.run_id)

    def action_page(self, by: int) -> None:
        """A screen further."""
        self.action_move(by * self.view.rows)

    def action_top(self) -> None:
        """The first run, whichever that is."""
        self.view.home()
        self._want(run_id=None)

    def action_bottom(self) -> None:
        """The last run."""
        self.action_move(self.view.found.page.total)

    def action_mark(self) -> None:
        """Draw the chosen run's curves beside others'."""
        run_id = self.view.chosen
        if run_id is None:
            return
        marked = self.view.wanted.marked
        if run_id in marked:
            marked = tuple(one for one in marked if one != run_id)
        elif len(marked) < signs.MOST - 1:
            marked = (*marked, run_id)
        else:
            self.view.said = f"more than {signs.MOST - 1} can't be told apart"
        self._want(marked=marked)

    def action_sort(self, by: int) -> None:
        """Order the list by the next column."""
        sorts = self.view.sorts(self.query_one("#board").size.width)
        now = self.view.wanted.sort
        at = sorts.index(now) if now in sorts else 0
        self.view.home()
        self._want(sort=sorts[(at + by) % len(sorts)], desc=False, run_id=None)

    def action_reverse(self) -> None:
        """The other way round."""
        sort, desc = self.view.wanted.sort, not self.view.wanted.desc
        if sort in ("", board.OLDEST):
            sort, desc = "" if sort else board.OLDEST, False
        self.view.home()
        self._want(sort=sort, desc=desc, run_id=None)

    def on_lines_clicked(self, message: Lines.Clicked) -> None:
        """Choose the run that was clicked."""
        if message.lines.id == "board" and message.row > 0:
            self.action_move(self.view.top + message.row - 1 - self.view.at)

    def on_lines_turned(self, message: Lines.Turned) -> None:
        """The wheel goes through the runs, and over a panel through its metrics."""
        if message.lines.id == "panel":
            self.action_metrics(message.by)
        else:
            self.action_move(message.by)

    # ---- curves

    def action_metrics(self, by: int) -> None:
        """The next metrics, or those before."""
        wanted, total = self.view.wanted, self.view.found.charts.total
        skip = wanted.skip + by * wanted.charts
        if 0 <= skip < total:
            self._want(skip=skip)
        elif skip < 0 < wanted.skip:
            self._want(skip=0)

    def action_smooth(self, by: int) -> None:
        """Smoother, or less smooth."""
        at = SMOOTHINGS.index(self.view.wanted.smoothing) + by
        self._want(smoothing=SMOOTHINGS[max(0, min(at, len(SMOOTHINGS) - 1))])

    def action_log(self) -> None:
        """A logarithmic y axis, or none."""
        self._want(log=not self.view.wanted.log)

    def action_axis(self) -> None:
        """Along steps, or along time."""
        self._want(x=TIME if self.view.wanted.x == STEP else STEP)

    # ---- the screen

    def action_show(self, panel: str) -> None:
        """Show a panel."""
        self._want(panel=panel)

    def action_panel(self, by: int) -> None:
        """Show the next panel."""
        at = PANELS.index(self.view.wanted.panel)
        self.action_show(PANELS[(at + by) % len(PANELS)])

    def action_full(self) -> None:
        """The chosen run alone, or the list again."""
        self.view.full = not self.view.full
        self.query_one("#board").display = not self.view.full

    def action_pause(self) -> None:
        """Stand still, or go on."""
        self.view.paused = not self.view.paused
        self._reader.pause(self.view.paused)
        self._draw()

    def action_leave(self) -> None:
        """One step back: the whole screen, marks, the search, the filter."""
        wanted = self.view.wanted
        if self.view.full:
            self.action_full()
        elif wanted.marked:
            self._want(marked=())
        elif wanted.search:
            self._want(search="", skip=0)
        elif wanted.where:
            self.view.home()
            self._want(where="", run_id=None)

    def action_help(self) -> None:
        """The keys."""
        self.push_screen(keys.Help())

    # ---- prompts

    def action_filter(self) -> None:
        """Ask for a condition."""
        self._ask(FILTER, self.view.wanted.where, "lr < 0.1 and status = 'Running'")

    def action_search(self) -> None:
        """Ask for a part of a metric's name."""
        self._ask(SEARCH, self.view.wanted.search, "a part of their names, such as loss")

    def _ask(self, what: str, text: str, hint: str) -> None:
        self.view.asking, self._before = what, text
        self.query_one("#what", Lines).put([[(f" {what} ", "bold")]])
        prompt = self.query_one(Prompt)
        prompt.placeholder, prompt.value, prompt.cursor_position = hint, text, len(text)
        self.query_one("#ask").display = True
        prompt.focus()
        self._draw()

    def on_input_changed(self, message: Prompt.Changed) -> None:
        """A search is answered as one writes."""
        if self.view.asking == SEARCH:
            self._want(search=message.value.strip(), skip=0)

    def on_input_submitted(self, message: Prompt.Submitted) -> None:
        """What was written is meant."""
        asked = self._answered()
        if asked == FILTER:
            self.view.home()
            self._want(where=message.value.strip(), run_id=None)

    def on_prompt_given_up(self) -> None:
        """Nothing was meant: all is as it was before."""
        if self._answered() == SEARCH:
            self._want(search=self._before, skip=0)

    def _answered(self) -> str:
        """Back to the page; gives what was asked for."""
        asked, self.view.asking = self.view.asking, ""
        self.query_one("#ask").display = False
        self.set_focus(None)
        self._draw()
        return asked
