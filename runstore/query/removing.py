"""A deleted run removed for good. What others use of it stays, as blobs; a tombstone says that it was here.

The order makes it safe to die anywhere: content that others use, then the tombstone, from which on the run counts for
nothing, then its files, those last that say it is deleted. Whoever finds a tombstone and files goes on where it ended.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from runstore.disk import files, lock, pack
from runstore.errors import FormatTooNew
from runstore.format import journal, names
from runstore.query import references, sealing
from runstore.query.references import References, Stored
from runstore.runs import state, tombstones
from runstore.runs.state import RunState

GRACE = 7 * 86_400.0  # seconds in which a deleted run can be restored for sure
SILENT = 86_400.0  # seconds without any change after which a writer that nobody can ask is taken to be gone


def waits(run: RunState, grace: float) -> str:
    """Why a deleted run can't be removed yet; empty where it can.

    Args:
        run: a run that is deleted, or was removed and lies there still.
        grace: seconds since it was deleted.
    """
    if run.deleted is not None and run.deleted == run.withheld and not tombstones.there(run.path):
        return "what deleted it is damaged; restore the run and delete it again, if it is to go"
    left = (run.deleted or 0) / 1e9 + grace - time.time()
    if left > 0 and not tombstones.there(run.path):
        return f"can be restored for {left / 86400:.1f} more days"
    if not run.settled and _silence(run.path) < SILENT:
        return "a process that logs into it may be alive"
    return ""


def needed(counted: References, run: RunState) -> list[Stored]:
    """The content in a leaving run's packs that others use."""
    return [one for key, one in counted.stored.items() if one.path.parent == run.path and key in counted.users]


def loose(workspace: Path, content: Iterable[Stored], touch: bool = True) -> list[Stored]:
    """What of this content is no blob yet, each once. ``touch``: say of what is one that it is in use."""
    return list({one.sha256: one for one in content if not _is_blob(workspace, one, touch)}.values())


def remove(workspace: Path, run: RunState, content: Iterable[Stored], grace: float, before: float) -> int | None:
    """Remove a run.

    Args:
        workspace: the workspace's directory.
        run: a deleted run.
        content: what is needed of it.
        grace: as ``waits``.
        before: packs that were touched after this time stay for now: somebody has found something in them.

    Returns:
        How many bytes less there are; None where it has to stay after all.

    Raises:
        Damaged: content that others use is not what was stored; the run is as it was.
        OSError: the file system refuses; the next call goes on.
    """
    with lock.exclusive(sealing.exclusive_lock(workspace, run.path)):
        again = state.fold(run.path)
        if (again.deleted is None and not tombstones.there(run.path)) or waits(again, grace):
            return None
        freed = -sum(_publish(workspace, one) for one in loose(workspace, content))
        freed -= tombstones.publish(again)
        return freed + _unlink(run.path, before)


def _publish(workspace: Path, one: Stored) -> int:
    path = workspace / names.blob(one.sha256)
    data = pack.read(one.path, one.offset, one.size, one.sha256)
    files.make_dirs(path.parent, durable=True)
    files.publish(path.parent, path.name, data)
    return len(data)


def _is_blob(workspace: Path, one: Stored, touch: bool) -> bool:
    try:
        path = workspace / names.blob(one.sha256)
        if os.stat(path).st_size != one.size:
            return False
        if touch:
            files.touch(path)
    except FileNotFoundError:
        return False
    return True


def _unlink(run_path: Path, before: float) -> int:
    """Unlink everything, unless something has to stay: then what says that the run is deleted stays as well."""
    freed, packs, last = 0, [], []
    for path in sorted(_walk(run_path), key=lambda path: not path.name.startswith("seal-")):
        name = names.parse(path.name) if path.parent == run_path else None
        if name is not None and name.kind == "pack":
            packs.append(path)
        elif name is not None and name.kind in ("facts", "merged"):
            last.append(path)
        else:
            freed += gone(path)
    for path in packs:
        size = os.stat(path).st_size
        freed += size if references.remove(path, before) else 0
    if [path for path in _walk(run_path) if path not in last]:
        return freed
    for path in sorted(last, key=_says_deleted):
        freed += gone(path)
    if files.remove_dir(run_path):
        files.sync_dir(run_path.parent)
    return freed


def gone(path: Path) -> int:
    """Remove a file or a scratch directory; give its bytes, 0 where it is there still or was gone before."""
    try:
        if path.is_dir() and not path.is_symlink():
            size = bytes_of(path)
            shutil.rmtree(path)
            return size
        size = os.stat(path).st_size
        return size if files.unlink(path) else 0
    except FileNotFoundError:
        return 0


def bytes_of(path: Path) -> int:
    """How many bytes a file has, or all files of a directory; 0 where it is gone."""
    try:
        if path.is_dir() and not path.is_symlink():
            return sum(bytes_of(Path(entry.path)) for entry in files.listing(path))
        return os.stat(path, follow_symlinks=False).st_size
    except FileNotFoundError:
        return 0


def _walk(run_path: Path) -> list[Path]:
    """The files in a run's directory; of what nobody knows also directories, whose empty ones go at once."""
    found = []
    for where, _, there in os.walk(run_path, topdown=False):
        found += [Path(where, name) for name in there]
        if not there and Path(where) != run_path:
            files.remove_dir(Path(where))
    return found


def _says_deleted(path: Path) -> int:
    """When a facts file last says something about deletion; 0 if it doesn't."""
    try:
        parts = journal.read_all(files.read(path), path.name)
    except (OSError, FormatTooNew):
        return 0
    return max((time for part in parts for kind, time, _ in part.items() if kind == "deleted"), default=0)


def _silence(run_path: Path) -> float:
    """Seconds since anything in a run's directory changed."""
    return min((files.age(run_path / name) for name in files.names_in(run_path)), default=float("inf"))
