"""What a sweep's controller has done, as a log of its run: ``[time][COMPONENT][LEVEL]text``, a line for each."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from runstore.runs import logfile

if TYPE_CHECKING:
    from runstore.runs.writer import Writer

STREAM = "azureml-logs/hyperdrive.txt"  # as in the SDK


class Log:
    """The log of one controller."""

    def __init__(self, writer: Writer) -> None:
        """Open it, as a stream of the sweep's run. Where the disk refuses, the sweep goes on without."""
        self._file: logfile.LogFile | None = None
        with self._excused():
            self._file = logfile.opened(writer, STREAM)

    def __call__(self, component: str, text: str, level: str = "INFO") -> None:
        """Write a line: API, GENERATOR, SCHEDULER or CONTROLLER, and what it did."""
        if self._file is not None:
            line = f"[{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}][{component}][{level}]{_one_line(text)}\n"
            with self._excused():
                self._file.write(line.encode("utf-8", "backslashreplace"))
                while self._file.advance():
                    pass
                self._file.mark()

    def close(self) -> None:
        """Leave it."""
        if self._file is not None:
            with self._excused():
                self._file.settle()

    def _excused(self) -> suppress:
        return suppress(OSError)


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))
