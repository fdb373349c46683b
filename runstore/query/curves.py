"""Curves of few rows: bucket statistics of metrics along an axis, attempts resolved, smoothed."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from runstore.errors import UsageError
from runstore.query import buckets, catalog, connect, feed, listing, smoothing
from runstore.query.buckets import Axis
from runstore.query.connect import DuckDBPyConnection, DuckDBPyRelation, name, quoted
from runstore.query.moment import Moment
from runstore.query.statement import Statement

STEP, TIME, RELATIVE = "step", "time", "relative"
RESOLVED, ALL = "resolved", "all"
End: TypeAlias = float | datetime | None

_MICRO = 1_000_000
_POINTS = "run_id, name, attempt, writer, seq, time, value"
_PLACED = {
    STEP: "SELECT {points}, step AS x FROM {logged}",
    TIME: "SELECT {points}, epoch_us(time) AS x FROM {logged}",
    RELATIVE: "SELECT {points}, epoch_us(time) - begun AS x FROM {logged} JOIN starts USING (run_id)",
}
# The other metric's value of the same step; logged there more than once, the last counts.
_ALONG = """
SELECT {points}, CASE WHEN name = {along} THEN value ELSE beside END AS x FROM {logged} LEFT JOIN (
    SELECT run_id, attempt, writer, step, arg_max(value, struct_pack(t := time, s := seq)) AS beside FROM {logged}
    WHERE name = {along} AND isfinite(value) GROUP BY ALL
) USING (run_id, attempt, writer, step) WHERE isfinite(x) AND name IN ({names})
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which curves, and how; the words are those of ``Workspace.curves``. ``run_ids`` None: all runs."""

    metrics: tuple[str, ...]
    run_ids: tuple[str, ...] | None = None
    experiment: str | None = None
    x: str = STEP
    points: int = 2000
    smoothing: float = 0.0
    low: End = None
    high: End = None
    attempts: str = RESOLVED
    corners: bool = False
    positive: bool = False
    machine: bool = False  # figures of the machine (``system_metrics``) in place of metrics

    def __post_init__(self) -> None:
        if self.attempts not in (RESOLVED, ALL):
            raise UsageError(f"attempts {self.attempts!r}; it is {RESOLVED!r} or {ALL!r}")
        if not isinstance(self.points, int) or self.points < 1:
            raise UsageError(f"points {self.points!r}; a curve has at least 1")
        if not 0 <= self.smoothing < 1:
            raise UsageError(f"smoothing {self.smoothing!r}; it is from 0 (none) to below 1")

    @property
    def keys(self) -> tuple[str, ...]:
        """What tells the curves apart."""
        return ("run_id", "name", "attempt") if self.attempts == ALL else ("run_id", "name")

    @property
    def unit(self) -> int:
        """What x is divided by at last: times are counted in microseconds and told in seconds."""
        return _MICRO if self.x in (TIME, RELATIVE) else 1

    @property
    def view(self) -> str:
        """The view whose points count."""
        if self.machine:
            return "system_metrics"
        return "metrics" if self.attempts == ALL else "curve_points"

    @property
    def names(self) -> frozenset[str]:
        """The metrics whose points matter."""
        return frozenset(self.metrics if self.along is None else (*self.metrics, self.along))

    @property
    def along(self) -> str | None:
        """The metric that is the x axis, if one is."""
        return None if self.x in _PLACED else self.x

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the answer."""
        corners = buckets.CORNERS if self.corners else ()
        return (*self.keys, "bucket", *buckets.COLUMNS, "smoothed", *corners)


def curves(workspace: Path, asked: Asked) -> DuckDBPyRelation:
    """The curves as a relation, ordered by run, name and x; see ``Workspace.curves``."""
    connection = connect.connect()
    with connect.refusals():
        into(connection, workspace, asked, "curve_buckets")
        order = ", ".join(map(name, (*asked.keys, "bucket")))
        return connection.sql(f"SELECT * FROM curve_buckets ORDER BY {order}")


def into(connection: DuckDBPyConnection, workspace: Path, asked: Asked, view: str, *, bound: bool = False) -> Axis:
    """Make a temporary view of the curves, with ``asked.columns``; ``bound``: ``bind`` has been called.

    Returns:
        How x was cut.
    """
    if not bound:
        bind(connection, workspace, [asked])
    placed = points_of(asked)
    axis = stretch(connection, asked, placed)
    single = asked.attempts == RESOLVED and len(asked.metrics) == 1 and len(asked.run_ids or ()) == 1
    keys = () if single else asked.keys  # texts are slow to group by: of a single curve they are known
    _fill(connection, asked, placed, axis, keys)
    told = buckets.told(axis, asked.unit)
    if single:
        told |= {"run_id": quoted((asked.run_ids or ("",))[0]), "name": quoted(asked.metrics[0])}
    source, told["smoothed"] = "buckets", told["mean"]
    if asked.smoothing:
        _smooth(connection, asked.smoothing, keys, told["mean"])
        source, told["smoothed"] = "buckets JOIN smoothing USING (place)", "smoothed"
    columns = ", ".join(f"{told.get(column, name(column))} AS {name(column)}" for column in asked.columns)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name(view)} AS SELECT {columns} FROM {source} WHERE bucket >= 0")
    return axis


def bind(connection: DuckDBPyConnection, workspace: Path, asks: Sequence[Asked]) -> None:
    """Make the views that curves stand on, once for all that are asked for at one moment."""
    wanted = Statement({one.view for one in asks}, names=frozenset().union(*(one.names for one in asks)), numbers=False)
    runs = [one.run_ids for one in asks]
    if None not in runs:
        wanted.run_ids = frozenset(run_id for ids in runs for run_id in ids or ())
    experiments = [one.experiment for one in asks]
    if None not in experiments:
        wanted.experiments = frozenset(one for one in experiments if one is not None)
    lows = [bound(one, one.low, math.ceil) if one.x == STEP and not one.smoothing else None for one in asks]
    if None not in lows:
        wanted.since = min((int(low) for low in lows if low is not None), default=None)
    Moment(connection, workspace, wanted).bind()
    if any(one.x == RELATIVE for one in asks):
        _starts(connection, workspace, wanted.run_ids)


def points_of(asked: Asked) -> str:
    """The numbers logged, each with its x, as a subquery."""
    conditions = [f"name IN ({_listed(asked.names)})"]
    if asked.run_ids is not None:
        conditions.append(f"run_id IN ({_listed(asked.run_ids)})")
    if asked.experiment is not None:
        conditions.append(f"experiment = {quoted(asked.experiment)}")
    logged = f"(SELECT {_POINTS}, step FROM {asked.view} WHERE {' AND '.join(conditions)} AND value IS NOT NULL)"
    along, shown = quoted(asked.along or ""), _listed(asked.metrics)
    placed = _PLACED.get(asked.x, _ALONG).format(points=_POINTS, logged=logged, along=along, names=shown)
    return f"({placed})" if not asked.positive else f"(SELECT * FROM ({placed}) WHERE value > 0 OR NOT isfinite(value))"


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(map(quoted, texts)) or "NULL"


def _starts(connection: DuckDBPyConnection, workspace: Path, run_ids: Collection[str] | None) -> None:
    every = catalog.of(workspace) if run_ids is None else None
    runs = every.loose if every is not None else listing.some(workspace, run_ids or ())
    rows = ({"run_id": run.run_id, "begun": run.started // 1000} for run in runs if run.started is not None)
    feed.rows(connection, "starts", {"run_id": "VARCHAR", "begun": "BIGINT"}, rows)
    if every is not None and every.indexed is not None:
        begun = every.indexed.table("runs", "started IS NOT NULL")
        connection.execute(f"INSERT INTO starts SELECT run_id, started FROM {begun}")


def stretch(connection: DuckDBPyConnection, asked: Asked, placed: str) -> Axis:
    """The asked stretch; where it is open, as far as there are points."""
    low, high = bound(asked, asked.low, math.ceil), bound(asked, asked.high, math.floor)
    if asked.low is not None and asked.high is not None and _number(asked.low) > _number(asked.high):
        raise UsageError(f"low {asked.low} is above high {asked.high}")
    warm = bool(asked.smoothing) and low is not None
    if low is None or high is None:
        ((least, greatest),) = connection.execute(f"SELECT min(x), max(x) FROM {placed}").fetchall()
        low, high = least if low is None else low, greatest if high is None else high
    whole = asked.along is None
    if low is None or high is None or low > high:
        return Axis(1, 0, 1, whole)  # nothing lies there
    return Axis(low, high, asked.points, whole, warm)


def bound(asked: Asked, end: End, rounded: Callable[[float], int]) -> float | None:
    """An end of the stretch in the unit that x is counted in; None where it is open."""
    if isinstance(end, datetime) and asked.x != TIME:
        raise UsageError(f"{end} is an end of x={TIME!r}, not of x={asked.x!r}; give a number")
    if end is None or math.isinf(number := _number(end)):
        return None
    if asked.along is not None:
        return number
    return rounded(end if isinstance(end, int) else number) if asked.x == STEP else round(number * _MICRO)


def _number(end: float | datetime) -> float:
    if isinstance(end, datetime):
        aware = end if end.tzinfo else end.replace(tzinfo=UTC)
        return (aware - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)
    if not isinstance(end, int | float) or math.isnan(end):
        raise UsageError(f"{end!r} is no end of an x axis; give a number, or a datetime where x is {TIME!r}")
    return float(end)


def _fill(connection: DuckDBPyConnection, asked: Asked, placed: str, axis: Axis, keys: Sequence[str]) -> None:
    """Make the table ``buckets``, the quick way as far as that tells the truth."""

    def make(select: str) -> None:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE buckets AS {select}")

    if asked.corners:
        make(buckets.careful(placed, keys, axis, ordered=True, corners=True))
        return
    make(buckets.quick(placed, keys, axis))
    if not buckets.finite(connection):
        make(buckets.careful(placed, keys, axis, ordered=False))
    if buckets.tied(connection, placed, keys):
        make(buckets.careful(placed, keys, axis, ordered=True))


def _smooth(connection: DuckDBPyConnection, weight: float, keys: Sequence[str], mean: str) -> None:
    """Number the rows of ``buckets`` and make the table ``smoothing`` of what each is when smoothed."""
    order = ", ".join(map(name, (*keys, "bucket")))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE buckets AS SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM buckets"
    )
    columns = "".join(f"{name(key)}, " for key in keys)
    rows = connection.execute(f"SELECT {columns}count - odd_count, {mean} FROM buckets ORDER BY place").fetchall()
    smoothed: list[float | None] = []
    for _, series in groupby(rows, key=lambda row: row[:-2]):
        smoothed.extend(smoothing.exponential((row[-2:] for row in series), weight))
    numbered = ({"place": place, "smoothed": value} for place, value in enumerate(smoothed, 1))
    feed.rows(connection, "smoothing", {"place": "BIGINT", "smoothed": "DOUBLE"}, numbered)
