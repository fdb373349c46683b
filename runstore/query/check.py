"""Recompute every checksum of a workspace. Writes nothing; tells what is damaged, missing or odd.

A finding is ``damage`` where bytes are not what was written, or are not there; a ``note`` where nothing is lost: what
a writer that died left, files that nobody knows. Only README.md, config.json and ``*.lock`` are not looked into.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from runstore.disk import block, files, wherever
from runstore.errors import Damaged, RunNotFound
from runstore.format import VERSION, documents, names
from runstore.query import (
    audit,
    audit_blocks,
    audit_models,
    audit_remotes,
    audit_server,
    groups,
    references,
    repair_aside,
)
from runstore.query.audit import DAMAGE, NOTE, Finding
from runstore.query.references import References
from runstore.runs import attempts, tombstones
from runstore.runs.state import RunState

__all__ = ["DAMAGE", "NOTE", "Finding", "check"]

Progress = Callable[[int, int], None]


def check(workspace: Path, run: str | None = None, progress: Progress | None = None) -> list[Finding]:
    """Check a workspace, or one run of it.

    Args:
        workspace: the workspace's directory.
        run: a run's whole id; None checks everything.
        progress: called with (runs done, runs there are).

    Returns:
        What was found, in the order of paths; empty when all is well.

    Raises:
        RunNotFound: no such run.
    """
    if run is not None:
        run_path = workspace / names.run_dir(run)
        if not attempts.there(run_path):
            raise RunNotFound(f"no run {run} in {workspace}; `runstore runs` lists them")
        return sorted({*audit.run(workspace, run_path), *audit_blocks.run(workspace, run_path)})
    runs, told = list(wherever.runs(workspace)), set[Path]()
    steps = _Steps(progress, len(runs), sum(one.body["runs"] for one in block.active(workspace)))
    found = [
        *_root(workspace),
        *_experiments(workspace),
        *_blobs(workspace),
        *audit_models.check(workspace),
        *audit_remotes.check(workspace),
        *audit_server.check(workspace),
        *_strays(workspace),
        *_tombstones(workspace),
        *_aside(workspace),
        *audit_blocks.check(workspace, told, steps.done),
    ]
    for run_path in runs:
        gone = tombstones.there(run_path)
        found.extend(_leftover(workspace, run_path) if gone else audit.run(workspace, run_path, told))
        steps.done(1)
    counted = references.count(workspace)
    return sorted([*found, *_undocumented(workspace, counted.runs), *_unreferenced(workspace, counted)])


class _Steps:
    """Says how many of the runs are done, of which those in blocks are looked at twice: with their block, and alone."""

    def __init__(self, progress: Progress | None, runs: int, blocked: int) -> None:
        self._progress, self._runs, self._steps, self._done = progress, runs, runs + blocked, 0

    def done(self, steps: int) -> None:
        """So many more are."""
        self._done += steps
        if self._progress is not None and self._steps:
            self._progress(self._done * self._runs // self._steps, self._runs)


def _root(workspace: Path) -> Iterator[Finding]:
    known = {names.WORKSPACE, names.README, names.CONFIG, names.RUNS, names.EXPERIMENTS}
    known |= {names.BLOCKS, names.SERVER, names.CACHE, names.REMOTES}
    known |= {names.DAMAGED, names.BLOBS, names.LOCKS, names.MODELS, names.ENVIRONMENTS, names.TOMBSTONES}
    for entry in files.listing(workspace):
        if entry.name not in known:
            yield audit.unknown(workspace, Path(entry.path))
    path = workspace / names.WORKSPACE
    try:
        body = documents.parse(files.read(path), names.WORKSPACE)
    except FileNotFoundError:
        yield Finding("", names.WORKSPACE, "missing", DAMAGE)
    except (Damaged, OSError) as problem:
        yield Finding("", names.WORKSPACE, audit.reason(problem), DAMAGE)
    else:
        if body["runstore"] > VERSION:
            yield Finding("", names.WORKSPACE, f"format {body['runstore']}, newer than this runstore", DAMAGE)


def _experiments(workspace: Path) -> Iterator[Finding]:
    for entry in files.listing(workspace / names.EXPERIMENTS):
        path = Path(entry.path)
        relative = path.relative_to(workspace).as_posix()
        if not entry.name.endswith(".json") or entry.name.startswith("."):
            yield audit.unknown(workspace, path)
            continue
        try:
            body = documents.parse(files.read(path), relative)
        except (Damaged, OSError) as problem:
            yield Finding("", relative, audit.reason(problem), DAMAGE)
            continue
        time_ns, name = names.event_time(entry.name), str(body["experiment"])
        right = (
            names.experiment_file(name) if time_ns is None else names.experiment_event(name, time_ns, relative[-13:-5])
        )
        if right != relative or body.get("time") != time_ns:
            yield Finding("", relative, f"its name is not that of experiment {body['experiment']!r}", DAMAGE)


def _leftover(workspace: Path, run_path: Path) -> Iterator[Finding]:
    """What a removal that did not end has left of a run counts for nothing."""
    what = "of a run that was removed; `gc` takes what is left of it"
    if run_path.is_dir():  # what a block has of it goes when that is written anew
        yield Finding("", run_path.relative_to(workspace).as_posix(), what, NOTE)


def _tombstones(workspace: Path) -> Iterator[Finding]:
    for entry in files.listing(workspace / names.TOMBSTONES):
        path = Path(entry.path)
        relative = path.relative_to(workspace).as_posix()
        if not names.is_tombstone(entry.name):
            yield audit.unknown(workspace, path)
            continue
        try:
            body = documents.parse(files.read(path), relative)
        except (Damaged, OSError) as problem:
            yield Finding("", relative, audit.reason(problem), DAMAGE)
            continue
        if names.tombstone("".join(names.run_dir(str(body["run"])).split("/")[1:])) != relative:
            yield Finding("", relative, f"its name is not that of run {body['run']!r}", DAMAGE)


def _aside(workspace: Path) -> Iterator[Finding]:
    """What repairs have put aside is known to be damaged."""
    for place, count, size in repair_aside.sizes(workspace):
        what = f"{count} damaged file{'s' * (count != 1)} put aside by a repair, {size} bytes; may be deleted"
        yield Finding("", place.relative_to(workspace).as_posix(), what, NOTE)


def _undocumented(workspace: Path, runs: Iterable[RunState]) -> Iterator[Finding]:
    """Every experiment had its document before anything else named it."""
    with warnings.catch_warnings(action="ignore"):  # of documents that were found damaged above
        told = {one.name for one in groups.documented(workspace)}
    for name in sorted(told.union(run.experiment for run in runs if run.run_id and not tombstones.there(run.path))):
        path = names.experiment_file(name)
        if not (workspace / path).exists():
            yield Finding("", path, f"missing; it is the document of experiment {name!r}", DAMAGE)


def _blobs(workspace: Path) -> Iterator[Finding]:
    """Artifacts by their own hash, which is their name."""
    for directory in files.listing(workspace / names.BLOBS):
        if not directory.is_dir():
            yield from _index(workspace, Path(directory.path))
            continue
        for entry in files.listing(Path(directory.path)):
            path, sha256 = Path(entry.path), directory.name + entry.name
            if names.is_sha256(sha256):
                yield from _hashed(workspace, path, sha256.__eq__)
            else:
                yield audit.unknown(workspace, path)


def _index(workspace: Path, path: Path) -> Iterator[Finding]:
    """Where packed content lies; it is derived, but what is derived shall be right as well."""
    if names.is_index(path.name):
        yield from _hashed(workspace, path, lambda digest: names.index(digest) == path.name)
    else:
        yield audit.unknown(workspace, path)


def _hashed(workspace: Path, path: Path, good: Callable[[str], bool]) -> Iterator[Finding]:
    try:
        damaged = "" if good(files.sha256(path)) else "does not match its SHA-256"
    except FileNotFoundError:
        return  # merged or swept at this moment
    except OSError as problem:
        damaged = audit.reason(problem)
    if damaged:
        yield Finding("", path.relative_to(workspace).as_posix(), damaged, DAMAGE)


def _unreferenced(workspace: Path, found: References) -> Iterator[Finding]:
    """Bytes that nothing refers to are no damage; nobody may have swept yet."""
    if found.doubts:
        return  # something that can't be read may refer to them
    busy = {run.path for run in found.runs if not run.settled} | {run.path for run in found.leaving}
    sizes: Counter[Path] = Counter()
    for one in found.unreferenced:
        if one.path.parent not in busy:
            sizes[one.path] += one.size
    for path, size in sizes.items():
        goes = "sweeping removes them" if path.exists() else "they lie in a block"
        what = f"nothing refers to {size} bytes of it; {goes}"
        yield Finding("", path.relative_to(workspace).as_posix(), what, NOTE)


def _strays(workspace: Path) -> Iterator[Finding]:
    """What lies between the directories of runs, and among the locks."""
    for entry in files.listing(workspace / names.LOCKS):
        if not entry.name.endswith(".lock"):
            yield audit.unknown(workspace, Path(entry.path))
    for shard in files.listing(workspace / names.RUNS):
        if not shard.is_dir():
            yield audit.unknown(workspace, Path(shard.path))
            continue
        for entry in files.listing(Path(shard.path)):
            if not entry.is_dir():
                yield audit.unknown(workspace, Path(entry.path))
