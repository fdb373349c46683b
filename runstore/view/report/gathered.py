"""What the page asks about some runs, answered beforehand: the feed's own answers, by what was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec

from runstore.errors import RunstoreError
from runstore.query import connect
from runstore.runs.state import RUNNING
from runstore.view.feed import columns, kinds, logs, media, metrics, run, runs, snapshot, sweeps, system, workspace
from runstore.view.feed import files as listed
from runstore.view.report import beside

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

P = ParamSpec("P")

TAIL = 1 << 16
"""Bytes at the end of each log."""

LOGS, ROWS, FILES, MEDIA = 20, 1000, 2000, 2000
"""Of each run: logs, rows of a table, listed files, and what was logged to be looked at."""

VALUES = 8 << 20
"""Bytes of what charts are drawn from, in all."""

_TEXTS = """
SELECT name, arg_max(text, struct_pack(a := attempt, t := time, w := writer, s := seq)) FROM metrics
WHERE run_id = ? AND kind = 'str' GROUP BY name
"""
_KEPT = kinds.CHARTS | {"figure"}


@dataclass(frozen=True, slots=True)
class Gathered:
    """``answers``: for the page, ready for JSON. ``metrics``, ``machine``, ``media``: by run what there is to draw."""

    answers: dict[str, Any]
    metrics: dict[str, list[dict[str, Any]]]
    machine: dict[str, list[str]]
    media: dict[str, list[dict[str, Any]]]


def gather(ws: Workspace, ids: Sequence[str], progress: Callable[[int, int], None]) -> Gathered:
    """All of it but curves and files. ``progress``: called with (runs done, runs there are)."""
    room = _Room(VALUES)
    found: dict[str, _Of] = {}
    for done, run_id in enumerate(ids, 1):
        found[run_id] = _of(ws, run_id, room)
        progress(done, len(ids))
    answers = {
        **_table(ws, ids),
        "runs": {run_id: one.answers for run_id, one in found.items()},
        "metrics": {run_id: one.metrics for run_id, one in found.items()},
        "sweeps": _sweeps(ws, ids),
        "compare": told(beside.compared, ws, ids),
    }
    return Gathered(
        answers,
        {run_id: one.metrics for run_id, one in found.items()},
        {run_id: one.machine for run_id, one in found.items()},
        {run_id: one.media for run_id, one in found.items()},
    )


def told(ask: Callable[P, Any], *given: P.args, **named: P.kwargs) -> Any:
    """An answer; in place of one that can't be had, what is wrong, which the page shows where it would stand."""
    try:
        return ask(*given, **named)
    except RunstoreError as problem:
        return {"error": str(problem)}


def _table(ws: Workspace, ids: Sequence[str]) -> dict[str, Any]:
    """The table of the runs with every column that they have, in the order in which they were chosen."""
    there = columns.columns(ws, limit=columns.MOST, runs=ids)["columns"]
    which = f"run_id IN ({', '.join(map(connect.quoted, ids))})"
    table = runs.runs(ws, which, columns=[one["name"] for one in there], limit=len(ids))
    place = {run_id: at for at, run_id in enumerate(ids)}
    table["rows"].sort(key=lambda row: place[row[0]])
    about = workspace.workspace(ws)
    about |= {"path": about["url"] or about["name"], "runs": len(ids)}  # where it lies is nobody else's business
    about["running"] = _column(table, "status").count(RUNNING)
    experiments = {*_column(table, "experiment")}
    known = workspace.experiments(ws, limit=workspace.MOST)["experiments"]
    return {
        "workspace": {**about, "experiments": len(experiments)},
        "experiments": [one for one in known if one["experiment"] in experiments],
        "columns": there,
        "table": table,
    }


def _column(table: Mapping[str, Any], name: str) -> list[Any]:
    at = next(place for place, one in enumerate(table["columns"]) if one["name"] == name)
    return [row[at] for row in table["rows"]]


def _sweeps(ws: Workspace, ids: Sequence[str]) -> dict[str, Any]:
    """The sweeps among the runs, each with its trials."""
    found = {}
    for one in sweeps.sweeps(ws, limit=sweeps.MOST)["sweeps"]:
        if one["run_id"] in ids:
            found[one["run_id"]] = {**one, **sweeps.sweep(ws, one["run_id"])}
    return found


@dataclass(frozen=True, slots=True)
class _Of:
    answers: dict[str, Any]
    metrics: list[dict[str, Any]]
    machine: list[str]
    media: list[dict[str, Any]]


class _Room:
    """How many bytes may still be taken."""

    def __init__(self, size: int) -> None:
        self._left = size

    def take(self, size: int) -> bool:
        """Whether there is room for so many; if so they are taken."""
        fits = size <= self._left
        self._left -= size if fits else 0
        return fits


def _of(ws: Workspace, run_id: str, room: _Room) -> _Of:
    there = metrics.metrics(ws, [run_id], limit=metrics.MOST)["metrics"]
    items = media.media(ws, run_id, limit=MEDIA)
    measured = system.system(ws, run_id)
    tables = [one["name"] for one in there if one["kind"] == kinds.TABLE]
    answers = {
        "": told(_run, ws, run_id),
        "media": items,
        "system": measured,
        "files": told(listed.files, ws, run_id, limit=FILES),
        "snapshot": told(snapshot.snapshot, ws, run_id),
        "logs": told(logs.logs, ws, run_id),
        "log": _tails(ws, run_id),
        "rows": {name: told(media.rows, ws, run_id, name, limit=ROWS) for name in tables},
        "value": _values(ws, run_id, items["items"], room),
    }
    return _Of(answers, there, [one["name"] for one in measured["metrics"]], items["items"])


def _run(ws: Workspace, run_id: str) -> dict[str, Any]:
    """A run whole; of metrics that hold texts the last one, which the page would ask for in SQL."""
    found = run.run(ws, run_id)
    if any(one["last"] is None for one in found["metrics"]):
        texts = dict(ws.sql(_TEXTS, [run_id]).fetchall())
        for one in found["metrics"]:
            if one["last"] is None:
                one["last"] = texts.get(one["name"])
    return found


def _tails(ws: Workspace, run_id: str) -> dict[str, Any]:
    there = told(logs.logs, ws, run_id).get("logs", [])[:LOGS]
    names = [one["name"] for one in there]
    return {name: told(logs.log, ws, run_id, name, -TAIL, TAIL) for name in names}


def _values(ws: Workspace, run_id: str, items: Sequence[Mapping[str, Any]], room: _Room) -> dict[str, list[Any]]:
    """What charts are drawn from, by name; the newest first, as long as there is room."""
    found: dict[str, list[Any]] = {}
    for item in reversed(items):
        if item["kind"] not in _KEPT or "json" not in item["media_type"] or not room.take(item["size"]):
            continue
        answer = told(media.value, ws, run_id, item["name"], item["step"])
        if "error" not in answer:
            found.setdefault(item["name"], []).append(answer)
    return found
