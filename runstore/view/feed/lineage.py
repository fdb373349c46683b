"""Where a file of a run went: its versions, the models that were registered from it, the runs that used it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runstore.errors import StoreError
from runstore.query import listing
from runstore.runs import models as registered
from runstore.view.feed import chosen, plain

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

LOOKED = 1000
"""Runs that are asked for what they used: the newest ones."""


def lineage(ws: Workspace, run_id: str, path: str) -> dict[str, Any]:
    """What came of a file.

    Returns:
        ``versions``: time, size and SHA-256 of each, the newest last; ``models``: name and version of those registered
        from the newest; ``used_by``: run, name and version of the file it used, of the newest ``LOOKED`` runs;
        ``looked``: how many of these there are.

    Raises:
        StoreError: the run has no such file.
    """
    run = chosen.one(ws, run_id)
    versions = [fact for fact in run.artifacts if fact["name"] == path]
    if not versions:
        raise StoreError(f"run {run.run_id} has no file {path!r} that leads anywhere")
    newest = versions[-1]["sha256"]
    models = [
        {"name": one.name, "version": one.version}
        for one in registered.every(ws.path)
        if one.body.get("run") == run.run_id and any(file["sha256"] == newest for file in one.files)
    ]
    ids = [one for (one,) in ws.runs(columns=["run_id"], limit=LOOKED).fetchall()]
    used_by = [
        {"run_id": other.run_id, "name": other.display_name or other.name, "version": used["version"]}
        for other in listing.some(ws.path, ids)
        for used in other.inputs
        if used["run"] == run.run_id and used["name"] == path
    ]
    return {
        "versions": [_version(fact) for fact in versions],
        "models": models,
        "used_by": used_by,
        "looked": len(ids),
    }


def _version(fact: dict[str, Any]) -> dict[str, Any]:
    return {"time": plain.nanoseconds(fact["time"]), "size": fact["size"], "sha256": fact["sha256"]}
