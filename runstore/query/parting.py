"""Where the curves of two runs part: piece by piece, so that any number of points takes no more memory than a piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from runstore.query.connect import DuckDBPyRelation, quoted

PIECE = 1_000_000
"""Points of both runs that are compared at once."""

_REPEATED = "SELECT 1 FROM points WHERE {piece} GROUP BY run_id, name, step HAVING count(*) > 1 LIMIT 1"
_NTH = "row_number() OVER (PARTITION BY run_id, name, step ORDER BY attempt, time, writer, seq)"
_PARTING = """
WITH numbered AS (SELECT run_id, name, step, kind, value, text, {nth} AS nth FROM points WHERE {piece}), pairs AS (
    SELECT a.name, a.step, a.nth, struct_pack(kind := a.kind, value := a.value, text := a.text) AS one,
    struct_pack(kind := b.kind, value := b.value, text := b.text) AS other,
    a.value IS NOT DISTINCT FROM b.value AND a.text IS NOT DISTINCT FROM b.text
    OR coalesce(isfinite(a.value - b.value), false) AND a.text IS NULL AND b.text IS NULL
    AND abs(a.value - b.value) <= {tolerance} * greatest(1, abs(a.value), abs(b.value)) AS same
    FROM numbered a JOIN numbered b USING (name, step, nth) WHERE a.run_id = {a} AND b.run_id = {b}
)
SELECT name, count(*), count(*) FILTER (NOT same), min(step) FILTER (NOT same),
arg_min(one, struct_pack(step, nth)) FILTER (NOT same), arg_min(other, struct_pack(step, nth)) FILTER (NOT same)
FROM pairs GROUP BY name
"""


@dataclass(slots=True)
class Parting:
    """Of a metric: how many points both runs have, how many of these differ, and the first that do.

    ``here`` and ``there``: kind, value and text of either; None where they never part.
    """

    common: int = 0
    parted: int = 0
    step: int | None = None
    here: dict[str, Any] | None = None
    there: dict[str, Any] | None = None


def partings(
    points: DuckDBPyRelation, a: str, b: str, counts: Mapping[str, int], tolerance: float
) -> dict[str, Parting]:
    """Compare two runs.

    Args:
        points: of both, with the columns of ``curve_points``.
        a: the id of the one.
        b: the id of the other.
        counts: the metrics that both have, each with how many points both have of it.
        tolerance: as for ``diff``.
    """
    found: dict[str, Parting] = {}
    for piece in pieces(points, counts):
        repeated = bool(rows(points, _REPEATED.format(piece=piece)))
        query = _PARTING.format(
            piece=piece, nth=_NTH if repeated else "1", a=quoted(a), b=quoted(b), tolerance=tolerance
        )
        for name, common, parted, step, here, there in rows(points, query):
            one = found.setdefault(name, Parting())
            one.common, one.parted = one.common + common, one.parted + parted
            if one.step is None:
                one.step, one.here, one.there = step, here, there
    return found


def pieces(points: DuckDBPyRelation, counts: Mapping[str, int]) -> Iterator[str]:
    """Conditions that cut the points, by name and then by step, into pieces that can be compared in memory."""
    group: list[str] = []
    held = 0
    for name, count in sorted(counts.items()):
        if group and held + count > PIECE:
            yield _between(group)
            group, held = [], 0
        if count > PIECE:
            yield from _cut(points, name, -(-count // PIECE))
        else:
            group, held = [*group, name], held + count
    if group:
        yield _between(group)


def _between(group: list[str]) -> str:
    """Neighbouring names; of others between them only one run has points."""
    return f"name >= {quoted(group[0])} AND name <= {quoted(group[-1])}"


def _cut(points: DuckDBPyRelation, name: str, parts: int) -> Iterator[str]:
    """Stretches of steps in which about as many points lie."""
    shares = ", ".join(f"{part / parts:.6f}" for part in range(1, parts))
    own = f"name = {quoted(name)}"
    ((ends,),) = rows(points, f"SELECT approx_quantile(step, [{shares}]) FROM points WHERE {own}")
    before = ""
    for end in sorted(set(ends)):
        yield f"{own}{before} AND step <= {end}"
        before = f" AND step > {end}"
    yield own + before


def rows(points: DuckDBPyRelation, query: str) -> list[tuple[Any, ...]]:
    """What a statement over ``points`` gives."""
    answer = points.query("points", query)
    return answer.fetchall() if answer is not None else []
