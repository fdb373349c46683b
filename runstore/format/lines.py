"""The lines of a journal: bytes of one line, made here and nowhere else.

A journal is JSON Lines. The first line, an object, is the header. Lines of data are arrays. Lines that
check are objects again: ``{"sum":[from, to, first, count, "crc32"]}`` covers the bytes [from, to) of the
file, in which ``count`` items begin with sequence number ``first``; ``{"end":[0, to, ...]}`` covers
everything before it and closes the journal. The CRC runs over the covered bytes and then over the text of
the checking line up to the CRC itself, so a checking line is covered too. A ``sum`` begins where the last
one covered ended, so every byte but those of the last checking line is covered by the next.

Points:  ``[name, value, step, time]`` one point; ``[null, {name: value, ...}, step, time]`` many;
         ``[name, {"list": [value, ...]}, step, time]`` many of one name, also with "steps" and "times";
         ``[name, {"row": {...}}, step, time]`` one row of a table;
         ``[stream, {"log": {...}}, [line], time]`` one log record, in a side journal only.
         step: an integer as logged, or ``[index]`` (``[index, ...]`` for many) where none was given.
Facts:   ``[fact, time, body]``.
Times are UTC, nanoseconds since 1970.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import orjson

from runstore.format import VERSION

POINTS = "points"
FACTS = "facts"
COLUMNS = {POINTS: ["name", "value", "step", "time"], FACTS: ["fact", "time", "body"]}

SUM = b'{"sum":['
END = b'{"end":['
OPTIONS = orjson.OPT_APPEND_NEWLINE


def header(journal: str, run_id: str, experiment: str, writer: str, attempt: int, number: int, first: int) -> bytes:
    """The first line of a journal. ``first`` is the sequence number of its first item."""
    return orjson.dumps(
        {
            "runstore": VERSION,
            "journal": journal,
            "columns": COLUMNS[journal],
            "run": run_id,
            "experiment": experiment,
            "writer": writer,
            "attempt": attempt,
            "number": number,
            "first": first,
        },
        option=OPTIONS,
    )


def point(name: str, value: object, step: object, time_ns: int) -> bytes:
    """One point; value and step already JSON values."""
    return orjson.dumps([name, value, step, time_ns], option=OPTIONS)


def points(values: Mapping[str, object], step: object, time_ns: int) -> bytes:
    """Many points of one moment; values already JSON values."""
    return orjson.dumps([None, values, step, time_ns], option=OPTIONS)


def series(name: str, content: Mapping[str, object], step: object, time_ns: int) -> bytes:
    """Many points of one name: ``content`` has the "list" of their values, and what they have of their own."""
    return orjson.dumps([name, content, step, time_ns], option=OPTIONS)


def row(name: str, data: object, step: object, time_ns: int) -> bytes:
    """One row of a table; data already JSON data."""
    return orjson.dumps([name, {"row": data}, step, time_ns], option=OPTIONS)


def record(stream: str, data: Mapping[str, str | int | None], line: int, time_ns: int) -> bytes:
    """One log record, or a time mark, of a stream."""
    return orjson.dumps([stream, {"log": data}, [line], time_ns], option=OPTIONS)


def fact(kind: str, time_ns: int, body: Any) -> bytes:
    """One fact."""
    return orjson.dumps([kind, time_ns, body], option=OPTIONS)


def checksum(kind: bytes, start: int, end: int, first: int, count: int, crc: int) -> bytes:
    """A checking line (``kind`` SUM or END). ``crc`` is the running CRC-32 of the covered bytes."""
    prefix = b'%b%d,%d,%d,%d,"' % (kind, start, end, first, count)
    return b'%b%08x"]}\n' % (prefix, zlib.crc32(prefix, crc))


def count(line: bytes) -> int:
    """How many sequence numbers a data line of a points journal takes."""
    if line.startswith(b"[null,"):
        return len(orjson.loads(line)[1])
    if b',{"list":[' in line:  # or a row, or a fact, that holds such data
        content = orjson.loads(line)[1]
        return len(content["list"]) if isinstance(content, dict) and "list" in content else 1
    return 1
