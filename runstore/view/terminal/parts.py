"""What the screen is made of: lines that somebody else has written, and a prompt."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from runstore.view.terminal.pieces import Line, content


class Lines(Widget):
    """Lines as they are given. Says where it was clicked and turned."""

    class Clicked(Message):
        """A line was clicked."""

        def __init__(self, lines: Lines, row: int) -> None:
            super().__init__()
            self.lines, self.row = lines, row

    class Turned(Message):
        """The wheel was turned: by 1 downwards, by -1 upwards."""

        def __init__(self, lines: Lines, by: int) -> None:
            super().__init__()
            self.lines, self.by = lines, by

    class Sized(Message):
        """There is more or less room than before."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self._shown: list[Line] = []

    def put(self, lines: list[Line]) -> None:
        """Show these, if they are others than before."""
        if lines != self._shown:
            self._shown = lines
            self.refresh()

    def render(self) -> Content:
        """The lines."""
        return content(self._shown)

    def on_resize(self) -> None:
        """Say so."""
        self.post_message(self.Sized())

    def on_click(self, event: object) -> None:
        """Say which line."""
        self.post_message(self.Clicked(self, int(getattr(event, "y", 0))))

    def on_mouse_scroll_down(self) -> None:
        """Say so."""
        self.post_message(self.Turned(self, 1))

    def on_mouse_scroll_up(self) -> None:
        """Say so."""
        self.post_message(self.Turned(self, -1))


class Prompt(Input):
    """A line to write in. Esc gives it up."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", show=False),
        Binding("ctrl+c", "app.quit", show=False),
        Binding("tab,shift+tab", "nothing", show=False, priority=True),
    ]

    class GivenUp(Message):
        """Nothing was meant."""

    def action_give_up(self) -> None:
        """Esc."""
        self.post_message(self.GivenUp())

    def action_nothing(self) -> None:
        """There is nowhere else to go."""
