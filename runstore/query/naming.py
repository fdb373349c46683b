"""Which names runs have: of params, tags and metrics, in how many runs, and whether the runs differ in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runstore.query import catalog, connect, fields, listing, mentioned
from runstore.query.catalog import Catalog, Indexed
from runstore.query.connect import quoted
from runstore.query.index_tables import METRIC, PARAM, TAG
from runstore.runs.state import RunState

_LABELS = "SELECT name, kind, count(*), count(DISTINCT text), min(text) FROM {labels} GROUP BY ALL ORDER BY ALL"


@dataclass(slots=True)
class Named:
    """A param or a tag. ``kinds``: of its values, as in the view ``params``; ``several``: not all are the same."""

    runs: int = 0
    kinds: set[str] = field(default_factory=set)
    several: bool = False
    one: str | None = None

    def add(self, runs: int, kind: str, text: str | None, several: bool = False) -> None:
        """Take in so many runs more, with this value or several."""
        self.several = self.several or several or (self.runs > 0 and text != self.one)
        self.runs, self.one = self.runs + runs, text
        self.kinds.add(kind)


def runs_of(workspace: Path, run_ids: Collection[str] | None, experiment: str | None) -> Catalog:
    """The runs that are meant: of these ids, else all or those of an experiment."""
    if run_ids is not None:
        return Catalog(workspace, listing.some(workspace, run_ids))
    every = catalog.of(workspace)
    if experiment is None:
        return every
    return Catalog(workspace, [run for run in every.loose if run.experiment == experiment], every.indexed)


def count(every: Catalog, experiment: str | None = None) -> int:
    """How many runs these are."""
    if every.indexed is None:
        return len(every.loose)
    where = "true" if experiment is None else f"experiment = {quoted(experiment)}"
    return len(every.loose) + int(every.indexed.ask("count(*)", where)[0][0])


def metrics(every: Catalog, experiment: str | None = None) -> dict[str, int]:
    """Every metric's name, in how many of the runs it is; also of what was logged just now."""
    counted: Counter[str] = Counter()
    for run in every.loose:
        names = mentioned.of(run).metrics if run.inventory.points else set()
        for values in run.inventory.lasts.values():
            names.update(values)
        counted.update(names)
    if every.indexed is not None:
        told = every.indexed.kinds if experiment is None else every.indexed.kinds_of(_of(every.indexed, experiment))
        for name, kinds in told.get(METRIC, {}).items():
            counted[name] += sum(kinds.values())
    return dict(counted)


def _of(indexed: Indexed, experiment: str) -> str:
    """What is true of the runs of an experiment, in any table."""
    return f"run_id IN (SELECT run_id FROM {indexed.files('runs')} WHERE experiment = {quoted(experiment)})"


def params(every: Catalog, experiment: str | None = None) -> dict[str, Named]:
    """Every param that holds in a run, in the order in which they are met."""
    return _labels(((run, run.params) for run in every.loose), every.indexed, PARAM, experiment)


def tags(every: Catalog, experiment: str | None = None) -> dict[str, Named]:
    """Every tag."""
    told = ((run, {key: value for key, (value, _) in run.tags.items()}) for run in every.loose)
    return _labels(told, every.indexed, TAG, experiment)


def _labels(
    told: Iterable[tuple[RunState, Mapping[str, Any]]], indexed: Indexed | None, of: str, experiment: str | None
) -> dict[str, Named]:
    found: dict[str, Named] = {}
    for _, labels in told:
        for name, leaf in labels.items():
            value = listing.value(leaf)
            one = found.get(name) or found.setdefault(name, Named())
            one.add(1, str(fields.point(value)["kind"]), listing.shown(value))
    if indexed is not None:
        where = f"of = {quoted(of)} AND holds"
        where += f" AND experiment = {quoted(experiment)}" if experiment is not None else ""
        query = _LABELS.format(labels=indexed.table("labels", where))
        for name, kind, runs, different, text in connect.connect().execute(query).fetchall():
            found.setdefault(name, Named()).add(runs, kind, text, different > 1)
    return found
