"""How far a points journal has got, from its last few kilobytes: listing never decodes points."""

from __future__ import annotations

import os
from pathlib import Path

import orjson

from runstore.disk import files
from runstore.errors import FormatTooNew
from runstore.format import journal, lines

_TAIL = 1 << 16


def next_number(path: Path) -> int:
    """The sequence number after the last whole line of a journal; 0 where nothing can be told.

    Counts, never verifies: what the lines say is judged when they are read.
    """
    try:
        fd = files.descriptor(path)
    except OSError:
        return 0
    try:
        end = _content(fd, os.fstat(fd).st_size)
        start = max(end - _TAIL, 0)
        number = _from_tail(files.read_at(fd, start, end), start)
        if number is None:
            number = _from_all(files.read_at(fd, 0, end)) if start or not end else 0
        return number
    except (OSError, ValueError):
        return 0
    finally:
        os.close(fd)


def _content(fd: int, size: int) -> int:
    """Where a journal's bytes end: a pre-allocated one goes on with NULs."""
    if not size or files.read_at(fd, size - 1, size) != b"\0":
        return size
    low, high = 0, size - 1
    while low < high:
        middle = (low + high) // 2
        if files.read_at(fd, middle, middle + 1) == b"\0":
            high = middle
        else:
            low = middle + 1
    return low


def _from_tail(data: bytes, start: int) -> int | None:
    """Count on from the last checking line, or from the header; None where the bytes hold neither whole.

    Where they don't start with the file, what they begin with may look like a header and be half a row.
    """
    data = data[: data.rfind(b"\n") + 1]  # a checking line may be torn too
    at = max(data.rfind(b"\n" + lines.SUM), data.rfind(b"\n" + lines.END)) + 1
    stop = data.find(b"\n", at) + 1
    if not stop or (start and not at) or not data.startswith(b"{", at):
        return None
    head = orjson.loads(data[at:stop])
    numbers = head.get("sum") or head.get("end")
    first = int(numbers[2]) + int(numbers[3]) if numbers else int(head["first"])
    return first + sum(map(lines.count, data[stop:].splitlines()))


def _from_all(data: bytes) -> int:
    try:
        return journal.read(data).next
    except FormatTooNew:
        return 0
