"""The signal handler that a run may ask for: it leaves an end file that says so, then does what was done before."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from runstore.disk import files
from runstore.format import documents, names
from runstore.runs.writer import Writer

FAILED = "Failed"


class Open(Protocol):
    """What is needed of a run. ``path`` is its directory."""

    _writer: Writer | None

    @property
    def path(self) -> Path:
        """The run's directory."""
        ...


def install(run: Open, signals: tuple[signal.Signals, ...]) -> None:
    """Handle these signals (default SIGTERM) for a run. Call from the main thread."""
    for number in signals or (signal.SIGTERM,):
        signal.signal(number, partial(_handle, run, signal.getsignal(number)))


def _handle(run: Open, before: Any, number: int, frame: Any) -> None:
    """Take no lock, write one small file."""
    writer = run._writer
    if writer is not None and writer.identity.opener:
        body = {"status": FAILED, "error": signal.Signals(number).name, "time": writer.stream.hot.now()}
        with suppress(OSError):
            fd = files.create(run.path / names.end(writer.identity.attempt))
            files.write_all(fd, documents.render(body))
            files.close(fd)
    if callable(before):
        before(number, frame)
    elif before != signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
