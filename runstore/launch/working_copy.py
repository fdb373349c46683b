"""The directory a script runs in: the run's snapshot, restored where it can write without touching anybody's source."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from runstore.disk import files
from runstore.errors import LaunchError, RunstoreError

VARIABLE = "RUNSTORE_WORKING_COPIES"  # the directory of all of them, such as one that every node sees
OUTPUTS, LOGS = "outputs", "logs"  # directories in it whose files the run takes in
_DEFAULT = "runstore_runs"
_LINK, _PROGRAM = "120000", "100755"


def place(workspace: Path, run_id: str, attempt: int = 1) -> Path:
    """Where the working copy of a run's attempt lies while it goes on.

    No two attempts share one: what the first left may be the only copy, and whoever clears up after it may be at work.

    Raises:
        LaunchError: there is no directory for it that is this user's own.
    """
    told = f"{workspace.absolute()}\0{run_id}\0{attempt}".encode("utf-8", "backslashreplace")
    return _base() / hashlib.sha256(told).hexdigest()[:16]


def _base() -> Path:
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given).absolute()
    user = os.getuid() if hasattr(os, "getuid") else 0
    temporary = Path(tempfile.gettempdir())
    for name in (_DEFAULT, f"{_DEFAULT}_{user}"):
        base = temporary / name
        if _is_own(base, user):
            return base
    raise LaunchError(f"{temporary}: {base.name} there is somebody else's; set {VARIABLE} to a directory of your own")


def _is_own(base: Path, user: int) -> bool:
    """Whether nobody else can put anything there: it is this user's directory, or will be."""
    try:
        found = os.lstat(base)
    except FileNotFoundError:
        return True
    return not hasattr(os, "getuid") or (base.is_dir() and not base.is_symlink() and found.st_uid == user)


def make(workspace: Path, run_id: str, snapshot: Mapping[str, Any] | None, attempt: int = 1) -> Path:
    """Restore a run's snapshot; what an earlier try of the same attempt left there goes.

    Args:
        workspace: the workspace's directory.
        run_id: the run.
        snapshot: its ``snapshot`` fact; None: the directory is empty.
        attempt: for which.

    Raises:
        LaunchError: it can't be written.
        StoreError, Damaged: the snapshot is not there, or is not what was stored.
    """
    directory = place(workspace, run_id, attempt)
    try:
        remove(directory)
        _make(directory)
        if snapshot is not None:
            _restore(workspace, directory, snapshot)
    except (RunstoreError, OSError) as problem:
        with suppress(OSError):
            remove(directory)
        if isinstance(problem, RunstoreError):
            raise
        raise LaunchError(
            f"{directory}: the working copy can't be written ({problem.strerror}); set {VARIABLE} to another directory"
        ) from None
    return directory


def _make(directory: Path) -> None:
    files.make_dirs(directory.parent.parent)
    while True:
        directory.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            return directory.mkdir(mode=0o700)
        except FileNotFoundError:  # another run ended just now, and took away what was empty
            if directory.parent.is_dir():
                raise


def _restore(workspace: Path, directory: Path, snapshot: Mapping[str, Any]) -> None:
    from runstore.query import snapshots

    listed = snapshots.listed(workspace, snapshot)
    for file in sorted(listed, key=lambda one: one.mode == _LINK):  # links last: nothing is written through one
        parts = PurePosixPath(file.path).parts
        if ".." in parts or PurePosixPath(file.path).is_absolute():
            raise LaunchError(f"snapshot {snapshot['id']}: {file.path!r} leads out of it; run `check`")
        target = directory.joinpath(*parts)
        files.make_dirs(target.parent)
        data = snapshots.content(workspace, file)
        if file.mode == _LINK:
            _link(target, os.fsdecode(data))
        else:
            _write(target, data, file.mode == _PROGRAM)


def _write(target: Path, data: bytes, program: bool) -> None:
    fd = files.create(target)
    try:
        files.write_all(fd, data)
    finally:
        files.close(fd)
    if program:
        target.chmod(0o755)


def _link(target: Path, to: str) -> None:
    """A link, or a copy of what it leads to where the system makes no links."""
    try:
        target.symlink_to(to)
    except (OSError, NotImplementedError):
        there = target.parent / to
        if there.is_dir():
            shutil.copytree(there, target)
        elif there.is_file():
            shutil.copy2(there, target)


def remove(directory: Path) -> bool:
    """Remove a working copy, and the directory of all of them if it was the last; False where there is none.

    Raises:
        OSError: something in it can't be removed.
    """
    if not directory.is_dir():
        return False
    try:
        shutil.rmtree(directory)
    except PermissionError:
        _open_up(directory)
        shutil.rmtree(directory)
    if not os.environ.get(VARIABLE):
        try:
            directory.parent.rmdir()
        except OSError:
            return True  # others are there
    return True


def _open_up(directory: Path) -> None:
    """Make all directories below one writable: a script may have locked what it keeps, such as a cache of packages."""
    for where, folders, _ in os.walk(directory):
        for path in (os.path.join(where, name) for name in folders):
            if not os.path.islink(path):
                with suppress(OSError):
                    os.chmod(path, stat.S_IRWXU)
