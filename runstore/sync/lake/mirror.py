"""A lake opened as a workspace: a copy of it in the directory of caches, which gets what is new whenever it is opened.

What is answered then is answered as for any workspace on disk, by the same code, from files whose hashes were checked.
"""

from __future__ import annotations

import hashlib
import shutil
import time
import warnings
from contextlib import closing
from pathlib import Path

from runstore.disk import caches, files, lock
from runstore.errors import Damaged, NotWritable, Unreachable
from runstore.format import VERSION, documents, names
from runstore.runs.mirrored import MIRROR
from runstore.sync import pull
from runstore.sync.lake import lake
from runstore.sync.lake.lake import Lake
from runstore.sync.retry import Patience

_PATIENCE = Patience(total=20.0)
_JOBS = 8


def opened(url: str) -> Path:
    """The workspace that is a copy of a lake, with all that is there now.

    A lake that can't be reached, and was opened here before, is as it was then; a warning says so.

    Raises:
        UsageError: that is no address of a lake.
        RemoteError: there is no lake, or it can't be read.
        NotWritable: the directory of caches can't be written.
    """
    place = where(url)
    try:
        with closing(lake.opened(url)) as found:
            return _filled(place, url, found)
    except Unreachable as problem:
        if _identity(place) is None:
            raise
        warnings.warn(f"{problem}; shown is what was there when it was opened last", stacklevel=2)
        return place
    except OSError as problem:
        if isinstance(problem, NotWritable):
            raise
        raise NotWritable(
            f"{place}: can't be written ({problem.strerror}); set RUNSTORE_CACHE to a directory"
        ) from None


def where(url: str) -> Path:
    """Where the copy of a lake lies, or will."""
    return caches.root() / "lakes" / hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:24]


def _filled(place: Path, url: str, found: Lake) -> Path:
    files.make_dirs(place.parent)
    with lock.exclusive(place.parent / f"{place.name}.lock"):
        if _identity(place) != found.id:  # none yet, not whole, or of another lake that lay there
            shutil.rmtree(place, ignore_errors=True)
            for folder in (names.RUNS, names.EXPERIMENTS):
                files.make_dirs(place / folder)
            body = {"runstore": VERSION, "workspace": found.id, "created": time.time_ns(), MIRROR: url.rstrip("/")}
            files.publish(place, names.WORKSPACE, documents.render(body))
    taken = pull.pull(place, found, jobs=_JOBS, patience=_PATIENCE)
    for what, why in taken.refused:
        warnings.warn(f"{url}: {what} is left out: {why}", stacklevel=3)
    return place


def _identity(place: Path) -> str | None:
    """The id of the lake that a directory is a copy of; None where it is none."""
    try:
        body = documents.parse(files.read(place / names.WORKSPACE), names.WORKSPACE)
    except (OSError, Damaged):
        return None
    return str(body["workspace"]) if body.get(MIRROR) else None
