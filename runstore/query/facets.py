"""What values a column of runs has, how often each, and between which the numbers lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runstore.query import catalog, history
from runstore.query.filters import Names

_COUNTED = "SELECT {value} AS value, count(*) AS n FROM runs{which} GROUP BY value ORDER BY n DESC, value{page}"
_ENDS = "SELECT min({finite}), max({finite}), count(DISTINCT {value}), count(*) - count({value}) FROM runs{which}"


@dataclass(frozen=True, slots=True)
class Facets:
    """The most frequent values, each with how many runs have it; None stands for runs without one.

    ``least`` and ``greatest`` are of all values, of numbers of the finite ones; ``different``: how many there are.
    """

    values: list[tuple[Any, int]]
    least: Any
    greatest: Any
    different: int
    without: int


def of(
    workspace: Path, column: str, where: str | None = None, experiment: str | None = None, limit: int = 50
) -> Facets:
    """The facets of a column, named as in ``Workspace.runs``.

    Raises:
        QueryError: the name means nothing or two things, or the filter is no boolean.
        UsageError: the limit is negative.
    """
    every = catalog.of(workspace)
    names = Names(every)
    value, which = names.expression(column), history.which(names, experiment, where)
    counted = history.ask(workspace, _COUNTED.format(value=value, which=which, page=history.page(limit)), every=every)
    values = counted.fetchall()
    finite = f"CASE WHEN isfinite({value}) THEN {value} END" if str(counted.types[0]) == "DOUBLE" else value
    ((least, greatest, different, without),) = history.ask(
        workspace, _ENDS.format(value=value, finite=finite, which=which), every=every
    ).fetchall()
    return Facets(values, least, greatest, different, without)
