"""A workspace of some runs: their directories as they are, what they refer to, the documents that name them."""

from __future__ import annotations

import shutil
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from runstore.disk import files, inventory
from runstore.errors import StoreError
from runstore.format import documents, names
from runstore.query import groups, pieces, snapshots, thawing
from runstore.runs import models, state
from runstore.runs.state import RunState

Progress = Callable[[int, int], None]
_KEPT = ("facts", "merged", "end", "seal", "segment", "points", "side", "pack", "log", "spool", "lock")
_LISTINGS = 50  # of a directory whose files are being sealed


def make(workspace: Path, run_ids: Sequence[str], target: Path, progress: Progress) -> list[str]:
    """Make a workspace of these runs; of a run that goes on, what is there by now.

    Args:
        workspace: the workspace's directory.
        run_ids: whole ids of runs that are there.
        target: where to make it; nothing is there yet.
        progress: called with (runs done, runs there are).

    Returns:
        Content that could not be read: who refers to it, and why. The rest is whole.
    """
    _root(workspace, run_ids, target)
    runs: list[RunState] = []
    missing: list[str] = []
    for number, run_id in enumerate(sorted(run_ids), 1):
        run_path = target / names.run_dir(run_id)
        _run(workspace / names.run_dir(run_id), run_path)
        _held(workspace, workspace / names.run_dir(run_id), run_path)
        runs.append(state.fold(run_path))
        missing += _contents(workspace, target, run_id, _pieces(workspace, runs[-1]), runs[-1].path)
        progress(number, len(run_ids))
    for experiment in {run.experiment for run in runs}:
        _beginning_with(workspace, target, groups.id_of(experiment))
    for directory in {_environment(run) for run in runs} - {None}:
        _all(workspace, target, str(directory))
    for name in sorted(_registered(workspace, {*run_ids})):
        _all(workspace, target, names.model_dir(name))
        for one in models.versions(target, name):
            missing += _contents(workspace, target, f"model {name}", _stored(one.files), None)
    return missing


def _root(workspace: Path, run_ids: Sequence[str], target: Path) -> None:
    """The document that says that this is a workspace: the same for the same runs of the same workspace."""
    body = documents.parse(files.read(workspace / names.WORKSPACE), names.WORKSPACE)
    seed = "\n".join([body["workspace"], *sorted(run_ids)])
    own = {**body, "workspace": str(uuid.uuid5(uuid.NAMESPACE_OID, seed))}
    for directory in (names.RUNS, names.EXPERIMENTS):
        files.make_dirs(target / directory)
    (target / names.WORKSPACE).write_bytes(documents.render(own))
    if (workspace / names.README).exists():
        shutil.copyfile(workspace / names.README, target / names.README)


def _run(source: Path, target: Path) -> None:
    """Copy a run's directory while it may be written to.

    Facts come first: what they promise of other files is there when those are copied. What replaces something was
    there before that went, so a file that is gone stands in the next listing under another name.
    """
    files.make_dirs(target)
    copied: dict[str, tuple[int, int]] = {}
    for number in range(_LISTINGS):
        listed = [found for name in files.names_in(source) if (found := names.parse(name)) and found.kind in _KEPT]
        if number and all(name.text in copied for name in listed):
            return
        for name in sorted(listed, key=lambda name: _KEPT.index(name.kind)):
            if not (name.kind == "facts" and name.text in copied):
                _copy(source / name.text, target / name.text, copied)
    raise StoreError(f"{source}: its files change too fast to be copied; try again")


def _held(workspace: Path, source: Path, target: Path) -> None:
    """Write what blocks hold of a run as ordinary files. After the rest: what has left its directory is in one."""
    for _ in range(_LISTINGS):
        found = inventory.scan(source)
        if found.held.keys() | found.rows.keys() <= {*files.names_in(target)}:
            return
        with suppress(FileNotFoundError):  # others have replaced the block
            thawing.thaw(workspace, source, target)
            return
    raise StoreError(f"{source}: its blocks change too fast to be copied; try again")


def _copy(source: Path, target: Path, copied: dict[str, tuple[int, int]]) -> None:
    """Copy a file with its time, which may be a heartbeat; one that has changed since, once more."""
    try:
        found = source.stat()
        if copied.get(source.name) != (found.st_size, found.st_mtime_ns):
            shutil.copy2(source, target)
            copied[source.name] = found.st_size, found.st_mtime_ns
    except FileNotFoundError:
        return  # sealed, or replaced


def _pieces(workspace: Path, run: RunState) -> Iterator[Mapping[str, Any]]:
    """Every content that a run refers to."""
    yield from _stored(run.artifacts)
    try:
        yield from snapshots.referred(workspace, run)
    except StoreError as problem:
        warnings.warn(f"run {run.run_id}: {problem}", stacklevel=2)


def _stored(found: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (piece for piece in found if not piece.get("reference"))


def _contents(
    workspace: Path, target: Path, who: str, found: Iterator[Mapping[str, Any]], run_path: Path | None
) -> Iterator[str]:
    """Copy what isn't there yet, verified: blobs as they are, and what lies in packs of other runs as blobs."""
    source = None if run_path is None else workspace.joinpath(*run_path.parts[-3:])
    for piece in found:
        if not pieces.locate(target, piece, run_path).path.exists():
            try:
                pieces.copy(workspace, piece, target / names.blob(piece["sha256"]), source)
            except StoreError as problem:
                warnings.warn(f"{who}: {problem}; left out", stacklevel=2)
                yield f"{who}: {piece.get('name') or piece.get('path') or piece['sha256']}"


def _beginning_with(workspace: Path, target: Path, beginning: str) -> None:
    """The documents about an experiment."""
    for name in files.names_in(workspace / names.EXPERIMENTS):
        if name.startswith(beginning) and name.endswith(".json"):
            shutil.copy2(workspace / names.EXPERIMENTS / name, target / names.EXPERIMENTS / name)


def _all(workspace: Path, target: Path, directory: str) -> None:
    """The documents in one directory of a registry."""
    listed = [name for name in files.names_in(workspace / directory) if name.endswith(".json")]
    if listed:
        files.make_dirs(target / directory)
    for name in listed:
        if not name.startswith("."):
            shutil.copy2(workspace / directory / name, target / directory / name)


def _environment(run: RunState) -> str | None:
    """The directory of the registered environment that a run was to run in, if any has that name."""
    name = ((run.definition or {}).get("environment") or {}).get("name")
    return names.environment_dir(name) if isinstance(name, str) else None


def _registered(workspace: Path, run_ids: set[str]) -> set[str]:
    """The models of which one of these runs registered a version."""
    return {one.name for one in models.every(workspace, deleted=True) if one.body["run"] in run_ids}
