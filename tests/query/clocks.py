"""A clock that a test sets, for everything that stamps a time, and deaths that it decides."""

from __future__ import annotations

import itertools
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from runstore.disk import lock
from runstore.runs import edits, experiment, hot, models, writer

START = 1_700_000_000_000_000_000
STEP = 1_000_000  # nanoseconds that each action takes


class Clock:
    """Nanoseconds since 1970, moved by the test alone; ``ahead`` is how far the wall clock is set from it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.ahead = START, 0
        self.dead: set[str] = set()
        self._small = itertools.count(1)
        faked = SimpleNamespace(
            time_ns=lambda: self.read() + self.ahead, monotonic_ns=self.read, monotonic=time.monotonic, sleep=time.sleep
        )
        for module in (writer, edits, experiment, models):
            monkeypatch.setattr(module, "time", faked)
        monkeypatch.setattr(hot, "monotonic_ns", self.read)
        monkeypatch.setattr(lock, "verdict", self._verdict)
        monkeypatch.setattr(lock.Liveness, "touch", lambda liveness: self._touch(liveness.path))

    def read(self) -> int:
        """The time; never twice the same within a step."""
        return self.now + next(self._small) % STEP

    def step(self, nanoseconds: int = STEP) -> None:
        """Let time pass."""
        self.now += nanoseconds
        self._small = itertools.count(1)

    def moment(self) -> datetime:
        """The end of this step, as it is asked about."""
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=(self.now + STEP - 1) // 1000)

    def die(self, run: Any) -> None:
        """Let the writer of a run be found dead from now on, after a last heartbeat."""
        path = run.path / f"{run._writer.identity.writer}.lock"
        self._touch(path)
        self.dead.add(path.stem)

    def _verdict(self, identity: Any, path: Path) -> str:
        return "dead" if path.stem in self.dead else "alive"

    def _touch(self, path: Path) -> None:
        if path.stem not in self.dead:
            os.utime(path, ns=(self.now, self.now))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)
