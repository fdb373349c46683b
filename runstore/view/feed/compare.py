"""Runs side by side: params, last values against a baseline, where they come from, from which step they part, code."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runstore.errors import StoreError, UsageError
from runstore.query import code_diff, comparison, diff, listing, provenance
from runstore.runs.state import RunState
from runstore.view.feed import chosen, plain

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

LEAST, MOST = 2, 10
PARTS = ("params", "metrics", "provenance", "first_divergence", "code")
"""What may be asked for. For the last two all points and all code of each pair are read: a page asks for them apart."""

LINES = 2000
"""Lines of a file's difference that are told."""

_ABSENT = object()
_LEFT_OUT = ("packages", "git", "hardware", "variables", "argv")


def compare(
    ws: Workspace, runs: Iterable[str], baseline: str | None = None, parts: Sequence[str] = PARTS
) -> dict[str, Any]:
    """Two to ten runs compared.

    Args:
        ws: the workspace.
        runs: their ids, in the order in which they are shown.
        baseline: which one the others are compared with; None: the first.
        parts: which of ``PARTS``.

    Returns:
        ``runs``, ``baseline``; ``params`` and ``provenance``: name, values in the order of the runs, ``given`` (whether
        a run has it), ``differs``; ``metrics``: name, values, ``deltas`` and ``percents`` to the baseline, ``best``,
        ``differs``; ``first_divergence``: of each other run its metrics that part from the baseline, the earliest
        first; ``code``: of each other run the files that differ; ``notes``: what can't be told.

    Raises:
        UsageError: too few or too many runs, or a part that is none.
        RunNotFound: no run, or more than one, answers to an id.
    """
    ids = chosen.ids(ws, runs)
    if not LEAST <= len(ids) <= MOST:
        raise UsageError(f"from {LEAST} to {MOST} different runs are compared, not {len(ids)}")
    if unknown := [one for one in parts if one not in PARTS]:
        raise UsageError(f"parts are {', '.join(PARTS)}, not {unknown[0]!r}")
    first = ids[0] if baseline is None else chosen.ids(ws, [baseline])[0]
    if first not in ids:
        raise UsageError(f"the baseline {first} is none of the runs")
    found: dict[str, Any] = {"baseline": first, "notes": []}
    found |= _side_by_side(ws, ids, first, parts)
    if "provenance" in parts:
        found["provenance"] = _provenance(ws, ids, found["notes"])
    if {"first_divergence", "code"} & {*parts}:
        _pairs(ws, found, [one for one in ids if one != first], parts)
    return found


def _side_by_side(ws: Workspace, ids: Sequence[str], first: str, parts: Sequence[str]) -> dict[str, Any]:
    ordered = [first, *(one for one in ids if one != first)]
    told = comparison.compare(ws.path, ordered)
    place = [ordered.index(one) for one in ids]

    def shown(values: Sequence[Any]) -> list[Any]:
        return [plain.value(values[at]) for at in place]

    found: dict[str, Any] = {"runs": [_run(told.runs[at]) for at in place]}
    if "params" in parts:
        found["params"] = [
            {"name": one.name, "values": shown(one.values), "given": shown(one.given), "differs": one.changed}
            for one in told.params
        ]
    if "metrics" in parts:
        found["metrics"] = [
            {
                "name": one.name, "values": shown(one.values), "deltas": shown(one.delta),
                "percents": shown(one.percent), "best": plain.value(one.best), "differs": one.changed,
            }
            for one in told.metrics
        ]  # fmt: skip
    return found


def _run(one: comparison.Compared) -> dict[str, Any]:
    return {"run_id": one.run_id, "experiment": one.experiment, "name": one.name, "status": one.status}


# ---- where they come from


def _provenance(ws: Workspace, ids: Sequence[str], notes: list[str]) -> list[dict[str, Any]]:
    """Git, machine, settings and packages by name; of packages those in which the runs differ only."""
    found = {run.run_id: run for run in listing.some(ws.path, ids)}
    runs = [found[one] for one in ids]
    bodies = [provenance.of(run.path) for run in runs]
    rows = _rows([_flat(run, body) for run, body in zip(runs, bodies, strict=True)], "")
    try:
        packages = [provenance.packages(ws.path, body) for body in bodies]
    except StoreError as problem:
        notes.append(str(problem))
        return rows
    return rows + [row for row in _rows(packages, "package ") if row["differs"]]


def _flat(run: RunState, body: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"host": run.host, "user": run.user}
    told |= {
        f"git {key}": value for key, value in (body.get("git") or {}).items() if not isinstance(value, dict | list)
    }
    if body.get("argv"):
        told["command line"] = shlex.join(map(str, body["argv"]))
    told |= {key: value for key, value in body.items() if key not in _LEFT_OUT}
    for part in ("hardware", "variables"):
        told |= body.get(part) or {}
    return {key: value for key, value in told.items() if value not in (None, "", [])}


def _rows(told: Sequence[Mapping[str, Any]], prefix: str) -> list[dict[str, Any]]:
    rows = []
    for name in dict.fromkeys(name for one in told for name in one):
        values = [one.get(name, _ABSENT) for one in told]
        given = [value is not _ABSENT for value in values]
        shown = [plain.value(value) if value is not _ABSENT else None for value in values]
        differs = not all(given) or any(value != values[0] for value in values)
        rows.append({"name": prefix + name, "values": shown, "given": given, "differs": differs})
    return rows


# ---- pairs


def _pairs(ws: Workspace, found: dict[str, Any], others: Sequence[str], parts: Sequence[str]) -> None:
    tellers: dict[str, Callable[[Workspace, diff.Diff], Any]] = {"first_divergence": _parting, "code": _code}
    tellers = {part: tell for part, tell in tellers.items() if part in parts}
    found |= {part: [] for part in tellers}
    for other in others:
        pair = diff.diff(ws.path, found["baseline"], other, points="first_divergence" in parts)
        found["notes"] += [note for note in pair.notes if note not in found["notes"]]
        for part, tell in tellers.items():
            found[part].append({"run_id": other, **tell(ws, pair)})


def _parting(ws: Workspace, pair: diff.Diff) -> dict[str, Any]:
    metrics = [
        {
            "name": one.name, "step": one.step, "baseline": plain.value(one.a_there), "other": plain.value(one.b_there),
            "common": one.common, "parted": one.parted,
        }
        for one in pair.parted
    ]  # fmt: skip
    return {"verdict": pair.verdict, "same": pair.same.get("metrics", 0), "metrics": metrics}


def _code(ws: Workspace, pair: diff.Diff) -> dict[str, Any]:
    changes = [*pair.files, *pair.uncommitted]
    git = [{"name": one.name, "baseline": plain.value(one.a), "other": plain.value(one.b)} for one in pair.git]
    return {"files": [_change(ws, one) for one in changes], "git": git}


def _change(ws: Workspace, change: code_diff.FileChange) -> dict[str, Any]:
    try:
        lines = code_diff.lines(ws.path, change)
    except StoreError as problem:
        lines = [str(problem)]
    cut = len(lines) > LINES
    return {"path": change.path, "how": change.how, "diff": "\n".join(lines[:LINES]), "cut": cut}
