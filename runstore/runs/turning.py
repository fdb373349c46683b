"""Whether somebody asks a run's writers to begin their next journals: a file ``rotate`` in the run's directory says so.

What is in a journal that was left can be sealed and sent while the run goes on. Nobody answers: who asked sees it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from runstore.disk import files
from runstore.format import names


class Turning(Protocol):
    """What is needed of a stream."""

    def turn(self) -> bool:
        """Begin the next journal; False where that has to be tried again."""


class Requests:
    """What one writer is asked. A request that was there before the writer is none of its business."""

    def __init__(self, directory: Path) -> None:
        """Take note of what is there."""
        self._path = os.fspath(directory / names.ROTATE)
        self._seen = files.stamp(self._path)
        self._left: list[Turning] = []

    def answer(self, streams: Iterable[Turning]) -> None:
        """Do what is asked since the last look; what can't be done now is tried again while it is asked for."""
        found = files.stamp(self._path)
        if found != self._seen:
            self._seen, self._left = found, list(streams) if found else []
        if self._left:
            self._left = [stream for stream in self._left if not stream.turn()]
