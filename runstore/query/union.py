"""Two workspaces made one: everything that another has and this one lacks, taken in (``docs/merging.md``).

The order makes it safe to die anywhere: what is named is there before what names it. Who merges again goes on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from runstore.disk import block, files, foreign, lock, pack, wherever
from runstore.errors import Damaged, FormatTooNew, StoreError, UsageError
from runstore.format import documents, names
from runstore.query import references, removing, sealing, taking_runs
from runstore.query.taking import Merged, Taker
from runstore.runs import attempts, environments, models, state, tombstones

Progress = Callable[[int, int], None]


def merge(workspace: Path, other: Path, dry_run: bool = False, progress: Progress | None = None) -> Merged:
    """Take into a workspace what another one has and it lacks; see ``Workspace.merge``.

    Args:
        workspace: the directory of the one that grows.
        other: that of the other; nothing is written there.
        dry_run: only say what would be taken.
        progress: called with (steps done, steps there are).
    """
    if os.path.samefile(workspace / names.WORKSPACE, other / names.WORKSPACE):
        raise UsageError(f"{other}: is this workspace itself; name another one to merge")
    taker = Taker(other, dry_run)
    with foreign.reading(other), ExitStack() as stack:
        if not dry_run:  # so that nothing is swept before somebody has named it
            stack.enter_context(lock.exclusive(workspace / names.LOCKS / "sweep.lock"))
        steps = list(_steps(workspace, other, taker, dry_run))
        for number, step in enumerate(steps):
            step()
            if progress is not None:
                progress(number + 1, len(steps))
    return taker.done


def _steps(workspace: Path, other: Path, taker: Taker, dry: bool) -> Iterator[Callable[[], None]]:
    every = [path.relative_to(other) for path in wherever.runs(other)]
    same = _same(workspace, other)
    gone = {run for run in every if tombstones.there(workspace / run) or tombstones.there(other / run)}
    runs = [run for run in every if run not in gone and run not in same]
    changed: set[Path] = set()

    def packs(run: Path) -> None:
        before = taker.done.files
        taking_runs.packs(taker, other / run, workspace / run)
        changed.update({run} if taker.done.files > before else ())

    def rest(run: Path) -> None:
        before = taker.done.files
        with ExitStack() as stack:
            if not dry:
                stack.enter_context(lock.exclusive(sealing.exclusive_lock(workspace, workspace / run)))
            taking_runs.run(taker, other / run, workspace / run)
        taker.done.runs += taker.done.files > before or run in changed

    yield lambda: _tombstones(taker, other, workspace)
    yield lambda: _removed(taker, other, workspace, gone)
    yield lambda: _experiments(taker, other, workspace)
    for path, sha256 in references.blobs(other):
        yield lambda path=path, sha256=sha256: _blob(taker, path, workspace / names.blob(sha256), sha256)  # type: ignore[misc]
    for run in runs:
        yield lambda run=run: packs(run)  # type: ignore[misc]
    yield lambda: _indexes(taker, other / names.BLOBS, workspace / names.BLOBS) if changed else None
    for run in runs:
        yield lambda run=run: rest(run)  # type: ignore[misc]
    yield lambda: _registry(taker, other, workspace, names.MODELS, models.LOCK, dry)
    yield lambda: _registry(taker, other, workspace, names.ENVIRONMENTS, environments.LOCK, dry)


def _same(workspace: Path, other: Path) -> set[Path]:
    """The runs of which the other has nothing but what lies in blocks that are here as well, byte for byte."""
    here = {one.name for one in block.active(workspace)}
    keys = {True: set[str](), False: set[str]()}
    for one in block.active(other):
        with suppress(Damaged):  # the runs it has are looked at one by one, as far as they are known
            keys[one.name in here].update(one.keys())
    shared = keys[True] - keys[False]
    runs = {Path(names.RUNS, digits[:2], digits[2:]) for digits in shared}
    return {run for run in runs if not (other / run).is_dir()}


def _tombstones(taker: Taker, other: Path, workspace: Path) -> None:
    """What was removed for good there is removed here, where somebody has deleted it here as well."""
    for name, data, body in _documents(taker, other / names.TOMBSTONES):
        run_path = workspace / names.run_dir(str(body["run"]))
        if tombstones.there(run_path):
            continue
        if attempts.there(run_path) and state.fold(run_path).deleted is None:
            why = (
                f"run {body['run']} was removed for good there and is not deleted here; delete it here if that is meant"
            )
            taker.refuse(other / names.TOMBSTONES / name, why)
        else:
            taker.put(workspace / names.TOMBSTONES / name, data)


def _removed(taker: Taker, other: Path, workspace: Path, gone: set[Path]) -> None:
    """Leave out runs that were removed; of their packs take, as blobs, what others use."""
    for run in sorted(gone):
        found = state.fold(other / run)
        if found.deleted is None and not tombstones.there(other / run):
            taker.refuse(other / run, f"run {found.run_id} was removed for good here; what is there stays there")
    if any(name.startswith("k-") for run in gone for name in wherever.listed(other / run)):
        counted = references.count(other)
        for folded in counted.runs:
            for one in removing.needed(counted, folded) if folded.path.relative_to(other) in gone else ():
                target = workspace / names.blob(one.sha256)
                if not target.exists():
                    taker.put(target, pack.read(one.path, one.offset, one.size, one.sha256))


def _blob(taker: Taker, source: Path, target: Path, sha256: str) -> None:
    try:
        there = target.exists()
        if not there or target.stat().st_size != source.stat().st_size:
            taker.copy(source, target, sha256, replace=there)
    except FileNotFoundError:
        return  # swept since it was listed
    except Damaged as problem:
        taker.refuse(source, str(problem))


def _indexes(taker: Taker, theirs: Path, ours: Path) -> None:
    for name in files.names_in(theirs):
        if names.is_index(name) and not (ours / name).exists():
            taker.copy(theirs / name, ours / name)


# ---- documents


def _documents(taker: Taker, directory: Path) -> Iterator[tuple[str, bytes, Any]]:
    """Name, bytes and body of every document in a directory; what can't be believed is named."""
    for name in files.names_in(directory):
        if name.endswith(".json") and not name.startswith("."):
            try:
                data = files.read(directory / name)
                yield name, data, documents.parse(data, name)
            except FileNotFoundError:
                continue
            except (Damaged, FormatTooNew) as problem:
                taker.refuse(directory / name, str(problem))


def _experiments(taker: Taker, other: Path, workspace: Path) -> None:
    """Of an experiment made in both, the earlier one's document counts."""
    theirs, ours = other / names.EXPERIMENTS, workspace / names.EXPERIMENTS
    for name, data, body in _documents(taker, theirs):
        target = ours / name
        if not target.exists():
            taker.put(target, data)
            continue
        own = files.read(target)
        if own == data:
            continue
        try:
            later = names.event_time(name) is None and documents.parse(own, name)["created"] > body["created"]
        except Damaged:
            later = False
        if later:
            taker.put(target, data, replace=True)
        elif names.event_time(name) is not None:
            taker.refuse(theirs / name, "other bytes under the same name; what is here stays")


def _registry(taker: Taker, other: Path, workspace: Path, folder: str, held: str, dry: bool) -> None:
    """Models or environments. Where a version of both is not the same, nothing is taken of that name."""
    for entry in files.listing(other / folder):
        if not entry.is_dir():
            continue
        theirs, ours = Path(entry.path), workspace / folder / entry.name
        found = {name: (data, body) for name, data, body in _documents(taker, theirs)}
        with ExitStack() as stack:
            if not dry:
                stack.enter_context(lock.exclusive(workspace / names.LOCKS / held))
            clashes = [name for name, (data, body) in found.items() if _clash(ours / name, data, body)]
            if clashes:
                label = f"{next(iter(found.values()))[1].get('name')!r}"
                taker.refuse(theirs / clashes[0], f"{label} has another version of this number here; nothing was taken")
                continue
            for name in sorted(found, key=_order):
                if not (ours / name).exists():
                    taker.put(ours / name, found[name][0])


def _order(name: str) -> tuple[int, str]:
    """Versions by their numbers, then what was said about them."""
    parsed = names.parse_model(name)
    return (parsed.version or 1 << 62, name) if parsed else (1 << 63, name)


def _clash(ours: Path, data: bytes, body: dict[str, Any]) -> bool:
    """Whether the name is taken by something else. An environment registered in both is one thing."""
    try:
        own = files.read(ours)
    except FileNotFoundError:
        return False
    if own == data:
        return False
    try:
        known = documents.parse(own, ours.name)
    except StoreError:
        return True
    return "definition" not in body or known.get("definition") != body["definition"]
