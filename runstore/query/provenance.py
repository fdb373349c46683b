"""Where a run comes from, read back: its snapshot, and what ``runs/provenance.py`` captured."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runstore.runs import provenance as captured
from runstore.runs.media import MediaRun

Body = Mapping[str, Any]


def of(run_path: Path) -> dict[str, Any]:
    """The body of the ``provenance`` fact of the newest attempt: that of the script's own environment, or else that
    which asked git; empty where there is none.
    """
    from runstore.runs import state

    told = state.told(run_path, "provenance")
    newest = max((attempt for attempt, _, _ in told), default=0)
    bodies = [body for attempt, _, body in told if attempt == newest]
    for key in ("environment", "git"):
        if best := [body for body in bodies if key in body]:
            return dict(best[0])
    return dict(bodies[0]) if bodies else {}


def packages(workspace: Path, body: Body) -> dict[str, str]:
    """The installed packages, name to version.

    Raises:
        StoreError: their list is not there.
        Damaged: it is not what was stored.
    """
    if "packages" not in body:
        return {}
    from runstore.query import pieces

    text = pieces.read(workspace, {"name": "packages", **body["packages"]}).decode()
    return dict(line.split("==", 1) for line in text.splitlines())


def changes(workspace: Path, body: Body) -> str:
    """What was not committed, as git's diff, without secrets; empty where all was, or nothing is known.

    Raises:
        StoreError: it is not there.
        Damaged: it is not what was stored.
    """
    found = body.get("git", {}).get("diff")
    from runstore.query import pieces

    return pieces.read(workspace, {"name": "diff", **found}).decode() if found else ""


class TracedRun(MediaRun):
    """A run that can be asked where it comes from."""

    def get_snapshot_id(self) -> str | None:
        """The id of the run's snapshot; None where it has none."""
        found = self._folded().snapshot
        return None if found is None else str(found["id"])

    def restore_snapshot(self, snapshot_id: str | None = None, path: str | os.PathLike[str] | None = None) -> str:
        """Write a snapshot as ``<path>/<id>.zip``, every file of it verified.

        Args:
            snapshot_id: that of another run; None: the run's own.
            path: a directory, made where it doesn't exist; None: a temporary one.

        Returns:
            The zip's absolute path.

        Raises:
            SnapshotError: there is no such snapshot, or the path can't be written.
            Damaged: a file is not what was stored.
        """
        from runstore.query import snapshots

        return snapshots.restore(self.experiment.workspace.path, self.id, snapshot_id, path)

    @property
    def provenance(self) -> dict[str, Any]:
        """Where the run comes from: ``argv``, ``python``, ``hardware``, ``git`` ... (``docs/provenance.md``).

        It is captured beside the training: a run that has just begun here is waited for, a second at most.
        """
        captured.settle(self)
        return of(self.path)
