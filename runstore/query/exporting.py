"""Chosen runs out of a workspace, whole or not at all: as a workspace of their own, zipped, or as one file a view."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from runstore.errors import NotWritable, RunNotFound, RunstoreError, StoreError, UsageError
from runstore.format import names
from runstore.query import excerpt, view_files
from runstore.query.zipped import zipped

if TYPE_CHECKING:
    from runstore.query.run import Run
    from runstore.query.workspace import Workspace

FORMATS = ("directory", "zip", *view_files.FORMATS)
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Exported:
    """What was written. ``missing``: run or model, and the content of it that could not be read."""

    path: Path
    runs: int = 0
    files: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)


def chosen(
    ws: Workspace, runs: Run | str | Iterable[Run | str] | None, where: str | None, experiment: str | None
) -> list[str]:
    """The whole ids of the runs that are named, as far as the filters leave them.

    Raises:
        RunNotFound: no run, or more than one, answers to an id; or none is left.
        QueryError: the filter is no boolean, or a name in it means nothing.
    """
    left = [str(row[0]) for row in ws.runs(where, columns=["run_id"], experiment=experiment).fetchall()]
    if runs is not None:
        given = [runs] if isinstance(runs, str) or not isinstance(runs, Iterable) else runs
        named = {(ws.get_run(run) if isinstance(run, str) else run).id for run in given}
        left = [run_id for run_id in left if run_id in named]
    if not left:
        raise RunNotFound(f"{ws.path}: no run is meant by that, so nothing was exported; `runstore runs` lists them")
    return left


def export(
    workspace: Path,
    run_ids: Sequence[str],
    out: str | os.PathLike[str],
    format: str = "directory",
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Write runs to a place of their own; see ``Workspace.export``.

    Args:
        workspace: the workspace's directory.
        run_ids: whole ids of runs that are there.
        out: where to; nothing is seen there before all is written.
        format: one of ``FORMATS``.
        overwrite: put it in place of an export or a workspace that lies there.
        progress: called with (steps done, steps there are).
    """
    target = Path(out).absolute()
    if format not in FORMATS:
        raise UsageError(f"format: {format!r} is none of {', '.join(FORMATS)}")
    _check(workspace, target, format, overwrite)
    done = Exported(target, len(run_ids))
    say = progress or (lambda done, total: None)
    with whole(target, overwrite) as temporary:
        if format in view_files.FORMATS:
            view_files.make(workspace, run_ids, temporary, format, say)
        else:
            done.missing = excerpt.make(workspace, run_ids, temporary, say)
            if format == "zip":
                zipped(temporary)
    found = [target] if target.is_file() else [path for path in target.rglob("*") if path.is_file()]
    done.files, done.bytes = len(found), sum(path.stat().st_size for path in found)
    return done


def _check(workspace: Path, target: Path, format: str, overwrite: bool) -> None:
    here, there = workspace.resolve(), target.resolve()
    if there == here or there in here.parents or here in there.parents:
        raise UsageError(f"{target}: is the workspace, in it or above it; name a place beside it")
    if not os.path.lexists(target):
        return
    if not overwrite:
        raise StoreError(f"{target}: exists already; name another place, or say that it is to be overwritten")
    if not _ours(target):
        raise StoreError(f"{target}: is no export and no workspace, so it is not overwritten; name another place")


def _ours(target: Path) -> bool:
    """Whether what lies there may be replaced: an export, a workspace or an empty directory."""
    if target.is_symlink():
        return False
    if target.is_dir():
        readme = target / names.README
        told = readme.is_file() and readme.read_bytes().startswith(view_files.TITLE.encode())
        return told or (target / names.WORKSPACE).is_file() or not any(target.iterdir())
    return zipfile.is_zipfile(target)


@contextmanager
def whole(target: Path, overwrite: bool) -> Iterator[Path]:
    """A place beside the target, which becomes the target when all went well, else goes."""
    temporary = target.with_name(names.temporary(target.name, os.urandom(4).hex()))
    try:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            _durable(temporary)
            _put(temporary, target, overwrite)
        except OSError as problem:
            if isinstance(problem, RunstoreError):
                raise
            raise NotWritable(f"{target}: can't be written ({problem.strerror}); name another place") from None
    finally:
        _remove(temporary)


def _put(temporary: Path, target: Path, overwrite: bool) -> None:
    old = target.with_name(names.temporary(target.name, os.urandom(4).hex()))
    if overwrite and target.exists():
        os.rename(target, old)
    elif os.path.lexists(target):
        raise StoreError(f"{target}: came there meanwhile; name another place")
    try:
        os.rename(temporary, target)
    except OSError:
        if old.exists():
            os.rename(old, target)
        raise
    _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _durable(path: Path) -> None:
    """Make all of it survive the death of the machine, before it gets its name."""
    from runstore.disk import files

    for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if one.is_dir():
            files.sync_dir(one)
        else:
            fd = files.reopen(one)
            try:
                files.sync(fd)
            finally:
                files.close(fd)
