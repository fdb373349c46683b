"""What was logged into runs, by name, as ``Run.get_metrics`` gives it."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from runstore.format import values
from runstore.query import children, history, listing, pieces, summaries
from runstore.query.connect import quoted
from runstore.runs import tables
from runstore.runs.state import RunState

Logged: TypeAlias = dict[str, Any]
URI = "runstore://{}/{}"  # the run's id, the artifact's name
_ORDER = "ORDER BY attempt, time, writer"


@dataclass(frozen=True, slots=True)
class Media:
    """A file that was logged under a name.

    ``data`` is its bytes, ``filename`` what it is called, ``data_location`` its URI.
    """

    data: bytes = field(repr=False)
    filename: str
    data_location: str


@dataclass(slots=True)
class _Kind:
    """What one name of one run holds of one kind. ``since``: microseconds since 1970."""

    since: int
    items: list[Any] = field(default_factory=list)
    table: bool = False

    @property
    def value(self) -> Any:
        """One thing as it is, several as a list; rows by their columns."""
        if self.table:
            return tables.by_column(self.items)
        return self.items if len(self.items) > 1 else self.items[0]


class _Found:
    """The kinds of thing by run, name and kind."""

    def __init__(self) -> None:
        self._kinds: dict[str, dict[str, dict[str, _Kind]]] = {}

    def add(self, run_id: str, name: str, kind: str, time: int, item: Any) -> None:
        kinds = self._kinds.setdefault(run_id, {}).setdefault(name, {})
        if kind not in kinds:
            kinds[kind] = _Kind(time, table=kind == "table")
        kinds[kind].items.append(item)

    def of(self, run_id: str) -> Logged:
        """Of every name, the kind that it held first."""
        return {
            name: min(kinds.values(), key=lambda kind: kind.since).value
            for name, kinds in self._kinds.get(run_id, {}).items()
        }


def of(workspace: Path, run_id: str, name: str | None = None, populate: bool = False, uri: str = URI) -> Logged:
    """The metrics of one run; see ``Run.get_metrics``. ``uri``: with a place for the run's id and the file's name."""
    return _of(workspace, [run_id], name, populate, uri).of(run_id)


def recursive(
    workspace: Path,
    run_id: str,
    name: str | None = None,
    run_type: str | None = None,
    populate: bool = False,
    uri: str = URI,
) -> dict[str, Logged]:
    """The metrics of a run and of all runs below it, by run id; runs without any are left out.

    Args:
        workspace: the workspace's directory.
        run_id: the run.
        name: only the metric of this name.
        run_type: of the runs below, only those of this type.
        populate: read the files.
        uri: as in ``of``.
    """
    below = children.below(workspace, run_id, recursive=True)
    ids = [run_id, *(run.run_id for run in below if run_type in (None, children.type_of(run)))]
    found = _of(workspace, ids, name, populate, uri)
    return {one: logged for one in ids if (logged := found.of(one))}


def owners(workspace: Path, run_id: str) -> dict[str, str]:
    """Of every artifact of a run that was logged under a metric's name, that name."""
    return {fact["name"]: fact["metric"] for run in listing.some(workspace, [run_id]) for fact in _media(run, None)}


def _of(workspace: Path, run_ids: Collection[str], name: str | None, populate: bool, uri: str) -> _Found:
    found = _Found()
    where = f"WHERE run_id IN ({', '.join(map(quoted, run_ids))})"
    where += f" AND name = {quoted(name)}" if name is not None else ""
    query = f"SELECT run_id, name, epoch_us(time), kind, value, text FROM curve_points {where} {_ORDER}, seq"
    for run_id, metric, time, *exact in history.ask(workspace, query, numbers=False).fetchall():
        found.add(run_id, metric, "point", time, summaries.exact(*exact))
    query = f"SELECT run_id, name, epoch_us(time), data::VARCHAR FROM rows {where} {_ORDER}, row"
    for run_id, metric, time, data in history.ask(workspace, query).fetchall():
        found.add(run_id, metric, "table", time, values.from_document(orjson.loads(data)))
    for run in listing.some(workspace, run_ids):
        for fact in _media(run, name):
            place = uri.format(run.run_id, fact["name"])
            item = _populated(workspace, run, fact, place) if populate else place
            found.add(run.run_id, fact["metric"], fact["kind"], fact["time"] // 1000, item)
    return found


def _media(run: RunState, name: str | None) -> Iterable[Mapping[str, Any]]:
    return [fact for fact in run.artifacts if "metric" in fact and name in (None, fact["metric"])]


def _populated(workspace: Path, run: RunState, fact: Mapping[str, Any], uri: str) -> Media:
    return Media(pieces.read(workspace, fact, run.path), posixpath.basename(fact["name"]), uri)
