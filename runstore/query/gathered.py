"""Points that several curves stand on, read from their files once: then a curve costs little more than its buckets.

Only what most curves are: along steps or time, every value finite, no two points at one x where a bucket ends. Of
others ``buckets`` tells, which the caller falls back to.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from runstore.query import buckets, curves, feed
from runstore.query.buckets import Axis
from runstore.query.connect import DuckDBPyConnection
from runstore.query.curves import RESOLVED, Asked

MOST = 4_000_000
"""Points that are held at once, about 100 MB; where there are more, each curve reads its own."""

_TABLE = """
CREATE OR REPLACE TEMP TABLE {table} AS SELECT r, m, x, value FROM {placed}
JOIN gathered_runs USING (run_id) JOIN gathered_names USING (name){which} LIMIT {most}
"""


def fits(asked: Asked) -> bool:
    """Whether a curve is one of those."""
    plain = asked.attempts == RESOLVED and not (asked.smoothing or asked.corners or asked.positive)
    return plain and asked.along is None and asked.run_ids is not None and len(asked.metrics) == 1


class Gathered:
    """The points of curves that stand on the same view and axis, in a temporary table of a connection."""

    def __init__(self, connection: DuckDBPyConnection, asks: Sequence[Asked], table: str) -> None:
        """Read them; ``curves.bind`` has been called. ``whole``: not too many for that."""
        self._connection, self._table = connection, table
        self.runs = sorted({run_id for one in asks for run_id in one.run_ids or ()})
        self._names = sorted({one.metrics[0] for one in asks})
        self._place = {run_id: place for place, run_id in enumerate(self.runs)}
        runs = ({"run_id": run_id, "r": place} for run_id, place in self._place.items())
        feed.rows(connection, "gathered_runs", {"run_id": "VARCHAR", "r": "INTEGER"}, runs)
        names = ({"name": name, "m": place} for place, name in enumerate(self._names))
        feed.rows(connection, "gathered_names", {"name": "VARCHAR", "m": "INTEGER"}, names)
        every = replace(asks[0], metrics=tuple(self._names), run_ids=tuple(self.runs))
        connection.execute(
            _TABLE.format(table=table, placed=curves.points_of(every), which=_which(asks), most=MOST + 1)
        )
        ((count,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
        self.whole = count <= MOST

    def make(self, asked: Asked) -> tuple[dict[str, str], Axis] | None:
        """Make the table ``buckets`` of a curve, with the run's place ``r`` as its key.

        Returns:
            What its columns are told as, and how x was cut; None where that wouldn't tell the truth.
        """
        source = f"(SELECT r, x, value FROM {self._table} WHERE {self._own(asked)})"
        axis = curves.stretch(self._connection, asked, source)
        select = buckets.quick(source, ("r",), axis, two=True)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE buckets AS {select}")
        tied = "SELECT bool_or(len(end_x) = 2 AND end_x[1] = end_x[2]) FROM buckets"
        ((ties,),) = self._connection.execute(tied).fetchall()
        if ties or not buckets.finite(self._connection):
            return None
        return buckets.told(axis, asked.unit), axis

    def _own(self, asked: Asked) -> str:
        which = f"m = {self._names.index(asked.metrics[0])}"
        places = sorted(self._place[run_id] for run_id in asked.run_ids or ())
        if len(places) < len(self.runs):
            which += f" AND r IN ({', '.join(map(str, places)) or 'NULL'})"
        return which


def gather(connection: DuckDBPyConnection, asks: Sequence[Asked]) -> dict[tuple[str, str], Gathered]:
    """What can be read once for several curves, by their view and axis."""
    alike: dict[tuple[str, str], list[Asked]] = {}
    for asked in asks:
        if fits(asked):
            alike.setdefault((asked.view, asked.x), []).append(asked)
    found = {key: Gathered(connection, those, f"gathered_{at}") for at, (key, those) in enumerate(alike.items())}
    return {key: one for key, one in found.items() if one.whole}


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
