"""What a run says of where it comes from: its snapshot, and what was captured of code, packages and machine."""

from __future__ import annotations

import os
from typing import Any

from runstore.runs import media, provenance


class TracedRun(media.MediaRun):
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
        from runstore.query import origins

        provenance.settle(self)
        return origins.of(self.path)
