"""Runs of which no remote has all that they logged, in a workspace that has remotes: who removes one should know."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from runstore.disk import block, files, ledger, tail
from runstore.disk.ledger import Entry, Ledger
from runstore.errors import StoreError
from runstore.format import names, ranges
from runstore.format.ranges import Range
from runstore.runs import tombstones
from runstore.runs.state import RunState


def finder(workspace: Path) -> Callable[[RunState], bool]:
    """What tells whether what a run logged lies here only; where no remote is known, never.

    It goes by what the ledgers say. That a run was deleted, or tagged, since it was sent makes no difference.
    """
    known = [Ledger(workspace, one) for one in ledger.remotes(workspace)]
    meant = bool(known) or any(name.endswith(".json") for name in files.names_in(workspace / names.REMOTES))

    def alone(run: RunState) -> bool:
        if not meant or tombstones.there(run.path):
            return False
        key = block.key(run.path)
        return not any((entry := one.run(key)) and _has(workspace, one, entry, run) for one in known)

    return alone


def _has(workspace: Path, remote: Ledger, entry: Entry, run: RunState) -> bool:
    """Whether a remote has every point, record and file of a run."""
    if any(ranges.subtract(pieces, entry.data.get(writer, [])) for writer, pieces in _logged(run).items()):
        return False
    found = run.inventory
    for path in [*found.packs, *found.logs]:
        if entry.files.get(path.relative_to(workspace).as_posix(), 0) < found.size(path):
            return False
    blobs = {names.blob(one["sha256"]): one["size"] for one in run.artifacts if not one.get("reference")}
    loose = [where for where in blobs if (workspace / where).exists()]
    return all(remote.files.get(where, -1) >= blobs[where] for where in loose)


def _logged(run: RunState) -> dict[str, list[Range]]:
    """The numbers of each writer that lie here, in segments and in journals."""
    logged = dict(run.inventory.sealed)
    for path in [*run.inventory.points, *run.inventory.sides]:
        try:
            held = tail.held(tail.verified(path))
        except (FileNotFoundError, StoreError):
            continue
        writer = tail.order(path)[0]
        logged[writer] = ranges.join([*logged.get(writer, []), *held])
    return logged
