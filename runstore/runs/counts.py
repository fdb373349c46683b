"""How many warnings and errors a writer has seen: told rarely, and at the end exactly."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from runstore.errors import RunstoreError

PAUSE = 3.0  # seconds between two tellings
WARNING, ERROR = 30, 40  # levels of Python's logging


class Counts:
    """The counts of one writer."""

    def __init__(self, record: Callable[[str, Any], None]) -> None:
        """Nothing has been seen.

        Args:
            record: appends a fact.
        """
        self.warnings = self.errors = 0
        self._record = record
        self._told, self._told_at = (0, 0), 0.0

    def add(self, level: int) -> None:
        """Count a record of a level of Python's logging; the first is told at once."""
        if level < WARNING:
            return
        if level >= ERROR:
            self.errors += 1
        else:
            self.warnings += 1
        self.tell()

    def tell(self, now: bool = False) -> None:
        """Record the counts where they have changed, and the last time was not just before or it must be ``now``."""
        counts, moment = (self.warnings, self.errors), time.monotonic()
        if counts == self._told or not (now or moment - self._told_at >= PAUSE or self._told == (0, 0)):
            return
        self._told, self._told_at = counts, moment
        with suppress(RunstoreError):  # the writer has ended
            self._record("counted", {"warnings": counts[0], "errors": counts[1]})
