"""Runs taken out of sight, and brought back. What is deleted lies where it lay, until ``gc`` removes it.

One fact says so, in an edit journal: ``deleted``, true or false; the latest counts. Of an experiment a document does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from runstore.disk import files, lock
from runstore.errors import NotWritable, RunNotFound, StoreError
from runstore.format import names
from runstore.query import catalog, groups, lookup, sealing
from runstore.query.catalog import Catalog
from runstore.query.connect import quoted
from runstore.runs import edits, process, tombstones
from runstore.runs.labels import when
from runstore.runs.state import TERMINAL

if TYPE_CHECKING:
    from runstore.query.keeping import Keeping
    from runstore.query.run import Run
    from runstore.query.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Deleted:
    """A run that is deleted. Times are UTC."""

    run_id: str
    experiment: str
    name: str | None
    status: str
    started: datetime | None
    deleted: datetime
    points: int


def ids(runs: Run | str | Iterable[Run | str]) -> list[str]:
    """The ids, or beginnings of ids, of what was given."""
    given = [runs] if isinstance(runs, str) or hasattr(runs, "id") else runs
    return [run if isinstance(run, str) else run.id for run in given]


def delete(ws: Keeping, texts: Iterable[str], children: bool, force: bool) -> list[str]:
    """See ``Workspace.delete``."""
    every = catalog.of(ws.path)
    named = _chosen(every, texts) - {run.run_id for run in every.gone}
    return _delete(ws, every, named, children, force)


def delete_whole(ws: Keeping, run_ids: Iterable[str]) -> list[str]:
    """Delete runs that have ended, with all that are below them; give their ids.

    Raises:
        StoreError: one goes on, or has got a run below it, meanwhile; nothing was deleted.
        NotWritable: the workspace can't be written.
    """
    return _delete(ws, catalog.of(ws.path), set(run_ids), children=False, force=False)


def _delete(ws: Keeping, every: Catalog, named: set[str], children: bool, force: bool) -> list[str]:
    doomed = named | lookup.below(every, named)
    runs = [*lookup.folded(every, doomed)]
    if doomed != named and not children:
        above = next(run.parent_id for run in runs if run.run_id not in named and run.parent_id in named)
        count = len(lookup.below(every, {str(above)}))
        raise StoreError(f"run {above} has {count:,} below it; children=True (--children) deletes them as well")
    live = [run for run in runs if run.status not in TERMINAL]
    if live and not force:
        what = f"run {live[0].run_id} is {live[0].status}"
        raise StoreError(f"{what}; cancel it before, or force=True (--force) cancels it")
    for run in live:
        (process.opened(run.path) or ws._object(run)).cancel()
    for run in sorted(runs, key=lambda run: (run.run_id in named, run.run_id)):  # named ones last: to be named again
        edits.record(ws.path, run.run_id, run.experiment, [("deleted", {"deleted": True})])
    return sorted(doomed)


def restore(ws: Keeping, texts: Iterable[str], children: bool) -> list[str]:
    """See ``Workspace.restore``."""
    every = catalog.of(ws.path)
    named = _chosen(every, texts)
    wanted = named | lookup.below(Catalog(ws.path, [*every.gone]), named) if children else named
    back = [run for run in every.gone if run.run_id in wanted]
    for run in back:
        with lock.exclusive(sealing.exclusive_lock(ws.path, run.path)):  # it isn't being removed meanwhile
            if tombstones.there(run.path):
                raise RunNotFound(f"run {run.run_id} was removed; there is nothing left to restore")
            edits.record(ws.path, run.run_id, run.experiment, [("deleted", {"deleted": False})])
    return sorted(run.run_id for run in back)


def deleted(workspace: Path) -> list[Deleted]:
    """See ``Workspace.deleted``."""
    gone = [(run.deleted, run) for run in catalog.of(workspace).gone if run.deleted is not None]
    return [
        Deleted(
            run.run_id, run.experiment, run.display_name or run.name, run.status,
            when(run.started).replace(tzinfo=None) if run.started else None,
            when(time).replace(tzinfo=None), run.points,
        )
        for time, run in sorted(gone, key=lambda one: (one[0], one[1].run_id), reverse=True)
        if not tombstones.there(run.path)
    ]  # fmt: skip


# ---- experiments


def delete_experiment(ws: Workspace, experiment_id: str, force: bool, cancel: bool = False) -> list[str]:
    """Delete an experiment and, where ``force`` is given, its runs; give their ids. ``cancel``: those still running.

    Raises:
        StoreError: there is no such experiment, it has runs, or one of them has not ended.
        NotWritable: the workspace can't be written.
    """
    every = catalog.of(ws.path)
    found = [one for one in groups.experiments(ws.path, every).values() if groups.id_of(one.name) == experiment_id]
    if not found:
        raise StoreError(f"no experiment has the id {experiment_id!r} in {ws.path}; Experiment.list gives them")
    name = found[0].name
    own = {run.run_id for run in every.loose if run.experiment == name}
    own |= {*lookup.told(every, f"experiment = {quoted(name)}")}
    if own and not force:
        todo = "force=True deletes them as well, archive() hides it"
        raise StoreError(f"experiment {name!r} has {len(own):,} runs, so it is not deleted; {todo}")
    done = _delete(ws, every, own, children=False, force=cancel) if own else []
    if own or any(run.experiment == name for run in every.gone):
        ws.experiment_class.existing(ws, name)._tell(deleted=True)
    else:
        _forget(ws.path, experiment_id)
    return done


def restore_experiment(ws: Workspace, name: str) -> list[str]:
    """Bring an experiment back with all its runs that are deleted; give their ids.

    Raises:
        StoreError: no experiment of that name is or was there.
    """
    every = catalog.of(ws.path)
    own = [run for run in every.gone if run.experiment == name]
    there = own or any(one == name for one, *_ in groups.begun(every))
    if not there and not groups.documented(ws.path, name):
        raise StoreError(
            f"{ws.path}: no experiment is called {name!r}; `runstore runs --deleted` lists what is deleted"
        )
    back = restore(ws, [run.run_id for run in own], children=False)
    if groups.one(ws.path, name).deleted_time is not None:
        ws.experiment_class.existing(ws, name)._tell(deleted=False)
    return back


def _forget(workspace: Path, experiment_id: str) -> None:
    """Remove what says that an experiment exists: nothing is in it."""
    directory = workspace / names.EXPERIMENTS
    own = [name for name in files.names_in(directory) if name.startswith(experiment_id) and name.endswith(".json")]
    try:
        for name in reversed(own):  # what was said about it goes before what says that it exists
            files.unlink(directory / name)
        files.sync_dir(directory)
    except OSError as problem:
        raise NotWritable(f"{directory}: not writable ({problem.strerror}); check its owner") from None


# ---- which


def _chosen(every: Catalog, texts: Iterable[str]) -> set[str]:
    """The ids of the runs that answer to these texts, deleted or not."""
    chosen = set()
    for text in texts:
        gone = [run.run_id for run in every.gone if run.run_id.startswith(text)]
        found = [*lookup.named(every, text), *gone] if text else []
        found = [text] if text in found else found
        if len(found) != 1:
            raise RunNotFound(lookup.unclear(every, text, found))
        chosen.add(found[0])
    return chosen
