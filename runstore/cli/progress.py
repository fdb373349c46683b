"""Signs of life for what takes longer than one likes to wait without: a bar, and a line that moves."""

from __future__ import annotations

import sys
import time
from contextlib import nullcontext
from threading import Lock, Timer
from types import TracebackType
from typing import TYPE_CHECKING, Self

from runstore.cli import figures, style
from runstore.cli.text import elide, safe

if TYPE_CHECKING:
    from rich.progress import Progress
    from rich.status import Status
    from rich.text import Text


class Bar:
    """A bar on stderr that comes when the work has taken ``delay`` seconds, and goes with its end.

    Call it with (done, total). Where stderr is no terminal it says nothing.
    """

    def __init__(self, title: str, delay: float = 1.0, sizes: bool = False) -> None:
        """Nothing is shown yet.

        Args:
            title: what is done.
            delay: seconds before anything is shown.
            sizes: what is counted are bytes.
        """
        self.total = 0
        self._title, self._delay, self._sizes = title, delay, sizes
        self._begun = time.monotonic()
        self._drawn: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._drawn is not None:
            self._drawn.stop()

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is."""
        self.total = total
        if self._drawn is None and style.watched(sys.stderr) and time.monotonic() - self._begun >= self._delay:
            self._drawn = _bar(self._sizes)
            self._drawn.start()
            self._drawn.add_task(self._title, total=total)
        if self._drawn is not None:
            self._drawn.update(self._drawn.task_ids[0], completed=done, total=total)


class Passing:
    """A bar for work that begins by itself in the midst of other work: it goes when that is done, and may come back."""

    def __init__(self, title: str, delay: float = 1.0) -> None:
        self._title, self._delay = title, delay
        self._bar: Bar | None = None

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is."""
        self._bar = self._bar or Bar(self._title, self._delay)
        with self._bar if done >= total else nullcontext():
            self._bar(done, total)
        if done >= total:
            self._bar = None


class Spinner:
    """A line on stderr that moves while one waits: for what, how long already, and the newest word on it.

    Call it again and again. Where stderr is no terminal it says nothing.
    """

    def __init__(self, delay: float = 0.5) -> None:
        self._delay = delay
        self._what, self._begun = "", 0.0
        self._drawn: Status | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.stop()

    def __call__(self, what: str, word: str = "") -> None:
        """Show what is waited for, with a word on how far it is."""
        if what != self._what:
            self._what, self._begun = what, time.monotonic()
        waited = time.monotonic() - self._begun
        if self._drawn is None and style.watched(sys.stderr) and waited >= self._delay:
            self._drawn = _spinner()
            self._drawn.start()
        if self._drawn is not None:
            self._drawn.update(_line(what, waited, word, self._drawn.console.width - 2))

    def stop(self) -> None:
        """Take the line away, so that others can be printed."""
        self._what = ""
        if self._drawn is not None:
            self._drawn.stop()
            self._drawn = None


class Waiting:
    """A line on stderr that comes by itself when something takes long, until it is told that there is more to show.

    Where stderr is no terminal it says nothing.
    """

    def __init__(self, what: str, delay: float = 1.0) -> None:
        self._spinner, self._what, self._lock, self._over = Spinner(0), what, Lock(), False
        self._timer = Timer(delay, self._begin)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if style.watched(sys.stderr):
            self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the line away; it comes no more."""
        self._timer.cancel()
        with self._lock:
            self._over = True
            self._spinner.stop()

    def _begin(self) -> None:
        with self._lock:
            if not self._over:
                self._spinner(self._what)


def _line(what: str, waited: float, word: str, room: int) -> Text:
    from rich.text import Text

    start = f"{what} {figures.duration(waited) if waited >= 60 else f'{waited:.0f}s'}"
    return Text(elide(start, room)).append(elide(f"  {safe(word)}", room - len(start)) if word else "", "dim")


def _spinner() -> Status:
    from rich.console import Console

    return Console(stderr=True).status("")


def _bar(sizes: bool) -> Progress:
    from rich import progress
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    counts = [progress.DownloadColumn(), progress.TransferSpeedColumn()] if sizes else [progress.MofNCompleteColumn()]
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        *counts,
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        transient=True,
        expand=True,
    )
