"""What a block's own files look like: the entries of its runs, and the index that finds one of them. Pure.

The index is sorted pages of 4,096 bytes, each with its own checksum, so that a run is found by reading a few of them.
"""

from __future__ import annotations

import bisect
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from runstore.errors import Damaged
from runstore.format import documents

PAGE = 4096
_RECORD = struct.Struct(">9sQI")  # the run's key; offset and length of its entry
_CHECK = struct.Struct(">I")
_EACH = (PAGE - _CHECK.size) // _RECORD.size
_KEY = 9
_NONE = b"\xff" * _RECORD.size


class Where(NamedTuple):
    """Bytes [offset, offset + length) of the members file."""

    offset: int
    length: int


class Member(NamedTuple):
    """One file of a run, as it is kept: ``stored`` bytes from ``offset`` on; ``size`` and ``crc32`` are the file's.

    ``modified``: when it was, in nanoseconds, of raw logs: the time of lines that no mark tells of.
    """

    offset: int
    stored: int
    size: int
    crc32: int
    deflated: bool
    modified: int = 0

    def content(self, stored: bytes, where: str) -> bytes:
        """The file's bytes, given those that are stored.

        Raises:
            Damaged: they are not the file's.
        """
        try:
            data = zlib.decompress(stored) if self.deflated else stored
        except zlib.error:
            data = b""
        if len(data) != self.size or zlib.crc32(data) != self.crc32:
            raise Damaged(f"{where}: checksum does not match; restore the block from a copy")
        return data


@dataclass(slots=True)
class Entry:
    """What a block holds of one run.

    ``files``: its small files. ``segments``: of each segment that its seal record names, the block's file in which the
    rows lie now, by the segment's own name.
    """

    run_id: str
    experiment: str
    files: dict[str, Member] = field(default_factory=dict)
    segments: dict[str, str] = field(default_factory=dict)

    def render(self) -> bytes:
        """Give the entry as a document."""
        kept = {name: list(member if member.modified else member[:-1]) for name, member in self.files.items()}
        return documents.render(
            {"run": self.run_id, "experiment": self.experiment, "files": kept, "segments": self.segments}
        )


def entry(data: bytes, where: str) -> Entry:
    """Read an entry.

    Raises:
        Damaged: any byte is not as it was written.
    """
    body: dict[str, Any] = documents.parse(data, where)
    kept = {name: Member(*numbers) for name, numbers in body["files"].items()}
    return Entry(body["run"], body["experiment"], kept, body["segments"])


def pack(data: bytes, offset: int, deflate: bool) -> tuple[Member, bytes]:
    """How a file is kept at an offset, and the bytes to store: deflated where that is wanted and saves a tenth."""
    stored = zlib.compress(data, 6) if deflate else data
    smaller = len(stored) < len(data) * 0.9
    stored = stored if smaller else data
    return Member(offset, len(stored), len(data), zlib.crc32(data), smaller), stored


def render(entries: Iterable[tuple[str, Where]]) -> bytes:
    """Give the index of entries, each with its run's key (18 hexadecimal digits)."""
    records = sorted(_RECORD.pack(bytes.fromhex(key), *where) for key, where in entries)
    pages = (records[at : at + _EACH] for at in range(0, len(records), _EACH))
    return b"".join(_page(b"".join(page)) for page in pages)


def _page(records: bytes) -> bytes:
    filled = records.ljust(PAGE - _CHECK.size, b"\xff")
    return filled + _CHECK.pack(zlib.crc32(filled))


def find(key: str, pages: int, read: Callable[[int], bytes], where: str) -> Where | None:
    """Where the entry of a run lies.

    Args:
        key: the run's, 18 hexadecimal digits.
        pages: how many the index has.
        read: gives the bytes of a page, by its number.
        where: the index's name, for messages.

    Raises:
        Damaged: a page on the way is not as it was written.
    """
    wanted = bytes.fromhex(key)
    low, high = 0, pages
    while low < high:
        middle = (low + high) // 2
        filled = _filled(read(middle), where)
        at = bisect.bisect_left(range(_EACH), wanted, key=lambda place: _record(filled, place)[:_KEY])
        record = _record(filled, at)
        if record[:_KEY] == wanted and record != _NONE:
            return Where(*_RECORD.unpack(record)[1:])
        if at == 0:
            high = middle
        elif record in (b"", _NONE):
            low = middle + 1
        else:
            return None
    return None


def _record(filled: bytes, place: int) -> bytes:
    return filled[place * _RECORD.size : (place + 1) * _RECORD.size] if place < _EACH else b""


def every(data: bytes, where: str) -> Iterator[tuple[str, Where]]:
    """Every key of an index, in order, and where its entry lies.

    Raises:
        Damaged: a page is not as it was written.
    """
    for at in range(0, len(data), PAGE):
        for record in _records(data[at : at + PAGE], where):
            key, *place = _RECORD.unpack(record)
            yield key.hex(), Where(*place)


def _records(page: bytes, where: str) -> list[bytes]:
    filled = _filled(page, where)
    return [record for place in range(_EACH) if (record := _record(filled, place)) != _NONE]


def _filled(page: bytes, where: str) -> bytes:
    filled = page[: -_CHECK.size]
    if len(page) != PAGE or _CHECK.pack(zlib.crc32(filled)) != page[-_CHECK.size :]:
        raise Damaged(f"{where}: checksum does not match; restore the block from a copy")
    return filled
