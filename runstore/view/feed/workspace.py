"""The workspace and its experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runstore import __version__
from runstore.query import catalog, damage, groups
from runstore.runs.state import TERMINAL
from runstore.view.feed import chosen, plain

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

MOST = 10_000
TOLD = 20  # lines about damage; the others are counted


def workspace(ws: Workspace, *, editable: bool = False, url: str | None = None) -> dict[str, Any]:
    """What a workspace is, how much is in it, and what of it could not be read."""
    every = catalog.of(ws.path)
    found = damage.noticed(every)
    told = every.indexed.ask("count(*)")[0][0] if every.indexed is not None else 0
    return {
        "name": _name(ws),
        "path": str(ws.path),
        "url": url or ws.mirrors or None,
        "id": ws.id,
        "experiments": len(groups.experiments(ws.path, every)),
        "runs": len(every.loose) + told,
        "running": sum(run.status not in TERMINAL and not run.settled for run in every.loose),
        "editable": editable,
        "version": __version__,
        "damage": {"total": len(found), "told": found[:TOLD]},
    }


def _name(ws: Workspace) -> str:
    """What people call it: the directory's name, or that of the project around it; of a copy, its address's end."""
    if ws.mirrors:
        return ws.mirrors.rstrip("/").rpartition("/")[2]
    return ws.path.parent.name if ws.path.name == ".runstore" else ws.path.name


def experiments(ws: Workspace, search: str = "", limit: int = 1000, offset: int = 0) -> dict[str, Any]:
    """The experiments, that in which a run began last first."""
    limit, offset = chosen.page(limit, offset, MOST)
    every = groups.experiments(ws.path).values()
    found = [one for one in every if search.lower() in one.name.lower()]
    found.sort(key=lambda one: (-(one.last_start or one.created or 0), one.name))
    rows = [
        {
            "experiment": one.name,
            "created": plain.nanoseconds(one.created),
            "runs": one.runs,
            "last_start": plain.nanoseconds(one.last_start),
            "archived": one.archived,
        }
        for one in found[offset : offset + limit]
    ]
    return {"experiments": rows, "total": len(found)}
