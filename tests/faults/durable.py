"""A disk that forgets: what it holds after a power cut is what fsync has confirmed, and a failed fsync loses pages.

It stands behind the file seam of this very process. After a failed fsync the bytes that were not durable are gone for
good, whatever a later fsync of the same file says; the process goes on seeing them in its page cache.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from runstore.disk import files


class Disk:
    """What of the files made since is durable."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails: Callable[[], bool]) -> None:
        """From now on every fsync asks ``fails`` whether it fails."""
        self._fails = fails
        self._safe: dict[Path, bytes] = {}  # what is on the disk, NULs for what it lost
        self._lost: dict[Path, list[tuple[int, int]]] = {}
        self._names: set[Path] = set()  # whose directory entries are durable
        self._sync, self._create = files.sync, files.create
        monkeypatch.setattr(files, "sync", self._synced)
        monkeypatch.setattr(files, "create", self._created)
        monkeypatch.setattr(files, "sync_dir", self._synced_dir)

    def _created(self, path: Path, append: bool = False) -> int:
        fd = self._create(path, append)
        self._safe[Path(path)] = b""
        return fd

    def _synced(self, fd: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{fd}"))
        before, now = self._safe[path], bytearray(files.read(path))
        for start, end in self._lost.get(path, ()):
            now[start:end] = bytes(end - start)
        if self._fails():
            pairs = enumerate(zip(before, now, strict=False))
            start = next((at for at, (old, new) in pairs if old != new), len(before))
            self._lost.setdefault(path, []).append((start, len(now)))
            raise OSError(5, "Input/output error")
        self._safe[path] = bytes(now)

    def _synced_dir(self, directory: Path) -> None:
        self._names |= {path for path in self._safe if path.parent == Path(directory)}

    def cut(self) -> None:
        """The power is cut: the files become what is durable of them."""
        for path, data in self._safe.items():
            if path in self._names and path.exists():
                path.write_bytes(data)
            else:
                path.unlink(missing_ok=True)
