"""What stays of a run that was removed for good: one small document, so that no copy of it comes back by a merge.

Its name follows from the run's directory. From the moment it is there the run is gone, whatever still lies there.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from runstore.disk import files, lock
from runstore.errors import Damaged
from runstore.format import documents, names
from runstore.runs.state import RunState


def path_of(run_path: Path) -> Path:
    """Where the tombstone of a run's directory lies, or would."""
    return run_path.parents[2] / names.tombstone(run_path.parent.name + run_path.name)


def there(run_path: Path) -> bool:
    """Whether the run was removed, or is being removed."""
    return path_of(run_path).exists()


def publish(run: RunState) -> int:
    """Say that a run is gone; give how many bytes that takes, 0 where it was said already.

    Raises:
        OSError: the file system refuses.
    """
    path = path_of(run.path)
    if path.exists():
        return 0
    data = documents.render(_body(run))
    files.make_dirs(path.parent, durable=True)
    files.publish(path.parent, path.name, data)
    return len(data)


def size(run: RunState) -> int:
    """How many bytes ``publish`` takes."""
    return 0 if there(run.path) else len(documents.render(_body(run)))


def _body(run: RunState) -> dict[str, Any]:
    ranges = [[part.writer, part.attempt, 0, part.points - 1] for part in run.writers if part.points]
    attempts = {part.writer: part.attempt for part in run.writers}
    for writer, pieces in sorted(run.inventory.sealed.items()):
        if names.owner(writer) != writer:
            ranges += [[writer, attempts.get(names.owner(writer), 1), first, last] for first, last in pieces]
    return {
        "runstore": 1, "run": run.run_id, "experiment": run.experiment, "parent": run.parent_id,
        "started": run.started, "deleted": run.deleted, "removed": time.time_ns(),
        "host": lock.host(), "pid": os.getpid(),
        "writers": [part.writer for part in run.writers], "ranges": ranges,
    }  # fmt: skip


def every(workspace: Path) -> dict[str, dict[str, Any]]:
    """What the tombstones of a workspace say, by run id. Damaged ones are left out: `check` names them."""
    found = {}
    directory = workspace / names.TOMBSTONES
    for name in files.names_in(directory):
        if names.is_tombstone(name):
            with suppress(Damaged, OSError):
                body = documents.parse(files.read(directory / name), name)
                found[str(body["run"])] = body
    return found
