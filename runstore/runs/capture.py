"""What a ``with`` block of a run keeps by itself: what is printed, and what ``logging`` and ``warnings`` say."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from runstore.runs import warned
from runstore.runs.console import Console

if TYPE_CHECKING:
    from runstore.runs.run import Run


class Capture:
    """The keeping of one block. ``close`` ends it; twice is once."""

    def __init__(self, run: Run, console: bool = True) -> None:
        """Begin. The run is open for logging; without ``console`` somebody else keeps what is printed."""
        self._run, self._closed = run, False
        self._hooked = False  # before the console's thread, which looks at it at once
        self._console: Console | None = Console(run._live(), f"run {run.id}", self._listen) if console else None
        if self._console is not None and not self._console.start():
            self._console = None
        warned.listen(run)
        self._listen()

    def _listen(self) -> None:
        """Take log records as well, as soon as somebody has loaded ``logging``: this doesn't, it takes too long."""
        if not self._hooked and hasattr(sys.modules.get("logging"), "setLogRecordFactory"):
            from runstore.runs import logrecords

            self._hooked = True
            logrecords.hook()

    def close(self) -> None:
        """End it."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._console is not None:
                self._console.stop()
        finally:
            warned.leave(self._run)
            if self._hooked:
                from runstore.runs import logrecords

                logrecords.unhook()
