"""Experiments as their documents and the runs in them tell."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runstore.disk import files
from runstore.errors import Damaged
from runstore.format import documents, names
from runstore.query import catalog
from runstore.query.catalog import Catalog


@dataclass(slots=True)
class ExperimentState:
    """An experiment. ``created`` is None where no document says it; times are nanoseconds, UTC."""

    name: str
    created: int | None = None
    archived_time: int | None = None
    deleted_time: int | None = None
    tags: dict[str, tuple[Any, int]] = field(default_factory=dict)  # value, time
    runs: int = 0
    last_start: int | None = None

    @property
    def archived(self) -> bool:
        """Whether it was archived and no run has begun in it since."""
        return self.archived_time is not None and (self.last_start or 0) <= self.archived_time

    @property
    def deleted(self) -> bool:
        """Whether it was deleted and no run is in it (any more, or again)."""
        return self.deleted_time is not None and not self.runs


def experiments(workspace: Path, listed: Catalog | None = None, until: int | None = None) -> dict[str, ExperimentState]:
    """Every experiment that has a document or a run and is not deleted, by name.

    Args:
        workspace: the workspace's directory.
        listed: all its runs, where they are listed already.
        until: as of this time (``query.past``); None for now.
    """
    found = {one.name: one for one in documented(workspace, until=until)}
    known = {one.name for one in found.values() if one.created is not None}
    for name, runs, first, last in begun(catalog.of(workspace, until) if listed is None else listed):
        one = found.get(name) or found.setdefault(name, ExperimentState(name))
        one.runs += runs
        one.last_start = max(last or 0, one.last_start or 0) or None
        if one.name not in known:
            one.created = min(filter(None, (one.created, first)), default=None)
    return {name: one for name, one in found.items() if not one.deleted}


def begun(every: Catalog) -> Iterator[tuple[str, int, int | None, int | None]]:
    """Experiments, each with how many runs, when the first of them began and when the last attempt: in parts."""
    for run in every.loose:
        starts = (attempt.started for attempt in run.attempts if attempt.started is not None)
        yield run.experiment, 1, run.started, max(starts, default=None)
    if every.indexed is not None:
        yield from every.indexed.ask(
            "experiment, count(*), min(started_ns), max(last_start)", rest="GROUP BY experiment ORDER BY experiment"
        )


def one(workspace: Path, name: str) -> ExperimentState:
    """What the documents of one experiment say."""
    return next(iter(documented(workspace, name)), ExperimentState(name))


def documented(workspace: Path, only: str | None = None, until: int | None = None) -> list[ExperimentState]:
    """The experiments that have a document, without looking at runs. Damage is warned of and hides nothing else.

    Args:
        workspace: the workspace's directory.
        only: read nothing but what is about the experiment of this name.
        until: leave out what was said later (``query.past``).
    """
    beginning = "" if only is None else id_of(only)
    found: dict[str, ExperimentState] = {}
    directory = workspace / names.EXPERIMENTS
    listed = [name for name in files.names_in(directory) if name.endswith(".json") and name.startswith(beginning)]
    for name in sorted(listed, key=lambda name: (names.event_time(name) or 0, name)):
        try:
            body = documents.parse(files.read(directory / name), name)
            if not name.startswith(id_of(body["experiment"])):
                raise Damaged(f"{name}: its name is not that of experiment {body['experiment']!r}; it is left out")
            if until is None or body.get("time", body.get("created", 0)) <= until:
                one = found.setdefault(body["experiment"], ExperimentState(body["experiment"]))
                _take(one, body)
        except (Damaged, OSError) as problem:
            warnings.warn(f"{names.EXPERIMENTS}/{problem}", stacklevel=2)
    return list(found.values())


def _take(one: ExperimentState, body: dict[str, Any]) -> None:
    one.created = body.get("created", one.created)
    one.tags.update((key, (value, body["time"])) for key, value in body.get("tags", {}).items())
    for key in body.get("untag", ()):
        one.tags.pop(key, None)
    if "archived" in body:
        one.archived_time = body["time"] if body["archived"] else None
    if "deleted" in body:
        one.deleted_time = body["time"] if body["deleted"] else None


def id_of(name: str) -> str:
    """An experiment's id."""
    return names.experiment_file(name).rpartition("/")[2].removesuffix(".json")
