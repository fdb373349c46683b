"""One changed byte, or bit, found by the checksum that it belies. Pure.

A CRC-32 is linear: what a changed byte does to it depends on the change and on how many bytes follow, on nothing
else. So going back from the difference of two checksums, byte by byte, shows which change at which place makes it.
Several may: whoever asks needs another sign that one of them is right, such as a hash. Of changes of one bit alone
there are few enough, and one of them never looks like one of two bits in data of up to 11 kB.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator

import orjson

from runstore.errors import Damaged
from runstore.format import documents

SURE = 11_000  # bytes in which a changed bit never looks like two others
_CHECK = re.compile(rb'(?m)^(\{"(sum|end)":\[(\d+),(\d+),(\d+),(\d+),")([0-9a-f]{8})"\]\}$')
_HEAD = len(b'{"crc32":"00000000","body":')


def _table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _table()
_BACK = {value >> 24: index for index, value in enumerate(_TABLE)}
_CHANGE = {value: index for index, value in enumerate(_TABLE) if index}


def candidates(data: bytes, crc: int) -> Iterator[bytes]:
    """What the data may have been before one byte of it was changed, if its CRC-32 was this."""
    difference = zlib.crc32(data) ^ crc
    if not difference:
        return
    for at in range(len(data) - 1, -1, -1):
        change = _CHANGE.get(difference)
        if change is not None:
            yield b"%b%c%b" % (data[:at], data[at] ^ change, data[at + 1 :])
        index = _BACK[difference >> 24]
        difference = ((difference ^ _TABLE[index]) << 8 & 0xFFFFFFFF) | index


def document(data: bytes, proof: Callable[[bytes], bool] | None = None) -> bytes | None:
    """A document as it was before one bit of it was changed; None where that can't be told.

    Args:
        data: the document.
        proof: says for sure that it is right: then a whole byte may have been changed.
    """
    body = data[_HEAD:-2]
    framed = b'{"crc32":"%08x","body":%b}\n' % (zlib.crc32(body), body)
    if len(framed) == len(data) and sum(one != two for one, two in zip(framed, data, strict=True)) == 1:
        return _read(framed, proof)
    try:
        crc = int(data[10:18], 16)
    except ValueError:
        return None
    for one in candidates(body, crc):
        if proof or (len(body) <= SURE and _one_bit(body, one)):
            whole = _read(data[:_HEAD] + one + data[-2:], proof)
            if whole is not None:
                return whole
    return None


def journal(data: bytes) -> bytes:
    """A journal with the ranges put right in which one bit was changed, as far as that can be told for sure."""
    for check in _CHECK.finditer(data):
        at, start = check.start(), int(check[3])
        if int(check[4]) == at and 0 <= at - start <= SURE:
            data = data[:start] + _range(data[start:at], check) + data[check.end() :]
    return data


def _range(covered: bytes, check: re.Match[bytes]) -> bytes:
    """A range and its checking line, put right where that can be."""
    right = b"%08x" % zlib.crc32(covered + check[1])
    if right == check[7] or _one_bit(right, check[7]):
        return covered + check[1] + right + b'"]}'
    for one in candidates(covered + check[1], int(check[7], 16)):
        new, line = one[: len(covered)], one[len(covered) :] + check[7] + b'"]}'
        if not _one_bit(covered + check[0], new + line):
            continue
        again = _CHECK.fullmatch(line)
        if again and again.group(3, 4) == check.group(3, 4) and _lines(new):
            return new + line
    return covered + check[0]


def _one_bit(old: bytes, new: bytes) -> bool:
    return sum((one ^ two).bit_count() for one, two in zip(old, new, strict=True)) == 1


def _lines(data: bytes) -> bool:
    """Whether these are whole lines of JSON."""
    try:
        return data.endswith(b"\n") and all(orjson.loads(line) is not None for line in data.splitlines())
    except orjson.JSONDecodeError:
        return False


def _read(data: bytes, proof: Callable[[bytes], bool] | None) -> bytes | None:
    try:
        documents.parse(data, "")
    except (Damaged, orjson.JSONDecodeError):
        return None
    return data if proof is None or proof(data) else None
