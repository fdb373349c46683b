"""Runs chosen by what is said about them, and the runs below a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from runstore.errors import InvalidValue, UsageError
from runstore.format import values
from runstore.query import catalog, listing, lookup
from runstore.query.connect import quoted
from runstore.runs import process
from runstore.runs.state import STATUSES, RunState

if TYPE_CHECKING:
    from runstore.query.answers import AnsweringRun
    from runstore.query.run import Run

Wanted: TypeAlias = "str | Mapping[str, Any] | None"
SOURCE = "azureml.runsource"  # the property that says the type where the run doesn't (Azure ML SDK v1)
MOST = 100  # children made in one call (Azure ML SDK v1)
NUMBER = "batch_child_number"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a run must have. Conditions add up: all of them must hold."""

    type: str | None
    tags: Mapping[str, str | None]  # with None as value: the key must be there
    properties: Mapping[str, str | None]
    status: str | None

    @classmethod
    def of(
        cls, type: str | None = None, tags: Wanted = None, properties: Wanted = None, status: str | None = None
    ) -> Filter:
        """Check what is asked for.

        Raises:
            UsageError: no status is called so, or tags or properties are neither text nor dict.
        """
        if status is not None and status not in STATUSES:
            raise UsageError(f"no status {status!r}; there are {', '.join(STATUSES)}")
        return cls(type, _pairs(tags, "tags"), _pairs(properties, "properties"), status)

    def takes(self, run: RunState) -> bool:
        """Whether a run is one of those."""
        return (
            self.status in (None, run.status)
            and self.type in (None, type_of(run))
            and self.has_tags(run.tags)
            and _has(run.properties, self.properties)
        )

    def has_tags(self, tags: Mapping[str, tuple[Any, int]]) -> bool:
        """Whether these tags are such."""
        return _has(tags, self.tags)


_ANY = object()


def _pairs(wanted: Wanted, what: str) -> Mapping[str, Any]:
    if wanted is None:
        return {}
    if isinstance(wanted, str):
        return {wanted: _ANY}
    if not isinstance(wanted, Mapping):
        raise InvalidValue(f"{what}: give a key as text or pairs as a dict, not {type(wanted).__name__}")
    return {key: listing.shown(values.scalar(value, f"{what} {key!r}")) for key, value in wanted.items()}


def _has(labels: Mapping[str, tuple[Any, int]], wanted: Mapping[str, Any]) -> bool:
    return all(
        key in labels and (value is _ANY or value == listing.shown(listing.value(labels[key][0])))
        for key, value in wanted.items()
    )


def type_of(run: RunState) -> str | None:
    """A run's type: as given at its start, else by its property."""
    source = run.properties.get(SOURCE)
    return run.type or (listing.shown(listing.value(source[0])) if source else None)


def below(workspace: Path, run_id: str, recursive: bool) -> Iterator[RunState]:
    """The runs under a run, the newest first; ``recursive``: also those under them. One listing does it."""
    every = catalog.of(workspace)
    found = lookup.below(every, [run_id], recursive)
    where = f"run_id IN ({', '.join(map(quoted, sorted(found))) or 'NULL'})"
    yield from lookup.newest_first(every, lambda run: run.run_id in found, where)


def among(workspace: Path, experiment: str, wanted: Filter, children: bool) -> Iterator[RunState]:
    """The runs of an experiment that are wanted, the newest first; ``children``: also those that have a parent."""
    where = [f"experiment = {quoted(experiment)}"]
    if wanted.status is not None:
        where.append(f"status = {quoted(wanted.status)}")
    if not children:
        where.append("parent_id IS NULL")

    def takes(run: RunState) -> bool:
        return run.experiment == experiment and (children or run.parent_id is None) and wanted.takes(run)

    return lookup.newest_first(catalog.of(workspace), takes, " AND ".join(where))


def parent(run: AnsweringRun) -> Run | None:
    """The run above: the object that is open in this process, else one that joins it when it is logged to."""
    parent_id, workspace = run.parent_id, run.experiment.workspace
    found = listing.some(workspace.path, [parent_id]) if parent_id else []
    if not found:
        return None
    opened: Run | None = process.opened(found[0].path)
    if opened is None:
        opened = workspace._object(found[0])
        opened._may_join = True
    return opened


def batch(count: int | None, tag_key: str | None, tag_values: Iterable[Any] | None) -> list[dict[str, Any]]:
    """The tags of the children that one call makes.

    Raises:
        UsageError: not exactly one of ``count`` and (``tag_key`` and ``tag_values``), or too many.
    """
    by_tag = tag_key is not None and tag_values is not None
    if (count is None) != by_tag or (count is not None and (tag_key is not None or tag_values is not None)):
        raise UsageError("create_children() takes either count, or tag_key and tag_values together")
    key = NUMBER if tag_key is None else tag_key
    made: list[dict[str, Any]] = [{key: value} for value in (tag_values if count is None else range(count)) or ()]
    if len(made) > MOST:
        raise UsageError(f"create_children() makes at most {MOST} at a time, not {len(made):,}; call it again for more")
    return made
