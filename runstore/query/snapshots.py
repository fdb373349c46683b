"""Snapshots read back: their files, a zip of them, and everything that a run refers to besides its artifacts."""

from __future__ import annotations

import functools
import itertools
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from runstore.disk import files
from runstore.errors import Damaged, SnapshotError
from runstore.format import names
from runstore.query import pieces
from runstore.runs import snapshot, state
from runstore.runs.state import RunState

_EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file in a zip: the same snapshot is the same zip


class File(NamedTuple):
    """One file of a snapshot. ``mode`` is git's: 100644, 100755, or 120000 for a link, whose content is its target."""

    path: str
    mode: str
    sha256: str
    size: int
    pack: list[Any] | None

    @property
    def piece(self) -> dict[str, Any]:
        """Where its content lies, as ``query.pieces`` reads it."""
        return {"name": self.path, "sha256": self.sha256, "size": self.size, "pack": self.pack}


def listed(workspace: Path, fact: Mapping[str, Any]) -> list[File]:
    """The files of a snapshot, by path.

    Args:
        workspace: the workspace's directory.
        fact: the body of a ``snapshot`` fact.

    Raises:
        StoreError: its manifest is not there.
        Damaged: it is not what was stored.
    """
    body = orjson.loads(pieces.read(workspace, {"name": "manifest", **fact["manifest"]}))
    if body["id"] != fact["id"] or snapshot.identity(body["files"]) != fact["id"]:
        raise Damaged(f"snapshot {fact['id']}: its manifest is that of another one; run `check`")
    return [File(*row) for row in body["files"]]


def content(workspace: Path, file: File) -> bytes:
    """The bytes of a snapshot's file.

    Raises:
        StoreError: they are not there.
        Damaged: they are not what was stored.
    """
    return pieces.read(workspace, file.piece)


def ids(workspace: Path) -> dict[str, list[str]]:
    """Every snapshot of the workspace, with the ids of the runs that have it."""
    from runstore.query import catalog  # loads DuckDB, which a launcher that restores a snapshot does without

    found: dict[str, list[str]] = {}
    every = catalog.of(workspace)
    for run in every.loose:
        if run.snapshot:
            found.setdefault(run.snapshot["id"], []).append(run.run_id)
    if every.indexed is not None:
        for snapshot, run_id in every.indexed.ask("snapshot, run_id", "snapshot IS NOT NULL"):
            found.setdefault(snapshot, []).append(run_id)
    return found


def restore(workspace: Path, run_id: str, snapshot_id: str | None, path: str | os.PathLike[str] | None) -> str:
    """Write a snapshot as ``<path>/<id>.zip``; give the absolute path. See ``Run.restore_snapshot``."""
    fact = _fact(workspace, run_id, snapshot_id)
    directory = Path(tempfile.mkdtemp(prefix="runstore-") if path is None else path).absolute()
    target = directory / f"{fact['id']}.zip"
    temporary = directory / names.temporary(target.name, os.urandom(4).hex())
    try:
        files.make_dirs(directory)
        with zipfile.ZipFile(temporary, "x", zipfile.ZIP_DEFLATED) as archive:
            for file in listed(workspace, fact):
                _add(archive, workspace, file)
        os.replace(temporary, target)
    except OSError as problem:
        if isinstance(problem, Damaged):
            raise
        raise SnapshotError(f"{target}: can't be written ({problem.strerror}); name another path") from None
    finally:
        files.unlink(temporary)
    return str(target)


def _fact(workspace: Path, run_id: str, snapshot_id: str | None) -> Mapping[str, Any]:
    own = state.fold(workspace / names.run_dir(run_id)).snapshot
    if own and snapshot_id in (None, own["id"]):
        return own
    if snapshot_id is None:
        raise SnapshotError(f"run {run_id} has no snapshot; take_snapshot() or snapshot_directory= takes one")
    from runstore.query import catalog, connect, lookup  # as above

    every = catalog.of(workspace)
    told = lookup.told(every, f"snapshot = {connect.quoted(snapshot_id)}")[:1]
    for run in itertools.chain(every.loose, lookup.folded(every, told)):
        if run.snapshot and run.snapshot["id"] == snapshot_id:
            return run.snapshot
    raise SnapshotError(f"{workspace}: no run has a snapshot {snapshot_id!r}; get_snapshot_id() tells a run's")


def _add(archive: zipfile.ZipFile, workspace: Path, file: File) -> None:
    about = zipfile.ZipInfo(file.path, _EPOCH)
    about.create_system = 3  # Unix: so that modes count
    about.external_attr = int(file.mode, 8) << 16
    about.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(about, content(workspace, file))


def referred(workspace: Path, run: RunState) -> Iterator[Mapping[str, Any]]:
    """Each piece of content that a run refers to besides its artifacts: of its snapshot and of where it comes from.

    Pieces as in ``query.pieces``; whoever counts references or checks asks here.

    Raises:
        StoreError, Damaged: the snapshot's manifest can't be read; the pieces before it were given.
    """
    yield from run.refers
    if run.snapshot:
        yield {"name": "manifest", **run.snapshot["manifest"]}
        yield from _pieces(workspace, run.snapshot["id"], orjson.dumps(run.snapshot))


@functools.lru_cache(maxsize=8)
def _pieces(workspace: Path, snapshot_id: str, fact: bytes) -> tuple[dict[str, Any], ...]:
    """Those of a snapshot's files; many runs have the same one."""
    return tuple(file.piece for file in listed(workspace, orjson.loads(fact)))
