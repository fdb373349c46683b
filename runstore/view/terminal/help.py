"""The keys, said once: what the help shows, what the line at the foot shows, what is bound."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from runstore.view.terminal.pieces import BOLD, DIM, Line, cells, content, ends, fit, plain


class Key(NamedTuple):
    """Keys for one thing. ``foot``: the word at the foot of the screen, if it stands there."""

    keys: str
    action: str
    shown: str
    what: str
    foot: str = ""


GROUPS: dict[str, tuple[Key, ...]] = {
    "runs": (
        Key("j,down", "move(1)", "j k ↓ ↑", "the next run, the one before"),
        Key("k,up", "move(-1)", "", ""),
        Key("pagedown,ctrl+d", "page(1)", "PgDn PgUp", "a screen down, up"),
        Key("pageup,ctrl+u", "page(-1)", "", ""),
        Key("g,home", "top", "g G", "the first run, whichever that is; the last"),
        Key("G,end", "bottom", "", ""),
        Key("space", "mark", "Space", "keep this run's curves drawn beside others'", "mark"),
        Key("slash", "filter", "/", "filter by an SQL condition, as runs --where", "filter"),
        Key("s", "sort(1)", "s S", "sort by the next column, by the one before", "sort"),
        Key("S", "sort(-1)", "", ""),
        Key("r", "reverse", "r", "sort the other way round"),
    ),
    "curves": (
        Key("m", "search", "m", "search metrics by a part of their name", "metrics"),
        Key("right,right_square_bracket", "metrics(1)", "→ ← ] [", "the next metrics, those before"),
        Key("left,left_square_bracket", "metrics(-1)", "", ""),
        Key("plus,equals_sign", "smooth(1)", "+ -", "smoother, less smooth"),
        Key("minus", "smooth(-1)", "", ""),
        Key("y", "log", "y", "a logarithmic y axis, or none", "log"),
        Key("x", "axis", "x", "along steps, or along time since the start", "step/time"),
    ),
    "screen": (
        Key("tab", "panel(1)", "Tab", "curves, machine, log: the next of them", "panels"),
        Key("shift+tab", "panel(-1)", "", ""),
        Key("c", "show('curves')", "c u l", "the curves, the machine, the log's end"),
        Key("u", "show('machine')", "", ""),
        Key("l", "show('log')", "", ""),
        Key("enter,f", "full", "Enter f", "this run over the whole screen, and back"),
        Key("p", "pause", "p", "stand still, or go on"),
        Key("escape", "leave", "Esc", "one step back: marks, search, filter"),
        Key("question_mark", "help", "?", "these keys", "help"),
        Key("q,ctrl+c", "quit", "q Ctrl-C", "leave", "quit"),
    ),
}
BINDINGS: list[BindingType] = [
    Binding(key.keys, key.action, key.what, show=False, priority=key.keys in ("tab", "shift+tab"))
    for keys in GROUPS.values()
    for key in keys
]


def foot(wide: int) -> Line:
    """The keys that one needs first, as many as there is room for; help and quit always, at the end."""
    words = [(key.shown.split()[0], key.foot) for keys in GROUPS.values() for key in keys if key.foot]
    left: Line = [(" ", "")]
    right = [piece for key, word in words[-2:] for piece in ((key, BOLD), (f" {word}  ", DIM))]
    for key, word in words[:-2]:
        more = [(key, BOLD), (f" {word}  ", DIM)]
        if cells(plain([*left, *more, *right])) + 2 <= wide:
            left += more
    return ends(left, right, wide)


def lines() -> list[Line]:
    """All keys."""
    found: list[Line] = []
    for title, keys in GROUPS.items():
        found.append([(title, BOLD)])
        found += [[(fit(f"  {key.shown}", 12), ""), (key.what, DIM)] for key in keys if key.shown]
    return found


class Help(ModalScreen[None]):
    """The keys over the page; any key that leaves goes back to it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", show=False),
        Binding("ctrl+c", "app.quit", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
    ]

    def compose(self) -> ComposeResult:
        """One box."""
        with VerticalScroll(id="keys") as box:
            box.border_title = "keys"
            box.border_subtitle = "Esc: back"
            yield Static(content(lines()))

    def action_scroll(self, by: int) -> None:
        """Up or down by a line."""
        self.query_one("#keys").scroll_relative(y=by, animate=False)
