"""The machine's own figures of a run. Their curves come from ``curves`` with the source "system"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runstore.view.feed import chosen

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace


def system(ws: Workspace, run_id: str) -> dict[str, Any]:
    """The names of a run's figures of the machine, each with how many samples there are."""
    run = chosen.one(ws, run_id)
    query = "SELECT name, count(*) FROM system_metrics WHERE run_id = ? GROUP BY name ORDER BY name"
    found = ws.sql(query, [run.run_id]).fetchall()
    return {"metrics": [{"name": name, "points": points} for name, points in found]}
