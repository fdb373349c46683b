"""A progress bar for what takes longer than one likes to wait without a sign."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from runstore.cli import style

if TYPE_CHECKING:
    from rich.progress import Progress


class Bar:
    """A bar on stderr that comes when the work has taken ``delay`` seconds, and goes with its end.

    Call it with (done, total). Where stderr is no terminal it says nothing.
    """

    def __init__(self, title: str, delay: float = 1.0) -> None:
        self.total = 0
        self._title, self._delay = title, delay
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
            self._drawn = _bar()
            self._drawn.start()
            self._drawn.add_task(self._title, total=total)
        if self._drawn is not None:
            self._drawn.update(self._drawn.task_ids[0], completed=done, total=total)


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        transient=True,
        expand=True,
    )
