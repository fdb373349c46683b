"""Where the pages of a Parquet column lie, and which checksum each should have. Pure.

Every page begins with a header in Thrift's compact protocol; of its fields only two matter here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_SIZE, _CRC = 3, 4  # compressed_page_size, crc
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _STRUCT = 1, 2, 3, 7, 8, 12
_INTEGERS = (4, 5, 6)


class Page(NamedTuple):
    """The bytes [start, end) after a page's header, and their CRC-32."""

    start: int
    end: int
    crc: int


def pages(data: bytes, start: int, end: int) -> Iterator[Page]:
    """The pages of the column chunk in the bytes [start, end), up to the first whose header is not one."""
    while start < end:
        fields: dict[int, int] = {}
        try:
            start = _struct(data, start, fields)
            page = Page(start, start + fields[_SIZE], fields[_CRC] & 0xFFFFFFFF)
        except (LookupError, ValueError):
            return
        if page.end > end or page.end <= page.start:
            return
        yield page
        start = page.end


def _struct(data: bytes, at: int, fields: dict[int, int]) -> int:
    """Read a struct's integers into ``fields``; give where it ends."""
    number = 0
    while data[at]:
        kind, step = data[at] & 15, data[at] >> 4
        at += 1
        if step:
            number += step
        else:
            number, at = _integer(data, at)
        if kind in _INTEGERS:
            fields[number], at = _integer(data, at)
        else:
            at = _skipped(data, at, kind)
    return at + 1


def _skipped(data: bytes, at: int, kind: int) -> int:
    if kind in (_TRUE, _FALSE):
        return at
    if kind == _BYTE:
        return at + 1
    if kind == _DOUBLE:
        return at + 8
    if kind == _BINARY:
        size, at = _varint(data, at)
        return at + size
    if kind == _STRUCT:
        return _struct(data, at, {})
    raise ValueError(f"no field of a page's header has type {kind}")


def _integer(data: bytes, at: int) -> tuple[int, int]:
    value, at = _varint(data, at)
    return value >> 1 ^ -(value & 1), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
    return value | data[at] << shift, at + 1
