"""A run in a forked child: its parent's files are let go, and a writer of its own is opened when it logs.

What holds for ``log()`` holds here too: a machine that can't give the child its files (no descriptors, no space) never
raises out of it. Points are counted exactly, and it is tried again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import RLock
from typing import Any

from runstore.errors import NotWritable
from runstore.runs.faults import Faults
from runstore.runs.side import THINGS
from runstore.runs.writer import Writer

RETRY = 0.05  # seconds between two tries to open the writer


class Forked:
    """Stands in for the writer of a forked child until there is one."""

    def __init__(self, label: str, where: Path, open_writer: Callable[[], Writer], doubt: Callable[[], None]) -> None:
        """Nothing is opened yet.

        Args:
            label: whose run it is, in messages.
            where: the run's directory.
            open_writer: opens the child's writer; raises OSError where the machine refuses.
            doubt: called when points are lost, so that the process's end tells how many.
        """
        self.faults = Faults(label)
        self._where, self._open, self._doubt = where, open_writer, doubt
        self._writer: Writer | None = None
        self._records_lost = 0
        self._opening = RLock()  # the child's threads open one writer

    def log(self, *args: Any, **named: Any) -> None:
        """What ``Run.log`` is until the writer is open."""
        writer = self._joined()
        if writer is not None:
            writer.stream.hot.log(*args, **named)
        else:
            name = args[0] if args else named.get("name")
            self.lose(len(name) if isinstance(name, Mapping) else 1)

    def put_point(self, line: bytes, count: int) -> None:
        """Take a line that came through the parent's closures."""
        writer = self._joined()
        if writer is not None:
            writer.stream.hot.put(line, count)
        else:
            self.lose(count)

    def put_fact(self, line: bytes, count: int) -> None:
        """Take a fact that came through the parent's closures."""
        self.writer().facts.hot.put(line, count)

    def put_record(self, line: bytes, count: int) -> None:
        """Take a log record or system metric that came through the parent's closures."""
        writer = self._joined()
        if writer is not None:
            writer.side().stream.hot.put(line, count)
        else:
            self._records_lost += count
            self._doubt()

    def writer(self) -> Writer:
        """The child's writer, opened where it isn't.

        Raises:
            NotWritable: the machine refuses it for now.
        """
        writer = self._joined()
        if writer is None:
            raise NotWritable(f"{self._where}: a forked child can't log there ({self.faults.reason}); mend that first")
        return writer

    def lose(self, count: int) -> None:
        """Count what could not be kept."""
        self.faults.dropped += count
        self._doubt()

    def give_up(self) -> None:
        """The child ends and never got a writer: say what that cost."""
        for lost, things in ((self.faults.dropped, "points"), (self._records_lost, THINGS)):
            if lost:
                self.faults.say(f"{lost:,} {things} of a forked child could not be kept")

    def _joined(self) -> Writer | None:
        with self._opening:
            if self._writer is None and time.monotonic() >= self.faults.retry_at:
                try:
                    self._writer = self._open()
                except OSError as problem:
                    self.faults.retry_at = time.monotonic() + RETRY
                    self.faults.refuse(problem, self._where)
                else:
                    self._writer.stream.faults.dropped += self.faults.dropped
                    self._writer.side().stream.faults.dropped += self._records_lost
            return self._writer
