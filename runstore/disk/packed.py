"""Where the content of every closed pack of a workspace lies: sorted lines in files named by their own hash.

``blobs/index-<24 hex>.txt``: lines of one width, ``sha256 run-directory writer number offset size``, sorted. They are
derived: any of them may be deleted at any time, and what one of them says is a hint that its reader verifies.
"""

from __future__ import annotations

import functools
import hashlib
import heapq
import io
import os
import re
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from runstore.disk import files, lock
from runstore.format import names

MOST = 8  # index files
_TIER = 2  # a file is merged with those that are at most so many times as large
_FRESH_SECONDS = 2.0  # between two looks for new index files
_PIECE = 1 << 20
_WIDTH = 64 + 19 + 16 + 3 * 8 + 6


class Spot(NamedTuple):
    """Where content lies. ``run_dir`` is relative to ``runs/``; ``offset`` that of its first byte, in bytes."""

    sha256: str
    run_dir: str
    writer: str
    number: int
    offset: int
    size: int

    @property
    def path(self) -> str:
        """The pack, relative to the workspace."""
        return f"{names.RUNS}/{self.run_dir}/{names.pack(self.writer, self.number)}"


@functools.cache
def _pattern() -> re.Pattern[bytes]:
    return re.compile(rb"([0-9a-f]{64}) ([0-9a-f]{2}/[0-9a-f]{16}) ([0-9a-f]{16}) (\d{8}) (\d{8}) (\d{8})\n")


def line(spot: Spot) -> bytes:
    """The line of an index that says this."""
    sha256, run_dir, writer, *numbers = spot
    return f"{sha256} {run_dir} {writer} {' '.join(f'{number:08d}' for number in numbers)}\n".encode()


def parse(data: bytes) -> Spot | None:
    """What a line says; None where it is no such line."""
    match = _pattern().fullmatch(data)
    if match is None:
        return None
    sha256, run_dir, writer = (match[group].decode() for group in (1, 2, 3))
    return Spot(sha256, run_dir, writer, int(match[4]), int(match[5]), int(match[6]))


# ---- reading


class _Open:
    """An open file, closed when nobody looks into it any more."""

    def __init__(self, path: Path) -> None:
        self.fd = files.descriptor(path)

    def __del__(self) -> None:
        if hasattr(self, "fd"):
            os.close(self.fd)


class Index:
    """The index files of a workspace, as of a moment ago. Threads may share it; it takes no memory to speak of."""

    def __init__(self, workspace: Path) -> None:
        """Nothing is opened yet."""
        self._directory = workspace / names.BLOBS
        self._files: dict[str, _Open] = {}
        self._looked = 0.0
        self._looking = threading.Lock()

    def find(self, sha256: str) -> Iterator[Spot]:
        """Where content may lie; verify it there."""
        self._look()
        for file in list(self._files.values()):
            with suppress(OSError, ValueError):  # damaged: no hint
                spot = _search(file.fd, sha256)
                if spot is not None:
                    yield spot

    def _look(self) -> None:
        now = time.monotonic()
        if self._looked and now - self._looked < _FRESH_SECONDS:
            return
        with self._looking:
            self._looked = now
            there = set(_listed(self._directory))
            for name in self._files.keys() - there:
                del self._files[name]
            for name in there - self._files.keys():
                with suppress(OSError):
                    self._files[name] = _Open(self._directory / name)


def _search(fd: int, sha256: str) -> Spot | None:
    """Look a hash up among sorted lines. Hashes are spread evenly, so a few guesses by proportion are enough."""
    low, high, wanted = 0, files.size(fd) // _WIDTH, sha256.encode()
    least, most, guesses = 0, 1 << 64, 0
    number = int(sha256[:16], 16)
    while low < high:
        middle = (low + high) // 2
        if guesses < 8 and most > least:  # else by halves: somebody's hashes are not spread
            middle = min(max(low + (high - low) * (number - least) // (most - least), low), high - 1)
        guesses += 1
        data = files.read_at(fd, middle * _WIDTH, (middle + 1) * _WIDTH)
        if data[:64] == wanted:
            return parse(data)
        here = int(data[:16], 16)
        if data[:64] < wanted:
            low, least = middle + 1, here
        else:
            high, most = middle, here
    return None


def _listed(directory: Path) -> list[str]:
    return [name for name in files.names_in(directory) if names.is_index(name)]


# ---- writing


def add(workspace: Path, spots: Iterable[Spot]) -> bool:
    """Add to the index what it does not hold, and merge small files; False where there was nothing to add.

    Raises:
        Busy: another process is at it, and stays at it.
        OSError: the file system refuses.
    """
    directory, index = workspace / names.BLOBS, Index(workspace)
    with lock.exclusive(workspace / names.LOCKS / "index.lock", timeout=60):
        lines = sorted(line(spot) for spot in spots if next(index.find(spot.sha256), None) is None)
        if lines:
            files.make_dirs(directory)
            _merge(directory, _publish(directory, lines))
    return bool(lines)


def rebuild(workspace: Path, spots: Iterable[Spot]) -> None:
    """Put one index of exactly this in place of what there is.

    Raises:
        OSError: the file system refuses.
    """
    directory = workspace / names.BLOBS
    files.make_dirs(directory)
    with lock.exclusive(workspace / names.LOCKS / "index.lock"):
        before = _listed(directory)
        lines = sorted({spot.sha256: line(spot) for spot in spots}.values())
        kept = _publish(directory, lines).name if lines else ""
        for name in before:
            if name != kept:
                files.unlink(directory / name)


def _merge(directory: Path, new: Path) -> None:
    """Merge a new file with those of about its size, and more of them where there are too many."""
    others = sorted((os.stat(directory / name).st_size, name) for name in _listed(directory) if name != new.name)
    chosen, total, left = [new.name], os.stat(new).st_size, len(others) + 1
    for size, name in others:
        if size > _TIER * total and left <= MOST:
            break
        chosen.append(name)
        total += size
        left -= 1
    if len(chosen) == 1:
        return
    merged = _publish(directory, _distinct(heapq.merge(*(_lines(directory / name) for name in chosen))))
    for name in chosen:
        if name != merged.name:
            files.unlink(directory / name)


def _lines(path: Path) -> Iterator[bytes]:
    with io.BufferedReader(files.opened(path)) as file:
        while data := file.read(_WIDTH):
            if _pattern().fullmatch(data):
                yield data


def _distinct(lines: Iterable[bytes]) -> Iterator[bytes]:
    last = b""
    for one in lines:
        if one[:64] != last:
            yield one
            last = one[:64]


def _publish(directory: Path, lines: Iterable[bytes]) -> Path:
    """Write an index file, however large, under the name that its hash gives it."""
    temporary = directory / names.temporary("index", os.urandom(8).hex())
    digest, fd = hashlib.sha256(), files.create(temporary)
    try:
        try:
            for piece in _pieces(lines):
                digest.update(piece)
                files.write_all(fd, piece)
            files.sync(fd)
        finally:
            files.close(fd)
        final = directory / names.index(digest.hexdigest())
        with suppress(FileExistsError):
            files.reveal(temporary, final)
    finally:
        files.unlink(temporary)
    return final


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    gathered: list[bytes] = []
    for one in lines:
        gathered.append(one)
        if len(gathered) * _WIDTH >= _PIECE:
            yield b"".join(gathered)
            gathered.clear()
    yield b"".join(gathered)
