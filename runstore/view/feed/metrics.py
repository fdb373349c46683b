"""Which metrics runs have, page by page: curves, single values, tables and what was logged as a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from runstore.query import connect, files, listing, logged_rows, naming
from runstore.view.feed import chosen, kinds

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

MOST = 20_000
FEW = 100  # runs of which points are counted, and files and tables looked for; of more the newest are
_NAMED = 200  # names that are looked up one by one

_FIGURES = """
SELECT name, count(*), sum(count)::BIGINT, max(count), max(last_step) FROM metric_summary
WHERE run_id IN ({runs}){among} GROUP BY name
"""


def metrics(
    ws: Workspace,
    runs: Iterable[str] | None = None,
    experiment: str | None = None,
    search: str = "",
    limit: int = 200,
    offset: int = 0,
) -> dict[str, Any]:
    """The metrics of some runs, of an experiment, or of all, by name.

    ``points`` and ``last_step`` are None where more runs are meant than are counted. ``search``: words that all must
    occur in a name, in whichever case. A name that holds several kinds of thing is told once for each.
    """
    limit, offset = chosen.page(limit, offset, MOST)
    ids = chosen.ids(ws, runs) if runs is not None else None
    counted = naming.metrics(naming.runs_of(ws.path, ids, experiment), experiment)
    looked_at = _newest(ws, experiment) if ids is None else ids[:FEW]
    found = {(name, kinds.CURVE): _told(name, kinds.CURVE, many) for name, many in counted.items()}
    found |= others(ws, looked_at)
    words = search.lower().split()
    left = sorted((key for key in found if all(word in key[0].lower() for word in words)), key=_natural)
    page = left[offset : offset + limit]
    whole = ids is not None and len(ids) <= FEW
    _count(ws, looked_at if whole else [], [found[key] for key in page if key[1] == kinds.CURVE])
    return {"metrics": [found[key] for key in page], "total": len(left)}


def others(ws: Workspace, run_ids: Sequence[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """The tables of some runs, and what they logged as files, by name and kind."""
    return _tables(ws, run_ids) | _files(ws, run_ids)


def _natural(key: tuple[str, str]) -> tuple[str, str, str]:
    return key[0].lower(), *key


def _told(name: str, kind: str, runs: int, points: int | None = None, last_step: int | None = None) -> dict[str, Any]:
    return {"name": name, "kind": kind, "runs": runs, "points": points, "last_step": last_step}


def _newest(ws: Workspace, experiment: str | None) -> list[str]:
    rows = ws.runs(experiment=experiment, columns=["run_id"], limit=FEW).fetchall()
    return [run_id for (run_id,) in rows]


def _tables(ws: Workspace, run_ids: Sequence[str]) -> dict[tuple[str, str], dict[str, Any]]:
    found = logged_rows.tables(ws.path, run_ids)
    return {(name, kinds.TABLE): _told(name, kinds.TABLE, *figures) for name, figures in found.items()}


def _files(ws: Workspace, run_ids: Sequence[str]) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for run in listing.some(ws.path, run_ids):
        own = set()
        for fact in files.current(run).values():
            if "metric" not in fact:
                continue
            key = fact["metric"], kinds.of(fact["kind"])
            one = found.get(key) or found.setdefault(key, _told(*key, 0, 0))
            one["runs"] += key not in own
            one["points"] += 1
            one["last_step"] = max(filter(_is_step, (one["last_step"], fact.get("step"))), default=None)
            own.add(key)
    return found


def _is_step(step: object) -> bool:
    return step is not None


def _count(ws: Workspace, run_ids: Sequence[str], told: Sequence[dict[str, Any]]) -> None:
    """Say how many points there are, and call what is a single one in each run a value."""
    if not run_ids or not told:
        return
    by_name = {one["name"]: one for one in told}
    runs, names = (", ".join(map(connect.quoted, texts)) for texts in (run_ids, by_name))
    among = f" AND name IN ({names})" if len(by_name) <= _NAMED else ""  # all are read sooner than many are looked up
    for name, many, points, most, step in ws.sql(_FIGURES.format(runs=runs, among=among)).fetchall():
        if name not in by_name:
            continue
        by_name[name] |= {"runs": many, "points": points, "last_step": step}
        if most == 1:
            by_name[name]["kind"] = kinds.VALUE
