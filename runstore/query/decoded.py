"""What journals hold, decoded and kept: a process that asks again and again decodes only what came since.

Bytes that a checking line covers never change, so the points in them are kept as a table of the database that all
questions of the process share. A question copies what it needs of it: an answer that is read later, when the journal
has long been sealed and the table is gone, must still stand.
"""

from __future__ import annotations

import functools
import itertools
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

import duckdb

from runstore.format.journal import Journal, Span
from runstore.query import connect, feed
from runstore.query.connect import DuckDBPyConnection, quoted

if TYPE_CHECKING:
    from typing import Protocol

    class Load(Protocol):
        """``live.load`` of journals that are not kept."""

        def __call__(self, connection: DuckDBPyConnection, journals: Iterable[Journal]) -> None:
            """Make ``live_points`` and ``live_rows`` of them."""


ASKED = 4
"""How often a journal is asked for until it is kept: who asks a few times and ends has nothing of it."""
MOST = 48 << 20
"""Bytes of journals whose points are kept; as columns they take two to three times as much."""
_STEP = 1 << 17  # bytes that are decoded each time sooner than a table is made longer
_IDLE = 60.0  # seconds after which what nobody asked for may go
_COUNTED = 4096  # journals of which it is known how often they were asked for
_numbers = itertools.count()  # of tables

_TABLE = """CREATE TABLE {table} (seq BIGINT, name VARCHAR, step BIGINT, time TIMESTAMP, value DOUBLE, kind VARCHAR,
text VARCHAR, indexed BOOLEAN)"""
_FILL = """
INSERT INTO {table} SELECT seq, name, step, time, value, kind, text, indexed FROM live_points
UNION ALL SELECT seq, name, step, time, NULL, 'row', data, false FROM live_rows
"""
_EMPTY = """CREATE OR REPLACE TEMP TABLE live_known (journal INTEGER, seq BIGINT, name VARCHAR, step BIGINT,
time TIMESTAMP, value DOUBLE, kind VARCHAR, text VARCHAR, indexed BOOLEAN)"""
_HEADERS = {
    "journal": "INTEGER", "run_id": "VARCHAR", "experiment": "VARCHAR", "writer": "VARCHAR", "attempt": "BIGINT"
}  # fmt: skip
_FROM = "FROM live_known l JOIN live_known_headers h USING (journal)"

POINTS = f"""SELECT h.run_id, h.experiment, l.name, l.step, l.time, l.value, h.writer, h.attempt, l.seq, l.kind,
l.text, l.indexed {_FROM} WHERE l.kind <> 'row'"""
ROWS = f"""SELECT h.run_id, h.experiment, l.name, l.step, l.time, l.text AS data, h.writer, h.attempt, l.seq
{_FROM} WHERE l.kind = 'row'"""
"""What a question has copied, as ``live`` selects what it has decoded."""


@dataclass(slots=True)
class _Kept:
    """A table of all that a journal holds before byte ``end``, where the checking line ``line`` begins."""

    table: str
    end: int
    line: bytes
    next: int  # the number of the first item after
    used: float


class Decoded:
    """The journals that are kept, each known by its header. Threads may share it."""

    def __init__(self, load: Load, clock: Callable[[], float] = time.monotonic) -> None:
        self._load, self._clock, self._lock = load, clock, Lock()
        self._kept: dict[bytes, _Kept] = {}
        self._asked: dict[bytes, int] = {}

    @property
    def size(self) -> int:
        """How many bytes of journals are kept as points."""
        return sum(one.end for one in self._kept.values())

    def rests(
        self,
        connection: DuckDBPyConnection,
        journals: Iterable[Journal],
        names: Collection[str] | None,
        since: int | None = None,
    ) -> Iterator[Journal]:
        """What is still to be decoded of journals; all else is in ``live_known`` of the connection afterwards.

        Args:
            connection: where to; one of ``connect.connect``.
            journals: whose numbers that count elsewhere are taken out.
            names: the only names whose points matter.
            since: the first step whose points matter.
        """
        which = _which(names, since)
        connection.execute(_EMPTY)
        headers: list[dict[str, Any]] = []
        for journal in journals:
            rest = self._rest(connection, journal, which, len(headers))
            if rest is not None:
                told = journal.header
                headers.append(
                    {"journal": len(headers), "run_id": told["run"], "experiment": told["experiment"]}
                    | {key: told[key] for key in ("writer", "attempt")}
                )
            yield journal if rest is None else rest
        feed.rows(connection, "live_known_headers", _HEADERS, headers)

    def _rest(self, connection: DuckDBPyConnection, journal: Journal, which: str, number: int) -> Journal | None:
        """What of a journal is not copied from what is kept; None where all is to be decoded."""
        whole = _whole(journal)
        if whole is None:
            return None
        with self._lock:
            try:
                kept = self._known(journal, whole)
                if kept is None:
                    return None
                connection.execute(f"INSERT INTO live_known SELECT {number}, * FROM {kept.table} WHERE {which}")
            except duckdb.Error:  # memory is short, or the table is gone: it is decoded as if nothing were kept
                self._drop([*self._kept])
                return None
            return _from(journal, kept.end, kept.next)

    def _known(self, journal: Journal, whole: Span) -> _Kept | None:
        """What is kept of a journal, as far as it can be by now."""
        data = journal.data
        key = data[: data.find(b"\n") + 1]
        kept, now = self._kept.get(key), self._clock()
        if kept is not None and not data.startswith(kept.line, kept.end):  # another one that calls itself the same
            self._drop([key])
            return None
        if kept is None:
            if not self._often(key) or not self._room(whole.end, now):
                return None
            kept = self._kept[key] = _Kept(f"decoded.journal_{next(_numbers)}", 0, b"", journal.first, now)
            self._connection().execute(_TABLE.format(table=kept.table))
        kept.used = now
        if whole.end - kept.end >= _STEP or not kept.end or (journal.closed and whole.end > kept.end):
            if not self._room(whole.end - kept.end, now):
                return kept if kept.end else None
            self._more(kept, journal, whole)
        return kept

    def _more(self, kept: _Kept, journal: Journal, whole: Span) -> None:
        """Decode what has come under a checking line since."""
        data, connection = journal.data, self._connection()
        fresh = Span(kept.end, whole.end, kept.next, whole.first + whole.count - kept.next)
        if fresh.count:
            self._load(
                connection, [replace(journal, spans=[fresh], closed=True)]
            )  # closed: lines that check are inside
            connection.execute(_FILL.format(table=kept.table))
        kept.end, kept.next = whole.end, whole.first + whole.count
        kept.line = data[whole.end : data.find(b"\n", whole.end) + 1]

    def _often(self, key: bytes) -> bool:
        if len(self._asked) > _COUNTED:
            self._asked.clear()
        self._asked[key] = self._asked.get(key, 0) + 1
        return self._asked[key] >= ASKED

    def _room(self, size: int, now: float) -> bool:
        """Whether so many bytes more may be kept; what nobody asks for any more makes room."""
        self._drop([key for key, one in self._kept.items() if now - one.used > _IDLE])
        return self.size + size <= MOST

    def _drop(self, keys: Iterable[bytes]) -> None:
        for key in keys:
            one = self._kept.pop(key)
            connect.lasting().execute(f"DROP TABLE IF EXISTS {one.table}")

    def _connection(self) -> DuckDBPyConnection:
        connection = connect.connect()
        connection.execute("CREATE SCHEMA IF NOT EXISTS decoded")
        return connection


def _which(names: Collection[str] | None, since: int | None) -> str:
    """What is true of the points that matter; a row of a table counts on from those before."""
    conditions = ["true"]
    if names is not None:
        conditions.append(f"name IN ({', '.join(map(quoted, names)) or 'NULL'})")
    if since is not None:
        conditions.append(f"(step >= {since} OR kind = 'row')")
    return " AND ".join(conditions)


def _whole(journal: Journal) -> Span | None:
    """All of a journal up to its last checking line; None where something is wrong with it or counts elsewhere."""
    if journal.damage:
        return None
    end, following = 0, journal.first
    for span in journal.spans:
        if span.start != end or span.first != following:
            return None
        if not span.verified:
            break
        end, following = span.end, span.first + span.count
    return Span(0, end, journal.first, following - journal.first) if end else None


def _from(journal: Journal, start: int, number: int) -> Journal:
    """A journal without what is before ``start``, where the number ``number`` follows."""
    spans = []
    for span in journal.spans:
        if span.start >= start:
            spans.append(span)
        elif span.end > start:
            spans.append(Span(start, span.end, number, span.first + span.count - number, span.verified))
    return replace(journal, spans=spans)


@functools.lru_cache(maxsize=1)
def of_process() -> Decoded:
    """What this process keeps."""
    from runstore.query import live  # which copies from here

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=of_process.cache_clear)
    return Decoded(live.load)
