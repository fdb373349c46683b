"""Which names the journals of live runs hold, told from their bytes: only what is new is looked at again.

As ``points.mentions``, it decodes no point and verifies nothing: a name may be told whose line turns out damaged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from runstore.disk import files
from runstore.runs.state import RunState

_KNOWN = 4096  # journals that are remembered
_LINE = re.compile(rb'^\[(?:("(?:[^"\\]|\\.)*"),(\{"row":)?|(null,[^\n]*))', re.MULTILINE)


@dataclass(slots=True)
class Mentioned:
    """The names of metrics and of tables."""

    metrics: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Seen:
    """What was found in a journal as far as it was looked at; names as they are written."""

    at: int = 0
    metrics: set[bytes] = field(default_factory=set)
    tables: set[bytes] = field(default_factory=set)
    keyed: set[str] = field(default_factory=set)


_seen: dict[Path, _Seen] = {}


def of(run: RunState) -> Mentioned:
    """The names in a run's journals."""
    found = Mentioned()
    for path in run.inventory.points:
        one = _look(path)
        found.metrics |= one.keyed | _decoded(one.metrics)
        found.tables |= _decoded(one.tables)
    return found


def _look(path: Path) -> _Seen:
    known = _seen.get(path, _Seen())
    try:
        fd = files.descriptor(path)
    except OSError:
        return known  # sealed meanwhile
    try:
        size = files.size(fd)
        data = files.read_at(fd, known.at, size)
    finally:
        files.close(fd)
    one = _Seen(known.at, {*known.metrics}, {*known.tables}, {*known.keyed})  # others may be reading the one before
    data = data[: data.rfind(b"\n") + 1]  # what is mapped ahead of its writer ends in zeros
    _take(one, data)
    one.at += len(data)
    if len(_seen) >= _KNOWN:
        _seen.clear()
    _seen[path] = one
    return one


def _take(one: _Seen, data: bytes) -> None:
    for name, table, many in _LINE.findall(data):
        if many:
            one.keyed |= _keys(b"[" + many)
        else:
            (one.tables if table else one.metrics).add(name)


def _keys(line: bytes) -> set[str]:
    try:
        return {*orjson.loads(line)[1]}
    except (orjson.JSONDecodeError, IndexError, TypeError):
        return set()


def _decoded(names: Iterable[bytes]) -> set[str]:
    found = set()
    for name in names:
        try:
            found.add(str(orjson.loads(name)))
        except orjson.JSONDecodeError:
            continue
    return found
