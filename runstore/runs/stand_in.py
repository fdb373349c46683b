"""What stands in for sys.stdout and sys.stderr while a run keeps what is printed."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Protocol

NAMES = {1: "stdout", 2: "stderr"}


class Keeper(Protocol):
    """Who keeps what is printed."""

    def turn(self, fd: int) -> None:
        """A standard descriptor is about to be written to."""

    def refused(self, problem: OSError) -> bool:
        """It could not be written to; whether trying again may do, as it leads elsewhere now."""

    def keep(self, data: bytes) -> None:
        """Keep what went to a stream that leads elsewhere."""


class _Shielded(io.FileIO):
    """A standard descriptor. Where the run's log can't take what is written, it goes where it went before."""

    def __init__(self, fd: int, keeper: Keeper, terminal: bool) -> None:
        super().__init__(fd, "wb", closefd=False)
        self.name = f"<{NAMES[fd]}>"
        self._fd, self._keeper, self._terminal = fd, keeper, terminal

    def write(self, data: Any, /) -> int:
        self._keeper.turn(self._fd)
        while True:
            try:
                return super().write(data)
            except OSError as problem:
                if not self._keeper.refused(problem):
                    return super().write(data)  # another thread had it lead elsewhere, or nothing takes it at all

    def isatty(self) -> bool:
        return self._terminal  # who asks wants to know who will see it


class Tee:
    """A text stream that leads elsewhere than the descriptor, a notebook's: what it takes is kept as well."""

    def __init__(self, stream: Any, keeper: Keeper) -> None:
        self._stream, self._keeper = stream, keeper

    def write(self, text: str) -> Any:
        """Write to the stream, and to the run's log."""
        taken = self._stream.write(text)
        self._keeper.keep(text.encode("utf-8", "backslashreplace"))
        return taken

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class StandIn:
    """One of the two, put in its place; ``tee`` says of which kind. Nothing where there is no stream."""

    def __init__(self, fd: int, keeper: Keeper) -> None:
        """Look where the stream leads, and stand in for it."""
        self.name = NAMES[fd]
        self.before: Any = getattr(sys, self.name)
        self.now: Any = self.before
        if self.before is not None:
            if not _leads_to(self.before, fd):
                self.now = self.before if isinstance(self.before, Tee) else Tee(self.before, keeper)
            elif type(self.before) is io.TextIOWrapper:
                self.now = _shield(self.before, fd, keeper)
            setattr(sys, self.name, self.now)
        self.tee = isinstance(self.now, Tee)

    def flush(self) -> None:
        """Write out what Python's own streams hold back."""
        own = () if self.tee else (self.before, self.now)  # what goes to a tee is kept at once
        for stream in (*own, getattr(sys, f"__{self.name}__")):
            with suppress(OSError, ValueError, AttributeError):  # closed, or none
                stream.flush()

    def step_back(self) -> None:
        """Give the place back, unless somebody else has taken it meanwhile."""
        if getattr(sys, self.name) is self.now:
            setattr(sys, self.name, self.before)


def _leads_to(stream: Any, fd: int) -> bool:
    try:
        return bool(stream.fileno() == fd)
    except (OSError, ValueError, AttributeError, TypeError):
        return False


def _shield(stream: io.TextIOWrapper, fd: int, keeper: Keeper) -> io.TextIOWrapper:
    """A stream as the given one, but for what happens where the run's log refuses."""
    raw = _Shielded(fd, keeper, stream.isatty())
    text = io.TextIOWrapper(
        raw if isinstance(stream.buffer, io.RawIOBase) else io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors=stream.errors,
        newline=None if os.name == "nt" else "\n",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
    text.mode = "w"  # type: ignore[misc]
    return text
