"""A disk that refuses what a test names, through the one seam for file calls."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from runstore.disk import files

CALLS = ("create", "write", "read_at", "allocate", "mapping", "sync", "truncate", "unlink", "close", "sync_dir", "size")


class Disk:
    """Passes every call on until told to refuse it. ``made`` counts the calls of each kind."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made = dict.fromkeys(CALLS, 0)
        self._acts: dict[str, Callable[..., Any]] = {}
        for name in CALLS:
            monkeypatch.setattr(files, name, self._wrap(name, getattr(files, name)))

    def _wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            self.made[name] += 1
            act = self._acts.get(name)
            return act(real, *args, **named) if act else real(*args, **named)

        return call

    def refuse(self, code: int, *calls: str, times: int = 1 << 62, after: int = 0) -> None:
        """These calls raise ``OSError(code)``: so many times, from the one after the next ``after`` on."""
        for name in calls:
            self._acts[name] = self._refusal(name, code, times, after)

    def _refusal(self, name: str, code: int, times: int, after: int) -> Callable[..., Any]:
        seen = 0

        def act(real: Callable[..., Any], *args: Any, **named: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen <= after or seen > after + times:
                return real(*args, **named)
            raise OSError(code, os.strerror(code))

        return act

    def act(self, name: str, what: Callable[..., Any]) -> None:
        """``what(real, *arguments)`` stands in for a call."""
        self._acts[name] = what

    def take_part(self, code: int, keep: Callable[[int], int] = lambda size: size // 2) -> None:
        """Every write takes a part of the bytes, and the next one raises, as on a disk that gets full."""
        part_taken = False

        def act(real: Callable[..., Any], fd: int, data: bytes) -> int:
            nonlocal part_taken
            part_taken = not part_taken
            if part_taken:
                return int(real(fd, bytes(data)[: keep(len(data))]))
            raise OSError(code, os.strerror(code))

        self.act("write", act)

    def heal(self, *calls: str) -> None:
        """The fault is over."""
        for name in calls or CALLS:
            self._acts.pop(name, None)
