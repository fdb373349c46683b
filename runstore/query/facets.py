"""What values a column of runs has, how often each, and between which the numbers lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runstore.query import catalog, history
from runstore.query.buckets import LARGE, SMALL
from runstore.query.filters import Names

_COUNTED = "SELECT {value} AS value, count(*) AS n{summed} FROM runs{which} GROUP BY value ORDER BY n DESC, value{page}"
_ENDS = "SELECT min({finite}), max({finite}), count(DISTINCT {value}), count(*) - count({value}) FROM runs{which}"


FIGURES = ("n", "mean", "std", "min", "max", "same")
"""What is told of a column among some runs: of its finite numbers; and the one value that all of them have."""

_NUMBER = "CASE WHEN isfinite(TRY_CAST({0} AS DOUBLE)) THEN TRY_CAST({0} AS DOUBLE) END"
# Squares of large numbers are more than a number can be: those of their small parts are not.
_SUMMED = (
    f"count({_NUMBER}), avg({_NUMBER} * {SMALL}) * {LARGE}, stddev_samp({_NUMBER} * {SMALL}) * {LARGE}, "
    f"min({_NUMBER}), max({_NUMBER}), CASE WHEN count({{0}}) = count(*) AND min({{0}}) = max({{0}}) THEN min({{0}}) END"
)


@dataclass(frozen=True, slots=True)
class Facets:
    """The most frequent values, each with how many runs have it; None stands for runs without one.

    ``figures``: of each value, what the columns that were asked for are among its runs (``FIGURES``).

    ``least`` and ``greatest`` are of all values, of numbers of the finite ones; ``different``: how many there are.
    """

    values: list[tuple[Any, int]]
    least: Any
    greatest: Any
    different: int
    without: int
    figures: list[dict[str, tuple[Any, ...]]]


def of(
    workspace: Path,
    column: str,
    where: str | None = None,
    experiment: str | None = None,
    limit: int = 50,
    figures: Sequence[str] = (),
) -> Facets:
    """The facets of a column, named as in ``Workspace.runs``; ``figures``: columns that are summed up for each value.

    Raises:
        QueryError: the name means nothing or two things, or the filter is no boolean.
        UsageError: the limit is negative.
    """
    every = catalog.of(workspace)
    names = Names(every)
    value, which = names.expression(column), history.which(names, experiment, where)
    summed = "".join(", " + _SUMMED.format(names.expression(one)) for one in figures)
    query = _COUNTED.format(value=value, which=which, page=history.page(limit), summed=summed)
    counted = history.ask(workspace, query, every=every)
    found = counted.fetchall()
    finite = f"CASE WHEN isfinite({value}) THEN {value} END" if str(counted.types[0]) == "DOUBLE" else value
    ((least, greatest, different, without),) = history.ask(
        workspace, _ENDS.format(value=value, finite=finite, which=which), every=every
    ).fetchall()
    return Facets(
        [row[:2] for row in found], least, greatest, different, without, [_told(figures, row) for row in found]
    )


def _told(figures: Sequence[str], row: tuple[Any, ...]) -> dict[str, tuple[Any, ...]]:
    many = len(FIGURES)
    return {one: row[2 + place * many :][:many] for place, one in enumerate(figures)}
