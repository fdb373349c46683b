"""A lake opened as a workspace: a copy of it in the directory of caches, which gets what is new whenever it is opened.

What is answered then is answered as for any workspace on disk, by the same code, from files whose hashes were checked.
"""

from __future__ import annotations

import hashlib
import shutil
import time
import warnings
from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path

from runstore.disk import caches, files, lock
from runstore.errors import Damaged, NotWritable, Unreachable
from runstore.format import VERSION, documents, names
from runstore.runs.mirrored import MIRROR
from runstore.sync import pull
from runstore.sync.lake import lake
from runstore.sync.lake.lake import Lake
from runstore.sync.piece import Piece
from runstore.sync.remote import Told
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


class _Ahead:
    """A lake as it will be when some pieces were committed."""

    def __init__(self, found: Lake, told: Sequence[Piece]) -> None:
        self.id, self.label, self._found, self._told = found.id, found.label, found, told
        self.lacking, self.put, self.commit, self.get, self.close = (
            found.lacking, found.put, found.commit, found.get, found.close,
        )  # fmt: skip

    def pieces(self, cursor: str = "", runs: Collection[str] | None = None) -> Told:
        """See ``Remote``. They are told again when they were committed."""
        there = self._found.pieces(cursor, runs)
        more = (one for one in self._told if runs is None or one.run_id in runs)
        return Told([*there.pieces, *more], there.cursor)


def ahead(found: Lake, told: Sequence[Piece]) -> Path:
    """A copy of a lake that has, besides all that is there, what is about to be committed.

    Raises:
        RemoteError: the lake can't be read.
        OSError: the directory of caches can't be written.
    """
    place = _made(where(found.label), found.label, found.id)
    pull.pull(place, _Ahead(found, told), jobs=_JOBS, patience=_PATIENCE)
    return place


def _filled(place: Path, url: str, found: Lake) -> Path:
    _made(place, url, found.id)
    taken = pull.pull(place, found, jobs=_JOBS, patience=_PATIENCE)
    for what, why in taken.refused:
        warnings.warn(f"{url}: {what} is left out: {why}", stacklevel=4)
    return place


def _made(place: Path, url: str, lake_id: str) -> Path:
    """The place of a copy, begun anew where it is one of another lake, or not whole."""
    files.make_dirs(place.parent)
    with lock.exclusive(place.parent / f"{place.name}.lock"):
        if _identity(place) != lake_id:
            shutil.rmtree(place, ignore_errors=True)
            for folder in (names.RUNS, names.EXPERIMENTS):
                files.make_dirs(place / folder)
            body = {"runstore": VERSION, "workspace": lake_id, "created": time.time_ns(), MIRROR: url.rstrip("/")}
            files.publish(place, names.WORKSPACE, documents.render(body))
    return place


def _identity(place: Path) -> str | None:
    """The id of the lake that a directory is a copy of; None where it is none."""
    try:
        body = documents.parse(files.read(place / names.WORKSPACE), names.WORKSPACE)
    except (OSError, Damaged):
        return None
    return str(body["workspace"]) if body.get(MIRROR) else None
