"""A page of runs: the runs themselves, and those of their params and metrics that tell them apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

    from runstore import Workspace

COLUMNS = ("run_id", "experiment", "name", "status", "started", "ended", "points", "dropped", "parent_id")
_AT_ONCE = 1000
_EVERY = 2**62
Found = Mapping[str, Mapping[str, Any]]  # of each run: value by name


@dataclass(slots=True)
class Page:
    """Some of the runs there are. ``total``: how many the filter lets through."""

    runs: list[dict[str, Any]]
    total: int
    params: Found = field(default_factory=dict)
    metrics: Found = field(default_factory=dict)

    def changed(self) -> list[str]:
        """Params that aren't the same in all these runs, those that most runs have first."""
        return [name for name in _frequent(self.params, self.runs) if len(set(self._texts(self.params, name))) > 1]

    def numeric(self) -> list[str]:
        """Metrics whose last value is a number, those that most runs have first."""
        return [
            name
            for name in _frequent(self.metrics, self.runs)
            if any(self.metrics.get(run["run_id"], {}).get(name) is not None for run in self.runs)
        ]

    def _texts(self, found: Found, name: str) -> list[str]:
        return [repr(found.get(run["run_id"], {}).get(name)) for run in self.runs]


def first(ws: Workspace, relation: DuckDBPyRelation, limit: int, as_of: str | None = None, start: int = 0) -> Page:
    """Some runs of a relation of ``COLUMNS``, however many there are, with their params and metrics."""
    rows, total = page(relation, limit, start)
    runs = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    ids = [run["run_id"] for run in runs]
    return Page(runs, total, params(ws, ids, as_of), last(ws, ids, as_of))


def whole(relation: DuckDBPyRelation, start: int = 0) -> Page:
    """Every run of a relation with all columns of runs: one statement, quicker for many runs than three."""
    names = relation.columns
    rows, total = page(relation, None, start)
    runs = [dict(zip(names, row, strict=True)) for row in rows]
    params = {run["run_id"]: _there(run["params"]) for run in runs}
    metrics = {run["run_id"]: {k: v for k, v in _there(run["last"]).items() if _numeric(v)} for run in runs}
    return Page(runs, total, params, metrics)


def page(relation: DuckDBPyRelation, limit: int | None, start: int = 0) -> tuple[list[tuple[Any, ...]], int]:
    """The rows of a relation from ``start`` on, at most ``limit``, and how many it has in all."""
    if limit is None:
        rows = (relation.limit(_EVERY, start) if start else relation).fetchall()
    else:
        rows = relation.limit(limit + 1, start).fetchall()
    if (rows or not start) and (limit is None or len(rows) <= limit):
        return rows, start + len(rows)
    return rows[:limit], int(relation.aggregate("count(*)").fetchall()[0][0])


def params(ws: Workspace, run_ids: Sequence[str], as_of: str | None = None) -> dict[str, dict[str, Any]]:
    """The params of runs, exactly as logged; those of a later attempt over those of an earlier one."""
    found: dict[str, dict[str, Any]] = {run_id: {} for run_id in run_ids}
    asked = "SELECT run_id, attempt, name, kind, value, text FROM params"
    for row in _of(ws, asked, run_ids, "ORDER BY attempt", as_of):
        run_id, _, name, kind, value, text = row
        found[run_id][name] = value_of(kind, value, text)
    return found


def last(ws: Workspace, run_ids: Sequence[str], as_of: str | None = None) -> dict[str, dict[str, float | None]]:
    """The last values of the metrics of runs; None where it is no number."""
    found: dict[str, dict[str, float | None]] = {run_id: {} for run_id in run_ids}
    asked = "SELECT run_id, name, last FROM metric_summary"
    for run_id, name, value in _of(ws, asked, run_ids, "ORDER BY name", as_of):
        found[run_id][name] = value
    return found


def shortened(run_ids: Sequence[str], among: Sequence[str] | None = None, least: int = 8) -> list[str]:
    """As much of each id as names one run only, of those ``among`` which they are (default: these)."""
    every = run_ids if among is None else among
    found = []
    for run_id in run_ids:
        rivals = [one for one in every if one != run_id and one.startswith(run_id[:least])]
        length = least
        while length < len(run_id) and any(one.startswith(run_id[:length]) for one in rivals):
            length += 1
        found.append(run_id[:length])
    return found


def value_of(kind: str, value: float | None, text: str | None) -> Any:
    """What was logged, from the columns that keep it; a list stays JSON text."""
    from runstore.query import summaries

    return text if kind == "json" else summaries.exact(kind, value, text)


def _of(ws: Workspace, select: str, run_ids: Sequence[str], order: str, as_of: str | None) -> Iterable[tuple[Any, ...]]:
    for start in range(0, len(run_ids), _AT_ONCE):
        some = run_ids[start : start + _AT_ONCE]
        query = f"{select} WHERE run_id IN ({', '.join('?' * len(some))}) {order}"
        yield from ws.sql(query, params=some, as_of=as_of).fetchall()


def _frequent(found: Found, runs: Sequence[Mapping[str, Any]]) -> list[str]:
    counts: dict[str, int] = {}
    for run in runs:
        for name in found.get(run["run_id"], {}):
            counts[name] = counts.get(name, 0) + 1
    return sorted(counts, key=lambda name: -counts[name])  # stable: in the order in which they were met


def _there(fields: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (fields or {}).items() if value is not None}


def _numeric(value: Any) -> bool:
    return isinstance(value, int | float)
