"""The SQL of bucket statistics: many points become few rows through which a line keeps its shape."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from runstore.query.connect import DuckDBPyConnection, name

COLUMNS = ("count", "x", "mean", "min", "max", "last", "nan_count", "inf_count")
"""What a bucket says, in order."""
CORNERS = ("first_x", "first_y", "min_x", "min_y", "max_x", "max_y", "last_x", "last_y")
"""Where its first, least, greatest and last finite values stand."""

SMALL, LARGE = "9.094947017729282e-13", "1099511627776e0"  # 2 to the -40th and its inverse: nothing is rounded
_LEAST_SPAN = 1e-300

# Where every mean is finite, so is every value, and no sum was too large.
_QUICK = """
SELECT {keys}{bucket} AS bucket, count(*) AS count, avg({x}) AS x, avg(value) AS mean, min(value) AS min,
max(value) AS max, arg_max(value, x) AS last, 0::BIGINT AS nan_count, 0::BIGINT AS odd_count, max(x{end}) AS end_x
FROM {source} WHERE {where} GROUP BY ALL
"""
# Sums of values near the largest double overflow; those of their small parts don't.
_CAREFUL = f"""
SELECT {{keys}}{{bucket}} AS bucket, count(*) AS count, avg({{x}}) AS x, avg(y * {SMALL}) * {LARGE} AS mean,
min(y) AS min, max(y) AS max, arg_max(value, {{order}}) AS last, count(*) FILTER (isnan(value)) AS nan_count,
count(*) - count(y) AS odd_count, max(x) AS end_x{{corners}}
FROM (SELECT *, CASE WHEN isfinite(value) THEN value END AS y FROM {{source}}) WHERE {{where}} GROUP BY ALL
"""
_ORDER = "struct_pack(x := x, a := attempt, t := time, w := writer, s := seq)"
_PLACES = f"""
, min(x) FILTER (y IS NOT NULL) AS first_x, arg_min(y, {_ORDER}) AS first_y, arg_min(x, y) AS min_x, min(y) AS min_y,
arg_max(x, y) AS max_x, max(y) AS max_y, max(x) FILTER (y IS NOT NULL) AS last_x, arg_max(y, {_ORDER}) AS last_y
"""


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch of an x axis, both ends in it, cut into ``points`` buckets.

    ``whole``: x is BIGINT, else DOUBLE. ``warm``: as many buckets before it too, the first of which takes everything
    that is further left.
    """

    low: float
    high: float
    points: int
    whole: bool = True
    warm: bool = False

    @property
    def bucket(self) -> str:
        """The number of the bucket that ``x`` is in, from 0; negative where ``warm``."""
        return self._of_whole() if self.whole else self._of_double()

    def _of_whole(self) -> str:
        low, high = int(self.low), int(self.high)
        width, before = high - low + 1, self.points if self.warm else 0
        start = low - width if self.warm else low
        fits = max(-start, (high - start + 1) * self.points) < 2**62
        x = "x" if fits else "x::HUGEINT"
        x = f"greatest({x}, {start})" if self.warm else x
        return f"((({x} - ({start})) * {self.points}) // {width} - {before})::BIGINT"

    def _of_double(self) -> str:
        half = max(self.high * 0.5 - self.low * 0.5, _LEAST_SPAN)  # the whole may be more than a double can be
        place = f"floor((x * 0.5 - {double(self.low * 0.5)}) / {double(half)} * {self.points})"
        least = -self.points if self.warm else 0
        return f"greatest(least({place}, {self.points - 1}), {least})::BIGINT"

    def ends(self, unit: float) -> tuple[float, float] | None:
        """The stretch as it is told, x divided by ``unit``; None where nothing lies in it."""
        return None if self.low > self.high else (self.low / unit, self.high / unit)

    @property
    def where(self) -> str:
        """Which points are to be read."""
        low, high = (str(int(end)) if self.whole else double(end) for end in (self.low, self.high))
        return f"x <= {high}" if self.warm else f"x BETWEEN {low} AND {high}"


def quick(source: str, keys: Collection[str], axis: Axis, *, two: bool = False) -> str:
    """A SELECT of buckets as ``careful`` gives them, which holds where they are ``finite``.

    ``two``: ``end_x`` is a list of the last x and the one before, so that it is seen where they are the same.
    """
    return _QUICK.format(
        keys=_keys(keys), bucket=axis.bucket, x=_mean_of(axis), source=source, where=axis.where,
        end=", 2" if two else "",
    )  # fmt: skip


def careful(source: str, keys: Collection[str], axis: Axis, *, ordered: bool, corners: bool = False) -> str:
    """A SELECT of the buckets of each series: ``COLUMNS`` (``odd_count`` for inf_count), the keys, and ``end_x``.

    Args:
        source: a view with x, value, attempt, time, writer, seq and the keys; no value and no x is NULL.
        keys: what tells series apart.
        axis: how x is cut.
        ordered: of several points at one x, the one logged last comes last; else any of them.
        corners: also ``CORNERS``.
    """
    return _CAREFUL.format(
        keys=_keys(keys), bucket=axis.bucket, x=_mean_of(axis), order=_ORDER if ordered else "x", source=source,
        where=axis.where, corners=_PLACES if corners else "",
    )  # fmt: skip


def finite(connection: DuckDBPyConnection) -> bool:
    """Whether every value that went into the table ``buckets`` is finite, and every sum of them."""
    ((found,),) = connection.execute("SELECT bool_and(isfinite(mean)) FROM buckets").fetchall()
    return found is not False


def tied(connection: DuckDBPyConnection, source: str, keys: Collection[str]) -> bool:
    """Whether a bucket of the table ``buckets`` ends in several points at one x."""
    ((count, most),) = connection.execute("SELECT count(*), max(count) FROM buckets").fetchall()
    if not count or most == 1:
        return False
    same = [f"p.{name(key)} = b.{name(key)}" for key in keys]
    ends = f"SELECT count(*) FROM {source} p SEMI JOIN buckets b ON {' AND '.join([*same, 'p.x = b.end_x'])}"
    return bool(connection.execute(ends).fetchall()[0][0] > count)


def told(axis: Axis, unit: float) -> dict[str, str]:
    """The expressions for ``COLUMNS`` and ``CORNERS`` over what was made; x is divided by ``unit``."""
    x = "x" if axis.whole else f"x * {LARGE}"
    found = {column: column for column in ("count", "last", "min", "max", "nan_count")}
    found |= {"x": f"{x} / {unit!r}::DOUBLE", "mean": "least(greatest(mean, min), max)"}
    found |= {"inf_count": "odd_count - nan_count"}
    for column in CORNERS:
        found[column] = f"{column} / {unit!r}::DOUBLE" if column.endswith("_x") else column
    return found


def _keys(keys: Collection[str]) -> str:
    return "".join(f"{name(key)}, " for key in keys)


def _mean_of(axis: Axis) -> str:
    return "x" if axis.whole else f"x * {SMALL}"


def double(value: float) -> str:
    """A DOUBLE in SQL: as a plain literal it would be a DECIMAL."""
    return f"'{value!r}'::DOUBLE" if math.isfinite(value) else f"'{value}'::DOUBLE"
