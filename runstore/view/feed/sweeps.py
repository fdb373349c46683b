"""The sweeps of a workspace, and what came of one: its children by what they were given and the metric it is about."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from runstore.errors import UsageError
from runstore.query import children, connect, listing
from runstore.runs.state import RunState
from runstore.view.feed import chosen, plain

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

MOST, TRIALS = 500, 10_000
TYPE = "hyperdrive"
PRIMARY, BEST, HYPERPARAMETERS, STOPPED = (
    "primary_metric_config", "best_child_run_id", "hyperparameters", "stopped_by",
)  # fmt: skip
_TAGS = {"generator_config": "generator", "policy_config": "policy"}
_COUNTS = {"max_total_jobs": "total", "max_concurrent_jobs": "concurrent"}
_MAXIMIZE = "maximize"

_LISTED = "SELECT run_id FROM runs WHERE type = ?{which} ORDER BY started DESC, run_id LIMIT ? OFFSET ?"
_CHILDREN = "SELECT parent_id, status, count(*) FROM runs WHERE parent_id IN ({ids}) GROUP BY ALL ORDER BY ALL"
_FIGURES = "SELECT run_id, last, min, max FROM metric_summary WHERE run_id IN ({ids}) AND name = {name}"


def sweeps(ws: Workspace, experiment: str | None = None, limit: int = 50, offset: int = 0) -> dict[str, Any]:
    """The sweeps, newest first, each with what it looks for and how many of its children have which status."""
    limit, offset = chosen.page(limit, offset, MOST)
    which = " AND experiment = ?" if experiment is not None else ""
    given = [TYPE, *([experiment] if experiment is not None else [])]
    ids = [one for (one,) in ws.sql(_LISTED.format(which=which), [*given, limit, offset]).fetchall()]
    ((total,),) = ws.sql(f"SELECT count(*) FROM runs WHERE type = ?{which}", given).fetchall()
    counted = _counted(ws, ids)
    runs = {run.run_id: run for run in listing.some(ws.path, ids)}
    told = [_told(runs[one]) | {"children": counted.get(one, {})} for one in ids if one in runs]
    return {"sweeps": told, "total": total}


def sweep(ws: Workspace, run_id: str) -> dict[str, Any]:
    """One sweep with its children in the order of their numbers: what each was given, and the metric.

    ``metric``: the best that it logged, ``last``: the newest. ``parameters``: the names of all that was given.

    Raises:
        UsageError: the run is no sweep.
    """
    run = chosen.one(ws, run_id)
    if children.type_of(run) != TYPE:
        raise UsageError(f"run {run.run_id} is no sweep")
    told = _told(run)
    below = list(itertools.islice(children.below(ws.path, run.run_id, recursive=False), TRIALS))
    below.sort(key=lambda one: (len(one.run_id), one.run_id))
    figures = _figures(ws, [one.run_id for one in below], told["metric"])
    place = 2 if told["goal"] == _MAXIMIZE else 1
    trials = [_trial(one, figures.get(one.run_id, (None, None, None)), place) for one in below]
    names = dict.fromkeys(name for one in trials for name in one["values"])
    return told | {"parameters": [*names], "trials": trials}


def _told(run: RunState) -> dict[str, Any]:
    primary = _json(run.properties, PRIMARY) or {}
    tags = {told: _json(run.tags, name) for name, told in _TAGS.items()}
    generator = tags["generator"] if isinstance(tags["generator"], Mapping) else {}
    best = run.properties.get(BEST)
    return {
        "run_id": run.run_id,
        "name": run.display_name or run.name,
        "experiment": run.experiment,
        "status": run.status,
        "started": plain.nanoseconds(run.started),
        "ended": plain.nanoseconds(run.ended),
        "metric": primary.get("name"),
        "goal": str(primary.get("goal", "")).lower() or None,
        "sampling": generator.get("name"),
        "space": generator.get("parameter_space"),
        "policy": tags["policy"],
        "best_child_run_id": listing.shown(listing.value(best[0])) if best else None,
        **{told: _json(run.tags, name) for name, told in _COUNTS.items()},
    }


def _trial(run: RunState, figures: Sequence[float | None], place: int) -> dict[str, Any]:
    given = _json(run.properties, HYPERPARAMETERS)
    stopped = run.tags.get(STOPPED)
    return {
        "run_id": run.run_id,
        "name": run.display_name or run.name,
        "status": run.status,
        "started": plain.nanoseconds(run.started),
        "ended": plain.nanoseconds(run.ended),
        "values": given if isinstance(given, dict) else {},
        "last": plain.value(figures[0]),
        "metric": plain.value(figures[place]),
        "stopped_by": listing.shown(listing.value(stopped[0])) if stopped else None,
    }


def _counted(ws: Workspace, ids: Sequence[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    if ids:
        for parent, status, many in ws.sql(_CHILDREN.format(ids=_listed(ids))).fetchall():
            found.setdefault(parent, {})[status] = many
    return found


def _figures(ws: Workspace, ids: Sequence[str], metric: str | None) -> dict[str, tuple[float | None, ...]]:
    if not ids or metric is None:
        return {}
    query = _FIGURES.format(ids=_listed(ids), name=connect.quoted(metric))
    return {run_id: tuple(row) for run_id, *row in ws.sql(query).fetchall()}


def _listed(ids: Iterable[str]) -> str:
    return ", ".join(map(connect.quoted, ids))


def _json(labels: Mapping[str, tuple[Any, int]], name: str) -> Any:
    """What a label says as JSON; None where it doesn't."""
    if name not in labels:
        return None
    try:
        return plain.value(orjson.loads(str(listing.value(labels[name][0]))))
    except orjson.JSONDecodeError:
        return None
