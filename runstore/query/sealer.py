"""The short-lived child that seals beside a training, and compacts now and then.

Run as ``python -m runstore.query.sealer WORKSPACE RUN_DIR...``. It prints nothing and always ends
with 0: whatever it could not do, any later command does.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

PATIENCE = 30.0  # seconds to come back to runs that another process is sealing
_PAUSE = 0.2


def main(argv: Sequence[str]) -> int:
    """Seal what is complete of the runs named, relative to the workspace."""
    if hasattr(os, "nice"):
        os.nice(10)
    if len(argv) < 2:
        return 0
    workspace = Path(argv[0])
    waiting = [workspace / name for name in argv[1:]]
    deadline = time.monotonic() + PATIENCE
    while waiting and time.monotonic() < deadline:
        waiting = [run_path for run_path in waiting if not _seal(workspace, run_path)]
        if waiting:
            time.sleep(_PAUSE)
    _compact(workspace)
    return 0


def _seal(workspace: Path, run_path: Path) -> bool:
    """Seal one run; False where another process has the lock. One that was deleted is not made a directory again."""
    from runstore.disk.lock import Busy
    from runstore.query import indexing, sealing

    if not run_path.is_dir():
        return True
    with suppress(Exception):  # the packs are still there
        indexing.index(workspace, run_path)
    try:
        sealing.seal(workspace, run_path, timeout=0)
    except Busy:
        return False
    except Exception:  # noqa: BLE001  the journals are still there, and nobody listens here
        return True
    return True


def _compact(workspace: Path) -> None:
    """Where many runs have ended by now, put them into a few files."""
    from runstore.query import catalog, compaction

    with suppress(Exception):  # they are all there, and any later one tries again
        if compaction.background(workspace):
            catalog.prepare(workspace)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
