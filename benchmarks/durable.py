"""The floor of whatever must survive the machine: files written and synced by nothing but system calls."""

from __future__ import annotations

import os
import time


def synced(directory: str | os.PathLike[str], size: int) -> float:
    """Milliseconds for the fsync of a file of so many bytes, just written, and of its directory."""
    path = os.path.join(directory, "durable-floor")
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.write(file, bytes(size))
    start = time.perf_counter_ns()
    os.fsync(file)
    _sync_directory(directory)
    taken = time.perf_counter_ns() - start
    os.close(file)
    os.unlink(path)
    return taken / 1e6


def two_files(directory: str | os.PathLike[str]) -> None:
    """Make two small files durable, as a run without points is: what it is, and that it ended."""
    for name in ("durable-floor-1", "durable-floor-2"):
        file = os.open(os.path.join(directory, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.write(file, b'{"run": "one"}\n')
        os.fsync(file)
        os.close(file)
    _sync_directory(directory)


def _sync_directory(directory: str | os.PathLike[str]) -> None:
    entry = os.open(directory, os.O_RDONLY)
    os.fsync(entry)
    os.close(entry)
