"""How far long work has got: a bar on stderr, for whoever waits longer than a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from runstore.cli import style

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

PATIENCE = 1.0


class Progress:
    """Called with (done, total) as the work goes on; shows nothing where nobody looks or the work is quick.

    Args:
        title: what is being done, in one or two words.
        after: seconds until the bar appears.
    """

    def __init__(self, title: str, after: float = PATIENCE) -> None:
        self.total = 0
        self._title, self._after = title, after
        self._begun = time.monotonic()
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Progress:
        return self

    def __call__(self, done: int, total: int) -> None:
        """So much is done of so much."""
        self.total = total
        if self._bar is None and time.monotonic() - self._begun >= self._after and style.watched(sys.stderr):
            self._bar = _bar()
            self._task = self._bar.add_task(self._title, total=total)
            self._bar.start()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
