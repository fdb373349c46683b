"""``show()``: a widget in a notebook, a card where there is no anywidget, text everywhere else."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable
from typing import Any, TextIO

from runstore.view.notebook import cards, code, watching
from runstore.view.notebook.outlines import Outline
from runstore.view.notebook.subjects import Subject

HEIGHT = 560
TOLD = 10.0  # seconds between two lines of text about a run that goes on
NOTHING = "nothing was recorded"
_ENDED = frozenset({"Completed", "Failed", "Canceled"})


def show(subject: Subject, *, height: int = HEIGHT, editable: bool = False, wait: bool = False) -> None:
    """Show it, and go on at once.

    Args:
        subject: what is shown.
        height: of a widget, in CSS pixels.
        editable: tags, notes and the like may be changed in a widget.
        wait: outside a notebook, tell how the run goes on until it has ended, unless this very process logs it.
    """
    if not in_notebook():
        tell(subject, sys.stdout, wait and not subject.own)
    elif importlib.util.find_spec("anywidget") is None or not code.built():
        _card(subject)
    else:
        _widget(subject, height, editable)


def in_notebook() -> bool:
    """Whether what is shown goes to a notebook: this process is a kernel. IPython is not loaded for it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return hasattr(shell, "kernel")


def _widget(subject: Subject, height: int, editable: bool) -> None:
    from runstore.view.notebook.widget import Widget

    handle: Any = None

    def ended() -> None:
        if handle is not None:
            handle.update(widget)  # what is saved with the notebook is the run's end

    widget = Widget(subject, height=height, editable=editable, ended=ended)
    handle = _displayed(widget)


def _card(subject: Subject) -> None:
    """A card that is drawn anew until the run ends."""
    outline = subject.outline()
    handle = _displayed(_bundle(outline), raw=True)
    if outline is None or subject.run_id is None or outline.status in _ENDED:
        return
    run_id, next_at = subject.run_id, 0.0

    def looked() -> None:
        nonlocal next_at
        over = watch.changes.last is not None and not watch.changes.goes_on(run_id)
        if over or time.monotonic() >= next_at:
            handle.update(_bundle(subject.outline()), raw=True)
            next_at = time.monotonic() + 2.0
        if over:
            watch.leave(looked)

    watch = watching.join(subject.ws.path, looked, subject.refresh)


def _bundle(outline: Outline | None) -> dict[str, str]:
    if outline is None:
        return {"text/plain": NOTHING}
    return {"text/html": cards.card(outline), "text/plain": outline.text()}


def _displayed(thing: object, raw: bool = False) -> Any:
    """Display it; the handle replaces it."""
    from IPython.display import display

    shown: Any = display
    return shown(thing, raw=raw, display_id=True)


def tell(
    subject: Subject, out: TextIO, wait: bool = False, *,
    sleep: Callable[[float], None] = time.sleep, every: float = TOLD,
) -> None:  # fmt: skip
    """Write it as text; with ``wait``, a line whenever something has changed, and all of it at the end."""
    outline = subject.outline()
    _write(out, outline)
    last = outline.note if outline is not None else ""
    if not wait or outline is None or outline.status is None:
        return
    pause = every / 16  # what is over soon is told soon
    while outline.status not in _ENDED:
        sleep(pause)
        pause = min(every, 2 * pause)
        if subject.refresh is not None:
            subject.refresh()
        found = subject.outline()
        if found is None:
            return
        outline = found
        if outline.note != last and outline.status not in _ENDED:
            out.write(f"{outline.note}\n")
            out.flush()
        last = outline.note
        if outline.status in _ENDED:
            _write(out, outline)


def _write(out: TextIO, outline: Outline | None) -> None:
    text = NOTHING if outline is None else outline.text()
    out.write(text.encode(out.encoding or "utf-8", "replace").decode(out.encoding or "utf-8") + "\n")
    out.flush()
