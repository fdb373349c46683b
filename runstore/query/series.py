"""Curves as whole columns, one list for each column of a series, and many questions answered at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runstore.errors import QueryError, RunstoreError
from runstore.query import connect, curves, gathered, intervals, remembered, seeds
from runstore.query.connect import DuckDBPyConnection, name
from runstore.query.curves import Asked
from runstore.query.gathered import Gathered

COLUMNS = ("x", "count", "mean", "min", "max", "last", "nan_count", "inf_count")
"""What a series has in each bucket, in order; NaN where there is no such number."""

_PLAIN = {"x": "x", "count": "count::DOUBLE", "nan_count": "nan_count", "inf_count": "inf_count"}
_PLAIN |= {column: f"coalesce({column}, 'nan'::DOUBLE)" for column in ("mean", "min", "max", "last")}
STD, MINMAX, QUANTILE = "std", "minmax", "quantile"
BANDS = {
    STD: ("mean", "mean - coalesce(std, 0)", "mean + coalesce(std, 0)"),
    MINMAX: ("mean", "min", "max"),
    QUANTILE: ("median", "lower", "upper"),
}
"""Of each band around a group's line: the line, the band's lower edge, and its upper one."""

_NONE = "0"
_NONE_ODD = {"nan_count": _NONE, "inf_count": _NONE}
_FINITE = "CASE WHEN isfinite({0}) THEN {0} END"


@dataclass(frozen=True, slots=True)
class Group:
    """Runs taken together, by what they have in common, as for ``Workspace.group_curves``."""

    by: tuple[str, ...]
    where: str | None = None
    most: int = 200  # groups, in the order of what they have in common
    band: str = STD  # one of ``BANDS``


@dataclass(frozen=True, slots=True)
class Series:
    """One curve. ``keys``: whose it is; ``columns``: as ``COLUMNS``, equally long lists.

    ``totals``: of count, nan_count and inf_count; ``ends``: the least and greatest finite value, ``smallest``: the one
    nearest to 0 that is not 0; None where there is none. ``among``: of how many series it is one, with those of groups
    that are more than were asked for. ``stretch``: of x, that was cut into buckets; None of a group.
    """

    keys: dict[str, Any]
    columns: tuple[list[float], ...]
    totals: tuple[int, int, int]
    ends: tuple[float | None, float | None]
    smallest: float | None
    among: int = 1
    stretch: tuple[float, float] | None = None


Question = tuple[Asked, Group | None]
Answer = list[Series] | RunstoreError


def answers(workspace: Path, questions: Sequence[Question]) -> Iterator[Answer]:
    """The series of each question, in order; what was asked wrongly is the error it raised.

    In a group's series mean, min and max are those of its band (``BANDS``), and count is how many runs.
    """
    plain = [asked for asked, group in questions if group is None]
    connection, kept = connect.connect(), remembered.of_process()
    with connect.refusals():
        runs = remembered.runs_of(workspace, plain)
        once = kept.find(runs, plain)
        rest = [asked for asked in plain if asked not in once]
        if rest:
            curves.bind(connection, workspace, rest)
            with suppress(RunstoreError):  # whose question it is will be told
                read = gathered.gather(connection, rest)
                kept.keep(runs, read)
                once |= read
    for asked, group in questions:
        try:
            with connect.refusals():
                if group is not None:
                    yield _grouped(workspace, asked, group)
                elif (found := _quick(connection, asked, once)) is not None:
                    yield found
                elif asked in rest:
                    yield _of_runs(connection, workspace, asked, bound=True)
                else:
                    yield _of_runs(connect.connect(), workspace, asked)
        except RunstoreError as problem:
            yield problem


def _quick(connection: DuckDBPyConnection, asked: Asked, once: Mapping[Asked, Gathered]) -> list[Series] | None:
    """The same as ``_of_runs`` from points that were read already; None where that can't be."""
    points = once.get(asked)
    made = points.make(connection, asked) if points is not None else None
    if points is None or made is None:
        return None
    told, axis = made
    ends = axis.ends(asked.unit)
    columns = {**{column: told[column] for column in COLUMNS}, "count": "count::DOUBLE"} | _NONE_ODD
    found = _read(connection, ("r",), columns, "buckets")
    return [
        replace(one, keys={"run_id": points.runs[one.keys["r"]], "name": asked.metrics[0]}, stretch=ends)
        for one in found
    ]


def _of_runs(connection: DuckDBPyConnection, workspace: Path, asked: Asked, *, bound: bool = False) -> list[Series]:
    axis = curves.into(connection, workspace, asked, "curve_buckets", bound=bound)
    found = _read(connection, asked.keys, _PLAIN, "curve_buckets")
    return [replace(one, stretch=axis.ends(asked.unit)) for one in found]


def _grouped(workspace: Path, asked: Asked, group: Group) -> list[Series]:
    connection = connect.connect()
    more = intervals.quartiles if group.band == QUANTILE else None
    keys, query = seeds.grouped(connection, workspace, asked, group.by, group.where, more)
    if {*keys} & {*COLUMNS, "bucket", "n", "std", "median", "lower", "upper"}:
        raise QueryError(f"runs are not grouped by {', '.join(keys)} here: write params.{keys[0]} or last.{keys[0]}")
    line, low, high = (f"coalesce({edge}, 'nan'::DOUBLE)" for edge in BANDS[group.band])
    columns = {"x": "x", "count": "n::DOUBLE", "mean": line, "min": low, "max": high, "last": line}
    return _read(connection, keys, columns | _NONE_ODD, f"({query})", group.most)


def _read(
    connection: DuckDBPyConnection, keys: Sequence[str], columns: dict[str, str], source: str, most: int | None = None
) -> list[Series]:
    kept = [name(key) for key in keys]
    cells = [f"{expression} AS {column}" for column, expression in columns.items()]
    told = [column for column in COLUMNS if columns[column] != _NONE]  # of what is always 0 nothing has to be fetched
    lists = [f"list({column} ORDER BY bucket)" for column in told]
    low, high, last = (_FINITE.format(column) for column in ("min", "max", "last"))
    figures = [
        "sum(count)::BIGINT", "sum(nan_count)::BIGINT", "sum(inf_count)::BIGINT", f"least(min({low}), min({last}))",
        f"greatest(max({high}), max({last}))",
        f"min(least(nullif(abs({low}), 0), nullif(abs({high}), 0), nullif(abs({last}), 0)))", "count(*) OVER ()",
    ]  # fmt: skip
    asked = f"SELECT {', '.join([*kept, 'bucket', *cells])} FROM {source}"
    grouped = f" GROUP BY {', '.join(kept)} ORDER BY {', '.join(kept)}" if kept else " HAVING count(*) > 0"
    limit = "" if most is None else f" LIMIT {most}"
    query = f"SELECT {', '.join([*kept, *lists, *figures])} FROM ({asked}){grouped}{limit}"
    found, many = [], len(keys) + len(told)
    for row in connection.execute(query).fetchall():
        count, nans, infs, least, greatest, smallest, among = row[many:]
        whose, own = dict(zip(keys, row, strict=False)), dict(zip(told, row[len(keys) : many], strict=True))
        whole = tuple(own.get(column) or [0] * len(own["x"]) for column in COLUMNS)
        found.append(Series(whose, whole, (count, nans, infs), (least, greatest), smallest, among))
    return found
