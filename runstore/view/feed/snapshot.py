"""The snapshot of a run's code: its files, and one of them."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore.errors import SnapshotError, StoreError
from runstore.query import pieces, snapshots
from runstore.query.snapshots import File
from runstore.view.feed import chosen
from runstore.view.feed.content import Content, media_type

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

LINK = "120000"


def snapshot(ws: Workspace, run_id: str) -> dict[str, Any]:
    """The files of a run's snapshot by path; ``id`` is None and there are none where it has no snapshot.

    ``link``: its content is the path that it leads to; ``program``: it may be run.
    """
    run = chosen.one(ws, run_id)
    if run.snapshot is None:
        return {"id": None, "files": []}
    told = [
        {
            "path": file.path, "size": file.size, "sha256": file.sha256, "link": file.mode == LINK,
            "program": file.mode == "100755",
        }
        for file in snapshots.listed(ws.path, run.snapshot)
    ]  # fmt: skip
    return {"id": run.snapshot["id"], "files": told}


def file(ws: Workspace, run_id: str, path: str) -> Content:
    """One file of a run's snapshot. Of a link it is the text of the link, never what it leads to.

    Raises:
        SnapshotError: the run has no snapshot.
        StoreError: there is no such file in it.
    """
    run = chosen.one(ws, run_id)
    if run.snapshot is None:
        raise SnapshotError(f"run {run.run_id} has no snapshot")
    found = next((one for one in snapshots.listed(ws.path, run.snapshot) if one.path == path), None)
    if found is None:
        raise StoreError(f"the snapshot of run {run.run_id} has no file {path!r}")
    kind = "text/plain" if found.mode == LINK else media_type(path)
    read = functools.partial(snapshots.content, ws.path, found)
    return Content(path, kind, found.size, found.sha256, read, functools.partial(_saved, ws.path, found))


def _saved(workspace: Path, found: File, target: Path) -> None:
    pieces.copy(workspace, found.piece, target)
