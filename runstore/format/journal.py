"""Tell what in a journal's bytes can be believed. Pure: bytes in, spans and findings out.

A closed journal has no torn tail: any odd byte is damage. In an unclosed one an incomplete last line or
NULs may be torn (the process or the machine died in mid-write, or is writing just now); complete lines after
the last checking line are there but not verified yet.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from runstore.errors import FormatTooNew
from runstore.format import VERSION, lines


@dataclass(slots=True)
class Span:
    """Bytes [start, end) of whole lines in which ``count`` items begin with number ``first``."""

    start: int
    end: int
    first: int
    count: int
    verified: bool = True


@dataclass(slots=True)
class Finding:
    """Bytes that are not what was written."""

    offset: int
    what: str


@dataclass(slots=True)
class Journal:
    """What a journal's bytes hold. ``spans`` are in order; ``torn`` counts the bytes of an incomplete tail."""

    header: dict[str, Any]
    data: bytes
    spans: list[Span] = field(default_factory=list)
    damage: list[Finding] = field(default_factory=list)
    closed: bool = False
    torn: int = 0

    @property
    def first(self) -> int:
        """The sequence number of the first item."""
        return int(self.header.get("first", 0))

    @property
    def believable(self) -> bool:
        """Whether the header can be believed: nothing is wrong, or a checked range covers it."""
        return not self.damage or any(span.start == 0 and span.verified for span in self.spans)

    @property
    def next(self) -> int:
        """The sequence number after the last item there is."""
        return self.spans[-1].first + self.spans[-1].count if self.spans else self.first

    def items(self) -> Iterator[list[Any]]:
        """Parse every believable data line, in order."""
        for span in self.spans:
            for line in self.data[span.start : span.end].splitlines():
                if line.startswith(b"["):
                    yield orjson.loads(line)


def read(data: bytes, where: str = "journal") -> Journal:
    """Verify a journal. Never raises for damage: what is good is returned, what isn't is listed.

    Raises:
        FormatTooNew: the header names a later format version.
    """
    found = Journal(_header(data, where), data)
    if not found.header:
        if data.strip(b"\0"):
            complete = b"\n" in data
            if complete:
                found.damage.append(Finding(0, "the header line is damaged"))
            found.torn = 0 if complete else len(data)
        return found
    if _closed(found):
        return found
    end, number = _ranges(found)
    if not found.closed:
        _tail(found, end, number)
    elif end != len(data):
        found.damage.append(Finding(end, "bytes after the closing line"))
    return found


def read_all(data: bytes, where: str = "journal") -> list[Journal]:
    """Verify a file of several closed journals one after another (merged facts), or of one."""
    parts, start = [], 0
    while True:
        stop = data.find(b'\n{"runstore":', start)
        parts.append(read(data[start : stop + 1] if stop >= 0 else data[start:] if start else data, where))
        if stop < 0:
            return parts
        start = stop + 1


def damaged_deletion(data: bytes) -> int:
    """The time at which unverified bytes of facts seem to delete a run: 1 where it is lost, 0 where none.

    Such bytes are no answer, but a reason to withhold: a flipped bit must not bring a deleted run back.
    """
    newest = 0
    for line in data.split(b"\n"):
        at = line.find(_DELETED)
        start = line[at : at + len(_DELETED)] if at >= 0 else line[: len(_DELETED)]
        changed = len(_DELETED) - sum(map(int.__eq__, start, _DELETED))
        if changed > 1 or (changed and _DELETES not in line) or _RESTORES in line[max(at, 0) :]:
            continue
        time = line[max(at, 0) + len(_DELETED) :].partition(b",")[0]
        newest = max(newest, int(time) if time.isdigit() and len(time) < 20 else 1)
    return newest


_DELETED, _DELETES, _RESTORES = b'["deleted",', b'{"deleted":true', b'{"deleted":false'


def _header(data: bytes, where: str) -> dict[str, Any]:
    line = data[: data.find(b"\n") + 1]
    if not line.startswith(b'{"runstore":'):
        return {}
    try:
        header: dict[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    if isinstance(header["runstore"], int) and header["runstore"] > VERSION:
        raise FormatTooNew(f"{where}: format {header['runstore']}, this runstore reads up to {VERSION}; upgrade it")
    return header if all(type(header.get(name)) is kind for name, kind in _HEADER.items()) else {}


_HEADER = {"runstore": int, "journal": str, "columns": list, "run": str, "experiment": str} | {
    "writer": str, "attempt": int, "number": int, "first": int
}  # fmt: skip


def _closed(found: Journal) -> bool:
    """The common case in one pass: a closing line that covers everything.

    NULs may follow it: the writer is about to cut its allocation off, or died before it could.
    """
    data = found.data
    end = _before_nuls(data)
    at = data.rfind(b"\n", 0, max(end - 1, 0)) + 1
    fields = _closes(data, at, end) if data.endswith(b"\n", 0, end) else None
    if fields is None:
        return False
    found.torn = len(data) - end
    first, count = fields[2:]
    found.closed = True
    found.spans.append(Span(0, at, first, count))
    return True


def _closes(data: bytes, at: int, end: int) -> list[int] | None:
    """The numbers of the closing line [at, end), whatever its very last byte is; None where it isn't the right one."""
    fields = _fields(data[at : end - 1]) if data.startswith(lines.END, at) else None
    if fields is None or fields[:2] != [0, at]:
        return None
    right = lines.checksum(lines.END, 0, at, fields[2], fields[3], _crc(data, 0, at))
    return fields if right[:-1] == data[at : end - 1] else None


def _crc(data: bytes, start: int, end: int) -> int:
    return zlib.crc32(memoryview(data)[start:end])  # a copy would cost more than the sum


def _before_nuls(data: bytes) -> int:
    """How many bytes there are before the NULs at the end."""
    end = len(data)
    while end and data.endswith(_ZEROS, 0, end):
        end -= len(_ZEROS)
    start = max(end - len(_ZEROS), 0)
    return start + len(data[start:end].rstrip(b"\0"))


_ZEROS = bytes(1 << 12)


def _fields(line: bytes) -> list[int] | None:
    try:
        (numbers,) = orjson.loads(line).values()
        fields = [int(n) for n in numbers[:4]]
    except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError):
        return None
    return fields if len(fields) == 4 else None


def _ranges(found: Journal) -> tuple[int, int]:
    """Walk the checking lines; give where the uncovered rest begins, and its first sequence number."""
    whole = _chain(found)
    if whole is not None:
        return whole
    data, covered, number = found.data, 0, found.first
    at = _checking(data, 0)
    while at >= 0 and not found.closed:
        stop = data.find(b"\n", at) + 1
        fields = _fields(data[at:stop])
        if not stop:
            break  # an incomplete last line
        if fields is None or fields[1] != at or fields[0] > at:
            found.damage.append(Finding(at, "a checking line that can't be read"))
        else:
            number = _range(found, at, stop, covered, fields)
            covered = stop if found.closed else at
        at = _checking(data, stop)
    return covered, number


def _chain(found: Journal) -> tuple[int, int] | None:
    """The common case without looking at each line: from the last ``sum`` back, each range begins with the one before.

    None, and nothing is noted, where one is not as it should be.
    """
    data, spans = found.data, list[Span]()
    last = at = data.rfind(b"\n" + lines.SUM) + 1
    while at:
        stop = data.find(b"\n", at) + 1
        fields = _fields(data[at:stop]) if data.startswith(lines.SUM, at) else None
        if fields is None or fields[1] != at or not 0 <= fields[0] < at:
            return None
        start, _, first, count = fields
        if lines.checksum(lines.SUM, start, at, first, count, _crc(data, start, at)) != data[at:stop]:
            return None
        if spans and first + count != spans[-1].first:
            return None
        spans.append(Span(start, at, first, count))
        at = start
    if not spans or _closing(data, last):
        return None
    found.spans.extend(reversed(spans))
    return last, spans[0].first + spans[0].count


def _closing(data: bytes, start: int) -> bool:
    """Whether anything like a checking line follows the one at ``start``."""
    return _checking(data, data.find(b"\n", start) + 1) >= 0


def _range(found: Journal, at: int, stop: int, covered: int, fields: list[int]) -> int:
    """Judge one checking line and the range it names; give the sequence number after it."""
    data = found.data
    start, _, first, count = fields
    kind = lines.SUM if data.startswith(lines.SUM, at) else lines.END
    good = lines.checksum(kind, start, at, first, count, _crc(data, start, at)) == data[at:stop]
    if kind is lines.END:
        found.closed = True
        if not good:
            found.damage.append(Finding(at, "the closing line does not match the bytes before it"))
        return first + count
    if start != covered:
        found.damage.append(Finding(covered, f"bytes {covered} to {start} are in no checked range"))
    if good:
        found.spans.append(Span(start, at, first, count))
    else:
        found.damage.append(Finding(start, f"checksum of bytes {start} to {at} does not match"))
    return first + count


def _checking(data: bytes, start: int) -> int:
    """The offset of the next line that begins like a checking line, from the line start ``start`` on."""
    if data.startswith((lines.SUM, lines.END), start):
        return start
    at = data.find(b'\n{"', max(start - 1, 0))
    while at >= 0 and not data.startswith((lines.SUM, lines.END), at + 1):
        at = data.find(b'\n{"', at + 1)
    return at + 1 if at >= 0 else -1


def _tail(found: Journal, start: int, number: int) -> None:
    """Judge what follows the last covered byte: its checking line, then lines not verified yet, then torn bytes."""
    data = found.data
    nul = data.find(b"\0", start)
    stop = nul if nul >= 0 else len(data)
    whole = data.rfind(b"\n", start, stop) + 1 or start
    found.torn = stop - whole
    rest = data[start:whole]
    ends = (stop, stop + 1) if nul in (-1, len(data) - 1) else (stop,)  # another byte there, or a NUL, or none
    if found.torn and any(_closes(data, whole, end) for end in ends):
        found.damage.append(Finding(stop, "the closing line's last byte"))
    if nul >= 0 and _before_nuls(data) > nul:
        found.damage.append(Finding(nul, "NUL bytes with data after them"))
    count, at = 0, start
    for line in rest.splitlines(keepends=True):
        if line.startswith(b"["):
            try:
                orjson.loads(line)
                count += lines.count(line)
            except (orjson.JSONDecodeError, LookupError, TypeError):
                found.damage.append(Finding(at, "a line that is no JSON of its kind"))
                break
        elif not (at == start and (line.startswith(lines.SUM) or start == 0)):
            found.damage.append(Finding(at, "a line of no known kind"))
            break
        at += len(line)
    if count:
        found.spans.append(Span(start, at, number, count, verified=False))
