"""What a sweep's controller has done, as a log of its run: ``[time][COMPONENT][LEVEL]text``, a line for each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from runstore.launch.logs import Logs

if TYPE_CHECKING:
    from runstore.runs.media import MediaRun

STREAM = "azureml-logs/hyperdrive.txt"  # as in the SDK


class Log:
    """The log of one controller, a stream of the sweep's run. Where the disk refuses, the sweep goes on without."""

    def __init__(self, run: MediaRun) -> None:
        """Open in this process."""
        self._logs = Logs(run)

    def __call__(self, component: str, text: str, level: str = "INFO") -> None:
        """Write a line: API, GENERATOR, SCHEDULER or CONTROLLER, and what it did."""
        one_line = " ".join(text.split("\n"))
        self._logs.line(STREAM, f"[{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}][{component}][{level}]{one_line}")

    def close(self) -> None:
        """Leave it."""
        self._logs.settle()
