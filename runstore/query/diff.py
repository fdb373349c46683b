"""Two runs, and what may have made them come out differently: params, code, packages, machine; and from which step."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from runstore.errors import StoreError
from runstore.query import code_diff, history, listing, parting, provenance, summaries
from runstore.query.changes import Change, between
from runstore.query.code_diff import FileChange
from runstore.query.connect import quoted
from runstore.query.parting import Parting
from runstore.runs.labels import when
from runstore.runs.redact import REDACTED
from runstore.runs.state import RunState

_NAMED = 3  # params and metrics that the verdict names
_LEFT_OUT = {"packages", "git", "hardware", "variables", "argv"}

_POINTS = """
SELECT run_id, name, step, value, kind, text, attempt, time, writer, seq FROM curve_points WHERE run_id IN ({a}, {b})
"""
_ENDS = """
SELECT run_id, name, count(*) AS points,
arg_max(struct_pack(kind, value, text), struct_pack(attempt, time, writer, seq)) AS last
FROM points GROUP BY run_id, name
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs."""

    run_id: str
    experiment: str
    name: str | None
    status: str
    started: datetime | None
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of both: its last values, and the first step at which the points that both have part, None if never.

    ``a_there``, ``b_there``: the values at that step. ``common``: how many points both have; ``parted``: how many of
    these differ.
    """

    name: str
    a: Any
    b: Any
    delta: float | None
    common: int
    parted: int
    step: int | None
    a_there: Any
    b_there: Any
    a_points: int
    b_points: int


@dataclass(slots=True)
class Diff:
    """What differs between two runs, and how much was the same. ``notes``: what can't be told, and why."""

    a: Side
    b: Side
    tolerance: float
    params: list[Change] = field(default_factory=list)
    tags: list[Change] = field(default_factory=list)
    files: list[FileChange] = field(default_factory=list)
    git: list[Change] = field(default_factory=list)
    uncommitted: list[FileChange] = field(default_factory=list)
    packages: list[Change] = field(default_factory=list)
    surroundings: list[Change] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    lone_metrics: list[Change] = field(default_factory=list)
    same: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def parted(self) -> list[Metric]:
        """The metrics that part, the earliest first."""
        return sorted((one for one in self.metrics if one.step is not None), key=lambda one: (one.step, one.name))

    @property
    def differ(self) -> bool:
        """Whether anything differs at all."""
        lists = (self.params, self.tags, self.files, self.git, self.uncommitted, self.packages, self.surroundings)
        return any(lists) or bool(self.parted or self.lone_metrics)

    @property
    def verdict(self) -> str:
        """All of it in one line."""
        causes = [*_few(self.params, "param"), *_code(self), *_counted(self.packages, "packages")]
        causes += [*_few(self.surroundings, "setting"), *_counted(self.tags, "tags")]
        told = f"differ in: {', '.join(causes)}" if causes else f"no differences in {_seen(self)}"
        return f"{told}; {outcome}" if (outcome := _outcome(self)) else told


def diff(workspace: Path, a: str, b: str, tolerance: float = 0.0, points: bool = True) -> Diff:
    """Compare two runs.

    Args:
        workspace: the workspace's directory.
        a: the whole id of one run.
        b: that of the other.
        tolerance: how far values may lie apart: of the larger one's size, or as it is where both are below 1.
        points: compare the metrics too, all of whose points are read.
    """
    one, other = (listing.some(workspace, [run_id])[0] for run_id in (a, b))
    found = Diff(_side(one), _side(other), tolerance)
    _compare(found, "params", listing.params(one), listing.params(other))
    _compare(
        found, "tags", *({key: listing.value(value) for key, (value, _) in run.tags.items()} for run in (one, other))
    )
    bodies = [provenance.of(run.path) for run in (one, other)]
    _provenance(found, workspace, (one, other), bodies)
    code_diff.compare(found, workspace, (one, other), bodies)
    if points:
        _metrics(found, workspace)
    return found


def _side(run: RunState) -> Side:
    started, ended = (None if time is None else when(time) for time in (run.started, run.ended))
    return Side(run.run_id, run.experiment, run.display_name or run.name, run.status, started, ended)


def _compare(found: Diff, section: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> None:
    changes, same = between(a, b)
    getattr(found, section).extend(changes)
    found.same[section] = same


def _provenance(found: Diff, workspace: Path, runs: Sequence[RunState], bodies: list[dict[str, Any]]) -> None:
    silent = [listing.short(run.run_id) for run, body in zip(runs, bodies, strict=True) if not body]
    if silent:
        found.notes.append(f"where {' and '.join(silent)} came from was not recorded: packages, machine, git")
    else:
        try:
            _compare(found, "packages", *(provenance.packages(workspace, body) for body in bodies))
        except StoreError as problem:
            found.notes.append(str(problem))
    told = ({"host": run.host, "user": run.user} for run in runs)
    _compare(
        found,
        "surroundings",
        *(_told(one | ({} if silent else _flat(body))) for one, body in zip(told, bodies, strict=True)),
    )


def _flat(body: dict[str, Any]) -> dict[str, Any]:
    """What was recorded beside packages and git, as one set of names."""
    plain = {key: value for key, value in body.items() if key not in _LEFT_OUT}
    command = shlex.join(body["argv"]).replace(f"'{REDACTED}'", REDACTED)
    return {"command line": command, **plain, **body["hardware"], **body["variables"]}


def _told(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def _metrics(found: Diff, workspace: Path) -> None:
    points = history.ask(workspace, _POINTS.format(a=quoted(found.a.run_id), b=quoted(found.b.run_id)))
    ends: dict[str, dict[str, tuple[Any, int]]] = {found.a.run_id: {}, found.b.run_id: {}}
    for run_id, name, count, last in parting.rows(points, _ENDS):
        ends[run_id][name] = _exact(last), count
    one, other = ends[found.a.run_id], ends[found.b.run_id]
    found.lone_metrics = [
        Change(name, "added" if name in other else "removed", one.get(name, (None,))[0], other.get(name, (None,))[0])
        for name in sorted(one.keys() ^ other.keys())
    ]
    counts = {name: one[name][1] + other[name][1] for name in sorted(one.keys() & other.keys())}
    told = parting.partings(points, found.a.run_id, found.b.run_id, counts, found.tolerance)
    for name in counts:
        at = told.get(name, Parting())
        (last, count), (last_other, count_other) = one[name], other[name]
        found.metrics.append(
            Metric(name, last, last_other, _delta(last, last_other), at.common, at.parted, at.step, _exact(at.here),
                   _exact(at.there), count, count_other)
        )  # fmt: skip
    found.same["metrics"] = sum(metric.step is None for metric in found.metrics)


def _exact(point: dict[str, Any] | None) -> Any:
    return None if point is None else summaries.exact(point["kind"], point["value"], point["text"])


def _delta(one: Any, other: Any) -> float | None:
    numbers = all(isinstance(value, int | float) for value in (one, other))
    return other - one if numbers else None


# ---- the verdict


def _few(changes: list[Change], what: str) -> list[str]:
    if len(changes) <= _NAMED:
        return [change.name for change in changes]
    return [*(change.name for change in changes[: _NAMED - 1]), f"{len(changes) - _NAMED + 1} more {what}s"]


def _counted(changes: list[Change], what: str) -> list[str]:
    return [f"{what} ({len(changes):,})"] if changes else []


def _code(found: Diff) -> list[str]:
    if found.files:
        return [f"code ({_plural(len(found.files), 'file')})"]
    if any(change.name == "commit" for change in found.git):
        return ["code (commit)"]
    return [f"code ({_plural(len(found.uncommitted), 'uncommitted file')})"] if found.uncommitted else []


def _seen(found: Diff) -> str:
    seen = [name for name in ("params", "code", "packages") if name in found.same]
    return ", ".join(seen) or "what is recorded"


def _outcome(found: Diff) -> str:
    parted = found.parted
    if parted:
        first = [f"{one.name} parts at step {one.step:,}" for one in parted[:1]]
        first += [f"{one.name} at {one.step:,}" for one in parted[1:_NAMED]]
        more = len(parted) - len(first)
        return ", ".join(first) + (f", {_plural(more, 'more metric')}" if more else "")
    common = sum(one.common for one in found.metrics)
    if common:
        return f"{_plural(len(found.metrics), 'metric')} the same at all {_plural(common, 'common point')}"
    return "no metric in common" if found.lone_metrics else ""


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
