"""Signals to a launcher: to end it is to cancel its run, in order."""

from __future__ import annotations

import signal
import time
from types import FrameType

_ASK = 0.05  # seconds between two looks while waiting


class Stop:
    """Whether this process was told to end. The handler only sets what is asked here."""

    def __init__(self) -> None:
        """Not told yet."""
        self.signal: str | None = None

    def install(self) -> None:
        """Listen. That the terminal closes is of no consequence; no process that is started inherits any of it."""
        for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._told)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, _nothing)

    def _told(self, number: int, frame: FrameType | None) -> None:
        self.signal = signal.Signals(number).name

    def __call__(self, seconds: float = 0.0) -> bool:
        """Whether it was told to, waiting for it so long at most."""
        last = time.monotonic() + seconds
        while self.signal is None and (left := last - time.monotonic()) > 0:
            time.sleep(min(left, _ASK))
        return self.signal is not None


def _nothing(number: int, frame: FrameType | None) -> None:
    """Not ``SIG_IGN``: that would be inherited."""
