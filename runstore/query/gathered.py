"""Points that several curves stand on, read from their files once: then a curve costs little more than its buckets.

Only what most curves are: along steps or time, every value finite, no two points at one x where a bucket ends. Of
others ``buckets`` tells, which the caller falls back to.
"""

from __future__ import annotations

import itertools
import math
import weakref
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Lock

import duckdb

from runstore.query import buckets, connect, curves, feed
from runstore.query.buckets import Axis
from runstore.query.connect import DuckDBPyConnection
from runstore.query.curves import RESOLVED, Asked

MOST = 4_000_000
"""Points that are held at once, about 100 MB; where there are more, each curve reads its own."""

_numbers = itertools.count()  # of tables
_TABLE = """
CREATE TABLE {table} AS SELECT r, m, x, value FROM {placed}
JOIN gathered_runs USING (run_id) JOIN gathered_names USING (name){which} LIMIT {most}
"""


def fits(asked: Asked) -> bool:
    """Whether a curve is one of those."""
    plain = asked.attempts == RESOLVED and not (asked.smoothing or asked.corners or asked.positive)
    return plain and asked.along is None and asked.run_ids is not None and len(asked.metrics) == 1


class Gathered:
    """The points of curves that stand on the same view and axis, in a table that is there as long as this is."""

    def __init__(self, connection: DuckDBPyConnection, asks: Sequence[Asked]) -> None:
        """Read them; ``curves.bind`` has been called.

        ``entire``: nothing is cut off by the ends of an axis. ``count``: of points, of too many one more than ``MOST``.
        """
        self.runs = sorted({run_id for one in asks for run_id in one.run_ids or ()})
        self._names = sorted({one.metrics[0] for one in asks})
        self._place = {run_id: place for place, run_id in enumerate(self.runs)}
        self._table = f"gathered.points_{next(_numbers)}"
        runs = ({"run_id": run_id, "r": place} for run_id, place in self._place.items())
        feed.rows(connection, "gathered_runs", {"run_id": "VARCHAR", "r": "INTEGER"}, runs)
        names = ({"name": name, "m": place} for place, name in enumerate(self._names))
        feed.rows(connection, "gathered_names", {"name": "VARCHAR", "m": "INTEGER"}, names)
        every, which = replace(asks[0], metrics=tuple(self._names), run_ids=tuple(self.runs)), _which(asks)
        self.entire = not which
        with _making:  # of two at once one would be refused
            connection.execute("CREATE SCHEMA IF NOT EXISTS gathered")
        weakref.finalize(self, _drop, self._table).atexit = False
        placed = curves.points_of(every)
        connection.execute(_TABLE.format(table=self._table, placed=placed, which=which, most=MOST + 1))
        ((self.count,),) = connection.execute(f"SELECT count(*) FROM {self._table}").fetchall()

    @property
    def whole(self) -> bool:
        """Whether all of them are here."""
        return bool(self.count <= MOST)

    def has(self, asked: Asked) -> bool:
        """Whether the metric and runs of a curve are among those whose points these are."""
        return asked.metrics[0] in self._names and self._place.keys() >= set(asked.run_ids or ())

    def make(self, connection: DuckDBPyConnection, asked: Asked) -> tuple[dict[str, str], Axis] | None:
        """Make the temporary table ``buckets`` of a curve, with the run's place ``r`` as its key.

        Returns:
            What its columns are told as, and how x was cut; None where that wouldn't tell the truth.
        """
        source = f"(SELECT r, x, value FROM {self._table} WHERE {self._own(asked)})"
        axis = curves.stretch(connection, asked, source)
        select = buckets.quick(source, ("r",), axis, two=True)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE buckets AS {select}")
        tied = "SELECT bool_or(len(end_x) = 2 AND end_x[1] = end_x[2]) FROM buckets"
        ((ties,),) = connection.execute(tied).fetchall()
        if ties or not buckets.finite(connection):
            return None
        return buckets.told(axis, asked.unit), axis

    def _own(self, asked: Asked) -> str:
        which = f"m = {self._names.index(asked.metrics[0])}"
        places = sorted(self._place[run_id] for run_id in asked.run_ids or ())
        if len(places) < len(self.runs):
            which += f" AND r IN ({', '.join(map(str, places)) or 'NULL'})"
        return which


_making = Lock()


def _drop(table: str) -> None:
    with suppress(duckdb.Error):  # whichever thread lets go of it, in the middle of whatever
        connect.lasting().execute(f"DROP TABLE IF EXISTS {table}")


def gather(connection: DuckDBPyConnection, asks: Sequence[Asked]) -> dict[Asked, Gathered]:
    """What can be read once for several curves: those that stand on the same view and axis."""
    alike: dict[tuple[str, str], list[Asked]] = {}
    for asked in asks:
        if fits(asked):
            alike.setdefault((asked.view, asked.x), []).append(asked)
    found = [(those, Gathered(connection, those)) for those in alike.values()]
    return {asked: one for those, one in found if one.whole for asked in those}


def _which(asks: Sequence[Asked]) -> str:
    """The stretch of the axis that all of them lie in; empty where one is open."""
    conditions = []
    lows = [curves.bound(one, one.low, math.ceil) for one in asks]
    highs = [curves.bound(one, one.high, math.floor) for one in asks]
    if None not in lows:
        conditions.append(f"x >= {min(low for low in lows if low is not None)!r}")
    if None not in highs:
        conditions.append(f"x <= {max(high for high in highs if high is not None)!r}")
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
