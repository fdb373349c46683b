"""What the first page will ask for, made ready while the browser still loads it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore.disk import segment
from runstore.errors import RunstoreError
from runstore.format import schemas
from runstore.query import listing
from runstore.view.feed import runs

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

DRAWN = 10
"""Runs that the page draws without being asked for: the newest."""


def ready(ws: Workspace) -> None:
    """Verify the files that curves of the newest runs lie in. What is wrong with one is told when it is asked for."""
    newest = runs.runs(ws, columns=("run_id",), limit=DRAWN)["rows"]
    found: dict[Path, dict[str, Any]] = {}
    for run in listing.some(ws.path, [run_id for (run_id,) in newest]):
        with suppress(RunstoreError, OSError):
            found |= {one.path: one.entry for one in run.inventory.segments(schemas.POINTS)}
    segment.verify_ahead(found)
