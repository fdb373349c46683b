"""What is logged as a file: its artifact's name, which nothing else has, and what becomes of it on a full disk."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, NamedTuple

from runstore.errors import InvalidValue, StoreError

READ = 4 << 20  # bytes: smaller files are read at once and go to the pack, so that no training waits for the disk


class Found(NamedTuple):
    """Something to store.

    ``media_type``: None where its first bytes are to tell. ``extension``: of an artifact that gets its name from the
    metric's; None: it is called exactly so. ``artifact``: the name of one that has a name already.
    """

    source: bytes | str | os.PathLike[str]
    media_type: str | None
    extension: str | None = None
    artifact: str = ""


def at_path(path: str | os.PathLike[str]) -> Found:
    """A file, called what its path says.

    Raises:
        StoreError: it can't be read.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(READ)
    except OSError as problem:
        raise StoreError(f"{path}: can't be read ({problem.strerror}); check the path") from None
    called = PurePath(path)
    name = safe(called.name if called.is_absolute() else str(called))
    return Found(data if len(data) < READ else path, None, artifact=name)


def text(content: object, media_type: str, extension: str) -> Found:
    """Text, stored as UTF-8.

    Raises:
        InvalidValue: no text.
    """
    if not isinstance(content, str):
        raise InvalidValue(f"{media_type} takes text, not a {type(content).__name__}")
    return Found(content.encode("utf-8", "backslashreplace"), media_type, extension)


def is_path(given: object) -> bool:
    """Whether it names a file."""
    return isinstance(given, str | os.PathLike)


def safe(name: str) -> str:
    """A name as a relative path that leads nowhere else: without empty parts, drives, ``.`` and ``..``."""
    parts = [part for part in re.split(r"[/\\]", name) if not re.fullmatch(r"\.{0,2}|[A-Za-z]:", part)]
    return "/".join(parts) or "unnamed"


class Names:
    """Gives artifacts names that no other value in the run has."""

    def __init__(self, taken: Callable[[str], bool], files: set[str], mark: str) -> None:
        """Begin.

        Args:
            taken: whether the run has an artifact of this name.
            files: the names of artifacts that have been values of metrics, as far as they came from files.
            mark: tells processes apart that may log under the same name at the same moment.
        """
        self._taken, self._files, self._mark = taken, files, mark
        self._numbers: dict[str, int] = {}

    def give(self, name: str, found: Found, seconds: int) -> str:
        """``<name>_<unix seconds><extension>``, the file's own name, or exactly the metric's; else with a number.

        A file may have been uploaded under its own name before it is logged.

        Args:
            name: the metric's.
            found: what is to be stored.
            seconds: the time, since 1970.
        """
        if found.artifact:
            stem, extension = os.path.splitext(found.artifact)
        elif found.extension is not None:
            stem, extension = f"{safe(name)}_{seconds}", found.extension
        else:
            stem, extension = safe(name), ""
        first = f"{stem}{self._mark}{extension}"
        number = self._numbers.get(first, 0)
        called = first
        while number or (first in self._files if found.artifact else self._taken(first)):
            number += 1
            called = f"{stem}{self._mark}_{number}{extension}"
            if not self._taken(called):
                self._numbers[first] = number
                break
        if found.artifact:
            self._files.add(called)
        return called


def mark(rank: Any, forked: bool, writer: str) -> str:
    """What tells a process apart in the names it gives; empty for the one that most runs have."""
    if forked:
        return f"_{writer[:8]}"
    return f"_rank{rank}" if rank else ""
