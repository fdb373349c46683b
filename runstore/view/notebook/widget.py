"""The live widget: the page in a cell's output, over the comm of the kernel. The only place that knows anywidget."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import Context
from typing import Any, ClassVar

import anywidget
import traitlets

from runstore.view.notebook import cards, code, pictures
from runstore.view.notebook.conversation import Conversation
from runstore.view.notebook.outlines import Outline
from runstore.view.notebook.subjects import Subject

REDRAWN = 2.0  # seconds between two pictures, at least
SHARE = 20.0  # which take no more than one part in so many of the time


class Widget(anywidget.AnyWidget):
    """Shows a subject until the kernel ends. Its state is small: the page itself is asked for."""

    _esm: ClassVar[str] = code.loader()
    _version = traitlets.Unicode().tag(sync=True)
    _place = traitlets.Unicode().tag(sync=True)
    _height = traitlets.Int().tag(sync=True)
    _still = traitlets.Unicode().tag(sync=True)
    _said = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, subject: Subject, *, height: int, editable: bool = False, ended: Callable[[], None] = lambda: None
    ) -> None:
        """Draw it as it is, and go on.

        Args:
            subject: what is shown.
            height: of the page, in CSS pixels.
            editable: tags, notes and the like may be changed there.
            ended: called once the run that is shown has ended, and was drawn a last time; in another thread.
        """
        self._subject, self._ended = subject, ended
        self._outline = subject.outline() or Outline(repr(subject.ws), "Workspace", "")
        self._next = 0.0
        super().__init__(
            _version=code.version(), _place=subject.place, _height=height, _still=_picture(self._outline),
            _said=self._outline.text(),
        )  # fmt: skip
        self._conversation = Conversation(
            subject.ws, self._send_all, editable=editable, refresh=subject.refresh, looked=self._looked
        )
        self.on_msg(lambda _, message, __: self._conversation.heard(message))
        if subject.run_id is not None and self._outline.status not in (None, "Completed", "Failed", "Canceled"):
            self._conversation.hold(True)

    def __repr__(self) -> str:
        return self._outline.text()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and for who can't show it a card and text."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0]["text/html"] = cards.card(self._outline)
            bundle[0]["text/plain"] = self._outline.text()
        return bundle

    def close(self) -> None:
        """Take it away."""
        conversation = getattr(self, "_conversation", None)
        if conversation is not None:
            conversation.close()
        super().close()

    def _send_all(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        self.send(message, buffers)

    def _looked(self) -> None:
        """After a look, as long as the run goes on: draw it anew, and once more at its end."""
        subject, now = self._subject, time.monotonic()
        if subject.run_id is None or not self._conversation.held:
            return
        over = not self._conversation.goes_on(subject.run_id)
        if not over and now < self._next:
            return
        self._draw()
        after = time.monotonic()
        self._next = after + max(REDRAWN, SHARE * (after - now))
        if over:
            Context().run(self._ended)  # as of the cell that runs now: who executes a notebook hears no other
            self._conversation.hold(False)

    def _draw(self) -> None:
        outline = self._subject.outline()
        if outline is not None and outline != self._outline:
            self._outline = outline
            with self.hold_sync():
                self._still, self._said = _picture(outline), outline.text()


def _picture(outline: Outline) -> str:
    return pictures.sheet(f"{outline.title} ({outline.kind.lower()})", outline.note, outline.charts)
