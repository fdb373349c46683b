"""What lies outside of runs: the workspace's own document, experiments, tombstones, registries, blobs.

A document of which one byte was changed is mended (``format.mending``). Else it is made anew where other data tell
what it said, and put aside where they don't.
"""

from __future__ import annotations

import time
import uuid
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from runstore.disk import files, wherever
from runstore.errors import Damaged
from runstore.format import VERSION, documents, mending, names
from runstore.query import groups, listing, references, repair_packs
from runstore.query.repair_aside import Quarantine, Repaired, Told
from runstore.query.repair_packs import Copies
from runstore.runs import state, tombstones

Paths = Iterable[str]


def root(workspace: Path, damaged: Paths, quarantine: Quarantine, done: Repaired) -> None:
    """Mend ``workspace.json``, or make another one: nothing but itself says what its id was."""
    path = workspace / names.WORKSPACE
    if names.WORKSPACE not in damaged or mended(workspace, path, quarantine, done) or not _gone(path):
        return
    quarantine.take(path, "a damaged document")
    known = [one.created for one in groups.experiments(workspace).values() if one.created is not None]
    body = {"runstore": VERSION, "workspace": str(uuid.uuid4()), "created": min(known, default=time.time_ns())}
    files.publish(workspace, path.name, documents.render(body))
    done.lost.append(Told(names.WORKSPACE, "the workspace's id; it has a new one"))


def mended(workspace: Path, path: Path, quarantine: Quarantine, done: Repaired) -> bool:
    """Put a document in order of which one byte was changed; whether that could be done."""
    try:
        right = mending.document(files.read(path))
    except FileNotFoundError:
        return False
    if right is None:
        return False
    quarantine.replace(path, right, "a changed bit")
    done.saved.append(Told(path.relative_to(workspace).as_posix(), "all of it: one bit was changed"))
    return True


def _gone(path: Path) -> bool:
    """Whether a document is damaged or missing; one that can't be read is neither."""
    try:
        documents.parse(files.read(path), path.name)
    except (Damaged, FileNotFoundError):
        return True
    return False


def blobs(workspace: Path, damaged: Paths, quarantine: Quarantine, done: Repaired, copies: Copies) -> None:
    """Put damaged blobs aside, and in their place the same bytes out of a pack."""
    indexes = False
    for relative in sorted(one for one in damaged if one.startswith(f"{names.BLOBS}/")):
        path = workspace / relative
        with done.naming(relative):
            if names.is_index(path.name):
                indexes = files.unlink(path) or indexes
                done.saved.append(Told(relative, "made anew from the packs"))
            elif names.is_sha256(path.parent.name + path.name):
                _blob(workspace, path, quarantine, done, copies)
    if indexes:
        references.reindex(workspace)


def _blob(workspace: Path, path: Path, quarantine: Quarantine, done: Repaired, copies: Copies) -> None:
    if path.exists() and files.sha256(path) != path.parent.name + path.name:
        quarantine.take(path, "content that does not match its hash")
    if not path.exists() and repair_packs.blob(workspace, path, copies):
        done.saved.append(Told(path.relative_to(workspace).as_posix(), "all of it: a pack has the same bytes"))


def experiments(workspace: Path, damaged: Paths, quarantine: Quarantine, done: Repaired) -> None:
    """Make the documents of experiments anew from their runs and from what was said about them later."""
    lost = []
    for relative in sorted(one for one in damaged if one.startswith(f"{names.EXPERIMENTS}/")):
        path = workspace / relative
        with done.naming(relative):
            if path.exists() and (mended(workspace, path, quarantine, done) or not _wrong(path)):
                continue
            quarantine.take(path, "a damaged document")
            lost.append(relative)
    with warnings.catch_warnings(action="ignore"):
        told = {one.name: None for one in groups.documented(workspace)}
        begun = {run.experiment: run.started for run in reversed(list(listing.runs(workspace))) if run.run_id}
    for name, started in sorted({**told, **begun}.items()):
        path = workspace / names.experiment_file(name)
        if not path.exists():
            body = {"experiment": name, "created": started or time.time_ns()}
            files.publish(path.parent, path.name, documents.render(body))
            done.saved.append(Told(names.experiment_file(name), f"experiment {name!r}, from what else tells of it"))
    called = {names.experiment_file(name)[:-5]: name for name in {**told, **begun}}
    for relative in lost:
        if names.event_time(Path(relative).name) is not None:
            whose = called.get(relative.partition("-e")[0])
            what = f"experiment {whose!r}" if whose else "an experiment"
            done.lost.append(Told(relative, f"something that was said about {what}: tags, or that it was archived"))
        elif not (workspace / relative).exists():
            done.lost.append(Told(relative, "an experiment without runs; nothing tells its name"))


def _wrong(path: Path) -> bool:
    """Whether an experiment's document is damaged, or lies under another name than its own."""
    try:
        body = documents.parse(files.read(path), path.name)
    except Damaged:
        return True
    time_ns, name = names.event_time(path.name), str(body["experiment"])
    right = names.experiment_file(name) if time_ns is None else names.experiment_event(name, time_ns, path.stem[-8:])
    return Path(right).name != path.name or body.get("time") != time_ns


def rest(workspace: Path, damaged: Paths, quarantine: Quarantine, done: Repaired) -> None:
    """Tombstones, what is registered, and what is kept of remotes."""
    for relative in sorted(damaged):
        path = workspace / relative
        top = relative.partition("/")[0]
        with done.naming(relative):
            if top in (names.MODELS, names.ENVIRONMENTS):
                _registered(workspace, path, quarantine, done)
            elif top == names.REMOTES and path.exists() and not mended(workspace, path, quarantine, done):
                _remote(relative, path, quarantine, done)
            elif top == names.TOMBSTONES and path.exists() and not mended(workspace, path, quarantine, done):
                _tombstone(workspace, path, quarantine, done)


def _tombstone(workspace: Path, path: Path, quarantine: Quarantine, done: Repaired) -> None:
    """A tombstone says that a run is gone as long as it is there: only another one can take its place."""
    run_id, experiment = _removed(workspace, path.stem)
    relative = path.relative_to(workspace).as_posix()
    if not run_id or not _gone(path):
        done.left.append(Told(relative, "still says that a run was removed; which one, nothing tells any more"))
        return
    body: dict[str, Any] = {
        "runstore": VERSION, "run": run_id, "experiment": experiment, "parent": None, "started": None, "deleted": None,
        "removed": time.time_ns(), "host": None, "pid": None, "writers": [], "ranges": [],
    }  # fmt: skip
    quarantine.take(path, "a damaged document")
    files.publish(path.parent, path.name, documents.render(body))
    done.lost.append(Told(relative, f"when run {run_id} was removed, and what it had", run_id))


def _removed(workspace: Path, digits: str) -> tuple[str, str]:
    """Id and experiment of a removed run, from what is left of it or from those who speak of it."""
    for run_path in wherever.runs(workspace):
        run = state.fold(run_path)
        if names.run_dir(run.run_id).replace("/", "")[4:] == digits and tombstones.there(run_path):
            return run.run_id, run.experiment
        for other in (run.parent_id, *(str(one["run"]) for one in run.inputs)):
            if other and names.run_dir(other).replace("/", "")[4:] == digits:
                return other, ""
    return "", ""


def _remote(relative: str, path: Path, quarantine: Quarantine, done: Repaired) -> None:
    """What a remote has it tells again; where it is nothing else tells."""
    if not _gone(path):
        return
    quarantine.take(path, "a damaged document")
    if names.is_ledger(relative.partition("/")[2]):
        done.saved.append(Told(relative, "asked of the remote anew by the next sync"))
    else:
        done.lost.append(Told(relative, f"where the remote {path.stem!r} lies; `runstore remote add` says it again"))


def _registered(workspace: Path, path: Path, quarantine: Quarantine, done: Repaired) -> None:
    """A version that can't be mended stays where it is, as its number must not be given again."""
    if not path.exists() or mended(workspace, path, quarantine, done):
        return
    relative = path.relative_to(workspace).as_posix()
    known = names.parse_model(path.name)
    if known is None or not _gone(path):
        return
    if known.version:
        done.left.append(Told(relative, "keeps its number; what it said nothing else tells. Restore it from a copy"))
        return
    quarantine.take(path, "a damaged document")
    done.lost.append(Told(relative, "a change to a model: an alias, tags, a description"))
