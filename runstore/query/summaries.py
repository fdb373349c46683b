"""What a leaderboard needs of each metric: from seal records where they can be believed whole, else from the points."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from runstore.format import ranges, values
from runstore.query import ranks, views
from runstore.query.connect import DuckDBPyConnection, quoted
from runstore.query.points import Points
from runstore.query.thinned import Told
from runstore.runs.state import RunState

Summary: TypeAlias = dict[str, Any]  # of one metric, as in a seal record
ByRun: TypeAlias = dict[str, Mapping[str, Summary]]  # run id: metric: summary

_COMPUTE = """
SELECT run_id, name, count(*), min(value) FILTER (isfinite(value)), max(value) FILTER (isfinite(value)),
avg(value) FILTER (isfinite(value)), count(*) FILTER (isfinite(value)), count(*) FILTER (isnan(value)),
count(*) FILTER (isinf(value)), arg_min(struct_pack(v := value, k := kind, t := text), key) AS first,
arg_max(struct_pack(v := value, k := kind, t := text, s := step), key) AS last, min(key) AS first_key,
max(key) AS last_key
FROM (SELECT *, struct_pack(a := attempt, t := epoch_us(time), w := writer, s := seq) AS key FROM {source})
{where} GROUP BY run_id, name
"""


def of(
    connection: DuckDBPyConnection,
    points: Points,
    run_ids: Collection[str],
    curves: str,
    which: str = "true",
    names: Collection[str] | None = None,
) -> ByRun:
    """The summaries of some runs.

    Args:
        connection: where ``live_points`` and ``curves`` are bound.
        points: what the runs hold.
        run_ids: the runs.
        curves: a view of the points that count (``curve_points``).
        which: a condition on ``name``: which metrics are needed.
        names: the metrics that are needed; None where only the condition tells.
    """
    found: ByRun = {}
    from_points: list[str] = []
    for run_id in run_ids:
        if needs_points(points, run_id):
            from_points.append(run_id)
        else:
            told = points.summaries(run_id)
            if names is not None:  # of thousands, the others would be carried along for every run
                told = [{name: one[name] for name in names if name in one} for one in told]
            found[run_id] = merged(told)
    from_tail = [run_id for run_id in found if run_id in points.live]
    for run_id, summary in compute(connection, points.tail, from_tail, which).items():
        found[run_id] = merged([found[run_id], summary])
    found.update(compute(connection, curves, from_points, which))
    for run_id in from_points:
        if records := points.told(run_id):
            logged = f"({points.sql('points', [run_id])})"
            found[run_id] = {**found[run_id], **of_all(connection, run_id, records, logged, curves, which)}
    return found


def of_all(
    connection: DuckDBPyConnection, run_id: str, told: Sequence[Told], logged: str, curves: str, which: str = "true"
) -> dict[str, Summary]:
    """The summaries of a run's curves that were thinned, over all the points there were.

    A curve of which a later attempt has overwritten something since is left out: nobody can tell any more.

    Args:
        connection: where the views are bound, and the ranks of the run's writers (``ranks.load``).
        run_id: the run.
        told: what its records say, from before they were thinned.
        logged: a view of all points that are left, with ``indexed``.
        curves: a view of those that count.
        which: a condition on ``name``: which metrics are needed.
    """
    if not told:
        return {}
    others = " OR ".join(one.within for one in told)
    parts = [compute(connection, f"(SELECT * FROM {curves} WHERE NOT ({others}))", [run_id], which)[run_id]]
    parts += [one.summary for one in told]
    cut = {name for one in told for name in _cut(connection, one.within, logged, curves)}
    known = {name for one in told for name in one.summary} - cut
    return {name: summary for name, summary in merged(parts).items() if name in known}


def _cut(connection: DuckDBPyConnection, within: str, logged: str, curves: str) -> list[str]:
    """The metrics of which other points count than would if there were only these."""
    own = ranks.ranked(f"SELECT * FROM {logged} WHERE {within}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE begun_within AS {views.BEGUN.format(source=own)}")
    alone = f"SELECT name, writer, seq FROM ({views.points_view(own, 'begun_within')})"
    now = f"SELECT name, writer, seq FROM {curves} WHERE {within}"
    query = f"SELECT DISTINCT name FROM (({alone} EXCEPT {now}) UNION ALL ({now} EXCEPT {alone}))"
    return [name for (name,) in connection.execute(query).fetchall()]


def needs_points(points: Points, run_id: str) -> bool:
    """Whether only the points themselves can tell: several attempts, records that overlap, or points of later."""
    run = points[run_id]
    if points.sealed_later(run):
        return True
    return (run_id in points.live or len(run.inventory.active) > 1) and not believable(run)


def believable(run: RunState) -> bool:
    """Whether summaries of parts of a run may be added up: one attempt, and no number covered twice."""
    covered: dict[str, list[ranges.Range]] = {}
    attempts = {attempt.number for attempt in run.attempts}
    for _, body in run.inventory.active:
        for writer, attempt, first, last in body["ranges"]:
            attempts.add(attempt)
            covered.setdefault(writer, []).append((first, last))
    if len(attempts) > 1:
        return False
    return all(sum(last - first + 1 for first, last in p) == ranges.count(p) for p in covered.values())


def merged(parts: Iterable[Mapping[str, Summary]]) -> dict[str, Summary]:
    """Add up the summaries of parts of one run that have no point in common."""
    total: dict[str, Summary] = {}
    for part in parts:
        for name, summary in part.items():
            total[name] = _add(total[name], summary) if name in total else summary
    return total


def _add(one: Summary, other: Summary) -> Summary:
    first = min(one, other, key=lambda summary: summary["first_key"])
    last = max(one, other, key=lambda summary: summary["last_key"])
    finite = one["finite"] + other["finite"]
    added = {name: one[name] + other[name] for name in ("count", "finite", "nan_count", "inf_count")}
    return {
        **added,
        **{name: first[name] for name in ("first", "first_time", "first_key")},
        **{name: last[name] for name in ("last", "last_step", "last_time", "last_key")},
        "min": min((s["min"] for s in (one, other) if s["min"] is not None), default=None),
        "max": max((s["max"] for s in (one, other) if s["max"] is not None), default=None),
        "mean": values.to_json(_mean(one, other, finite)) if finite else None,
    }


def _mean(one: Summary, other: Summary, finite: int) -> float:
    shares = [(float(values.from_json(s["mean"]) or 0), s["finite"]) for s in (one, other) if s["finite"]]
    return float(sum(mean * (count / finite) for mean, count in shares))


def compute(connection: DuckDBPyConnection, source: str, run_ids: Collection[str], which: str = "true") -> ByRun:
    """The summaries of some runs over the points of a view.

    Args:
        connection: where the view is bound.
        source: the view, with the columns of ``live_points``; only points that count.
        run_ids: the runs.
        which: a condition on ``name``: which metrics are needed.
    """
    if not run_ids:
        return {}
    where = f"WHERE run_id IN ({', '.join(map(quoted, run_ids))}) AND ({which})"
    found: dict[str, dict[str, Summary]] = {run_id: {} for run_id in run_ids}
    for row in connection.execute(_COMPUTE.format(source=source, where=where)).fetchall():
        found[row[0]][row[1]] = _summary(*row[2:])
    return dict(found)


def _summary(
    count: int, least: float | None, greatest: float | None, mean: float | None, finite: int, nans: int, infs: int,
    first: dict[str, Any], last: dict[str, Any], first_key: dict[str, Any], last_key: dict[str, Any],
) -> Summary:  # fmt: skip
    return {
        "count": count,
        "first": values.to_json(exact(first["k"], first["v"], first["t"])),
        "last": values.to_json(exact(last["k"], last["v"], last["t"])),
        "min": least,
        "max": greatest,
        "mean": values.to_json(mean),
        "finite": finite,
        "nan_count": nans,
        "inf_count": infs,
        "last_step": last["s"],
        "first_time": first_key["t"] * 1000,
        "last_time": last_key["t"] * 1000,
        "first_key": list(first_key.values()),
        "last_key": list(last_key.values()),
    }


def exact(kind: str, value: float | None, text: str | None) -> values.Scalar:
    """The value that was logged, from the columns that keep it."""
    if kind == "float":
        return value
    if kind == "int":
        return int(text if text is not None else value)  # type: ignore[arg-type]
    return bool(value) if kind == "bool" else text
