"""What there is to know about one run, and the runs below it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runstore.query import beats, catalog, connect, listing, lookup, naming, provenance
from runstore.query import children as below
from runstore.runs.state import AttemptState, RunState, WriterState
from runstore.view.feed import chosen, kinds, metrics, plain, runs

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

METRICS, WARNINGS, NOTES, TEXTS = 1000, 100, 1000, 200
"""How many of them are told with a run; more metrics come from ``metrics.metrics``, more warnings from the logs."""

_CHILDREN = ("name", "number", "status", "started", "duration", "type")
_FIGURES = ("last", "min", "max", "mean", "count", "last_step", "nan_count", "inf_count")
_LAST_TEXTS = """
SELECT name, arg_max(text, struct_pack(attempt, time, writer, seq)) FROM metrics
WHERE run_id = ? AND name IN ({names}) AND kind = 'str' GROUP BY name
"""
_LOUD = f"""
SELECT time, level, logger, text, exception FROM logs
WHERE run_id = ? AND level IN ('WARNING', 'ERROR', 'CRITICAL') ORDER BY attempt, time, writer, line LIMIT {WARNINGS}
"""


def run(ws: Workspace, run_id: str) -> dict[str, Any]:
    """A run whole: what it is, how it goes, its labels, params and metrics, who wrote it and where it comes from."""
    state = chosen.one(ws, run_id)
    every = catalog.of(ws.path)
    body = provenance.of(state.path)
    figures, many = _metrics(ws, state)
    return {
        **_is(state),
        "number": lookup.number(every, state) or None,
        "children": len(lookup.below(every, [state.run_id], recursive=False)),
        "tags": _labels(state.tags),
        "properties": _labels(state.properties),
        "params": {key: plain.value(value) for key, value in listing.params(state).items()},
        "notes": [{"time": plain.nanoseconds(when), "text": text} for when, text in state.notes[-NOTES:]],
        "descriptions": dict(state.descriptions),
        "metrics": figures,
        "metrics_total": many,
        "warnings": _loud(ws, state),
        "inputs": [{"run_id": one["run"], "name": one["name"], "version": one["version"]} for one in state.inputs],
        "attempts": [_attempt(one) for one in state.attempts],
        "writers": [_writer(one) for one in state.writers],
        "provenance": _provenance(state, body),
        "snapshot_id": state.snapshot["id"] if state.snapshot else None,
        "heartbeat_age_s": beats.age(state),
        "submitted": state.definition is not None,
        "damaged": list(state.damaged),
    }


def children(ws: Workspace, run_id: str, limit: int = 100, offset: int = 0) -> dict[str, Any]:
    """The runs below a run, newest first, as ``runs.runs`` tells runs."""
    whole = chosen.one(ws, run_id).run_id
    where = f"parent_id = {connect.quoted(whole)}"
    return runs.runs(ws, where, columns=_CHILDREN, limit=limit, offset=offset)


def _is(state: RunState) -> dict[str, Any]:
    """What a run is and how it goes. A run at work lasts until now."""
    began, ended = state.started, state.ended
    return {
        "run_id": state.run_id,
        "name": state.display_name or state.name,
        "experiment": state.experiment,
        "parent_id": state.parent_id,
        "type": below.type_of(state),
        "status": state.status,
        "started": plain.nanoseconds(began),
        "ended": plain.nanoseconds(ended),
        "duration_s": plain.seconds(began, ended if ended is not None or state.settled else time.time_ns()),
        "error": state.error,
        "failure": plain.value(state.failure),
        "description": state.description,
        "points": state.points,
        "dropped": state.dropped,
        "warnings_total": state.warnings,
        "errors": state.errors,
        "archived": state.archived,
        "deleted": plain.nanoseconds(state.deleted),
    }


def _labels(labels: Mapping[str, tuple[Any, int]]) -> dict[str, Any]:
    return {key: plain.value(listing.value(value)) for key, (value, _) in labels.items()}


def _metrics(ws: Workspace, state: RunState) -> tuple[list[dict[str, Any]], int]:
    """The first metrics by name with their figures, and how many there are."""
    names = sorted(naming.metrics(naming.runs_of(ws.path, [state.run_id], None)), key=lambda one: (one.lower(), one))
    shown = names[:METRICS]
    listed = ", ".join(map(connect.quoted, shown)) or "NULL"
    query = f"SELECT name, {', '.join(_FIGURES)} FROM metric_summary WHERE run_id = ? AND name IN ({listed})"
    found = [_figures(name, row) for name, *row in ws.sql(query, [state.run_id]).fetchall()]
    _texts(ws, state, found)
    place = {name: at for at, name in enumerate(shown)}
    found.sort(key=lambda one: place[one["name"]])
    others = metrics.others(ws, [state.run_id]).values()
    for one in others:
        figures = {"count": one["points"], "last_step": one["last_step"]}
        found.append({"name": one["name"], "kind": one["kind"], **dict.fromkeys(_FIGURES), **figures})
    return found, len(names) + len(others)


def _texts(ws: Workspace, state: RunState, found: Sequence[dict[str, Any]]) -> None:
    """Say of metrics whose last value is no number what text it is."""
    lacking = {one["name"]: one for one in found if one["last"] is None and one["count"]}
    if lacking:
        names = ", ".join(map(connect.quoted, [*lacking][:TEXTS]))
        for name, text in ws.sql(_LAST_TEXTS.format(names=names), [state.run_id]).fetchall():
            lacking[name]["last"] = text


def _figures(name: str, row: Sequence[Any]) -> dict[str, Any]:
    figures = dict(zip(_FIGURES, map(plain.value, row), strict=True))
    return {"name": name, "kind": kinds.VALUE if figures["count"] == 1 else kinds.CURVE, **figures}


def _loud(ws: Workspace, state: RunState) -> list[dict[str, Any]]:
    """The first warnings and errors that its program gave."""
    if not state.warnings and not state.errors:
        return []
    rows = ws.sql(_LOUD, [state.run_id]).fetchall()
    keys = ("time", "level", "logger", "text", "exception")
    return [dict(zip(keys, map(plain.value, row), strict=True)) for row in rows]


def _attempt(one: AttemptState) -> dict[str, Any]:
    times = {"started": plain.nanoseconds(one.started), "ended": plain.nanoseconds(one.ended)}
    return {
        "number": one.number,
        "status": one.status,
        "error": one.error,
        "failure": plain.value(one.failure),
        **times,
    }


def _writer(one: WriterState) -> dict[str, Any]:
    times = {"started": plain.nanoseconds(one.started), "ended": plain.nanoseconds(one.ended)}
    plainly = ("writer", "attempt", "rank", "host", "user", "pid", "state", "error", "points", "dropped")
    return {**{key: getattr(one, key) for key in plainly}, **times}


def _provenance(state: RunState, body: Mapping[str, Any]) -> dict[str, Any]:
    """Where it comes from; of the packages how many, of what was not committed whether there is something."""
    told = {key: plain.value(value) for key, value in body.items() if key not in ("packages", "git")}
    git = {key: plain.value(value) for key, value in (body.get("git") or {}).items() if key != "diff"}
    if git:
        git["has_diff"] = "diff" in body["git"]
    packages = (body.get("packages") or {}).get("count", 0)
    return {"host": state.host, "user": state.user, "argv": [], **told, "git": git or None, "packages": packages}
