"""Large files on their way out: each is written, and verified, once for all who ask for parts of it."""

from __future__ import annotations

import functools
import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Protocol

KEPT = 1 << 30
"""Bytes of copies that nobody reads at the moment; the one used last is kept whatever its size."""


class Savable(Protocol):
    """A file that can be written elsewhere."""

    @property
    def sha256(self) -> str | None:
        """Of its bytes; None where they may be others tomorrow."""
        ...

    def save(self, path: Path) -> object:
        """Write it to a file, verified."""
        ...


@dataclass(slots=True)
class _Copy:
    path: Path
    users: int = 0
    size: int = -1  # before it is written
    writing: Lock = field(default_factory=Lock)


class Copies:
    """The copies in one directory. Safe for any number of threads."""

    def __init__(self, directory: Path, kept: int = KEPT) -> None:
        """Nothing is copied yet."""
        self._directory, self._kept = directory, kept
        self._lock = Lock()
        self._there: dict[str, _Copy] = {}  # the one used last at the end

    def take(self, content: Savable) -> tuple[Path, Callable[[], None]]:
        """Where a file's bytes lie now, until the function given with it is called.

        Raises:
            RunstoreError: what ``save`` raises.
        """
        key = content.sha256 or secrets.token_hex(16)
        with self._lock:
            copy = self._there.pop(key, None) or _Copy(Path(tempfile.mkdtemp(dir=self._directory), "content"))
            self._there[key] = copy
            copy.users += 1
        try:
            with copy.writing:
                if copy.size < 0:
                    content.save(copy.path)
                    copy.size = copy.path.stat().st_size
        except BaseException:
            self._leave(key, False)
            raise
        return copy.path, functools.partial(self._leave, key, content.sha256 is not None)

    def _leave(self, key: str, again: bool) -> None:
        """``again``: somebody may ask for it once more."""
        with self._lock:
            self._there[key].users -= 1
            left = {one: copy for one, copy in self._there.items() if not copy.users}
            gone = [key] if key in left and not again else []
            too_many = sum(copy.size for copy in left.values()) - self._kept
            for one, copy in [*left.items()][:-1]:
                if too_many > 0 and one not in gone:
                    gone.append(one)
                    too_many -= copy.size
            for one in gone:
                shutil.rmtree(self._there.pop(one).path.parent, ignore_errors=True)
