"""A damaged workspace made whole as far as that can be: what can be saved is saved, what can't is named.

Nothing is destroyed: what is damaged is kept (``repair_aside``). The order makes it safe to die anywhere: what is
saved is published, what is lost is recorded, and only then what is damaged goes out of the way. A repair that was
interrupted is ended by the next one.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from runstore.disk import files, inventory, lock, wherever
from runstore.format import names
from runstore.query import (
    check,
    repair_aside,
    repair_documents,
    repair_facts,
    repair_losses,
    repair_packs,
    repair_points,
    repair_proven,
    sealing,
)
from runstore.query.audit import DAMAGE, Finding
from runstore.query.repair_aside import Quarantine, Repaired, Told
from runstore.query.repair_packs import Copies
from runstore.query.repair_work import Work, alive
from runstore.runs import mirrored, state, tombstones

Progress = Callable[[int, int], None]
_ALIVE = "a process may be logging into it; repair it when that has ended"
_UNKNOWN = "nothing tells any more whose run this is; restore it from a copy"


def repair(workspace: Path, run: str | None = None, progress: Progress | None = None) -> Repaired:
    """Repair a workspace, or one run of it.

    Args:
        workspace: the workspace's directory.
        run: a run's whole id; None repairs everything.
        progress: called with (runs checked, runs there are); from the beginning again for the check afterwards.

    Returns:
        What was done. What is damaged still is in ``left``.

    Raises:
        RunNotFound: no such run.
    """
    mirrored.refuse(workspace)
    return repaired(workspace, run, damage(workspace, run, progress), progress)


def repaired(workspace: Path, run: str | None, found: list[Finding], progress: Progress | None = None) -> Repaired:
    """As ``repair``, for what a check has found."""
    done = Repaired()
    if not found and not repair_aside.unfinished(workspace):
        return done
    with lock.exclusive(workspace / names.LOCKS / "sweep.lock"), warnings.catch_warnings(action="ignore"):
        quarantine = Quarantine(workspace, done)
        if found:
            _repair(workspace, found, quarantine, done)
            _left(workspace, run, progress, done)
        quarantine.close()
    return done


def _left(workspace: Path, run: str | None, progress: Progress | None, done: Repaired) -> None:
    """Name what is damaged still."""
    told = {one.path for one in done.left}
    for finding in damage(workspace, run, progress):
        if finding.path not in told and not any(finding.path.startswith(f"{path}/") for path in told):
            done.left.append(Told(finding.path, finding.what, finding.run_id))


def damage(workspace: Path, run: str | None = None, progress: Progress | None = None) -> list[Finding]:
    """What a check finds that is no mere note."""
    return [one for one in check.check(workspace, run, progress) if one.severity == DAMAGE]


def _repair(workspace: Path, found: list[Finding], quarantine: Quarantine, done: Repaired) -> None:
    copies, runs, paths = Copies(workspace), _hurt(found), {finding.path for finding in found}
    with done.naming(names.WORKSPACE):
        repair_documents.root(workspace, paths, quarantine, done)
    repair_documents.blobs(workspace, paths, quarantine, done, copies)
    for directory, damaged in sorted(runs.items()):
        path = workspace / directory
        with done.naming(directory), lock.exclusive(sealing.exclusive_lock(workspace, path)):
            _run(Work.of(workspace, path, damaged), quarantine, done, copies)
    shared = any(path.startswith(f"{names.BLOBS}/") or path.endswith(".pack") for path in paths)
    for path in list(wherever.runs(workspace)) if shared else [workspace / directory for directory in sorted(runs)]:
        directory = path.relative_to(workspace).as_posix()
        with done.naming(directory):
            _lost(Work.of(workspace, path, runs.get(directory, ())), done, hurt=directory in runs)
    repair_documents.experiments(workspace, paths, quarantine, done)
    repair_documents.rest(workspace, paths, quarantine, done)


def _hurt(found: list[Finding]) -> dict[str, set[str]]:
    """The directories of the runs in which something is damaged, and the names of these files."""
    runs: defaultdict[str, set[str]] = defaultdict(set)
    blocked = set[str]()
    for finding in found:
        parts = finding.path.split("/")
        if parts[0] == names.RUNS and len(parts) >= 3:
            runs["/".join(parts[:3])].update(parts[3:])
        if finding.run_id:
            runs[names.run_dir(finding.run_id)].update(())
        if parts[0] == names.BLOCKS:
            blocked.add(names.run_dir(finding.run_id))
    # what is lost of runs whose block is damaged can't be told from here
    return {directory: hurt for directory, hurt in runs.items() if directory not in blocked}


def _run(work: Work, quarantine: Quarantine, done: Repaired, copies: Copies) -> None:
    run = state.fold(work.path)
    if not work.path.is_dir() or tombstones.there(work.path):
        return
    if alive(run):
        work.leave("", _ALIVE)
    elif not work.origin.run_id:
        work.leave("", _UNKNOWN)
    if not work.left:
        repair_proven.repair(work, quarantine)
        repair_facts.repair(work)
        repair_points.repair(work, quarantine)
        _documents(work, run)
        repair_losses.numbers(work, by_facts=False)
        _clear(work, quarantine)
        repair_packs.repair(work, copies)  # by all facts that there are now
        _clear(work, quarantine)
    _tell(work, done)


def _clear(work: Work, quarantine: Quarantine) -> None:
    """Put out of the way what is damaged, and away what is published elsewhere now."""
    for path, why in work.aside.items():
        quarantine.take(path, why)
    for path in work.spent:
        files.unlink(path)
    work.aside, work.spent = {}, []


def _lost(work: Work, done: Repaired, hurt: bool) -> None:
    """Record what is lost, now that what is damaged has gone; of runs that only refer to others' content, too."""
    directory = work.path.relative_to(work.workspace).as_posix()
    if not work.origin.run_id or tombstones.there(work.path):
        return
    if hurt and not any(one.path == directory for one in done.left):
        repair_losses.numbers(work, by_facts=True)
        repair_losses.writers(work)
    repair_losses.content(work)
    _tell(work, done)


def _tell(work: Work, done: Repaired) -> None:
    done.saved += work.saved
    done.lost += work.words
    done.left += work.left


def _documents(work: Work, run: state.RunState) -> None:
    """End files, jobs and spools: there is nothing to rebuild them from."""
    found = inventory.scan(work.path)
    ended = {part.attempt for part in run.writers if part.opener and part.end is not None}
    for path in [*found.ends, *found.jobs, *found.spools]:
        name = names.parse(path.name)
        if path.name not in work.damaged or name is None:
            continue
        work.aside[path] = {"end": "a damaged end file", "job": "a damaged job"}.get(name.kind, "a damaged spool")
        if name.kind == "end" and name.attempt not in ended:
            work.lose(path.name, f"how attempt {name.attempt} ended")
        elif name.kind == "job":
            work.lose(path.name, "what a launcher was to start")
        elif name.kind == "spool":
            work.lose(path.name, "how much of what was printed is in the log already")
