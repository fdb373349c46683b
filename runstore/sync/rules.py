"""What may travel to a remote: kinds of data and runs, as a user names them, and the choice that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from runstore.errors import QueryError, UsageError
from runstore.sync.choice import Choice

KINDS = {
    "metrics": ("points", "rows"),
    "system_metrics": ("system", "logs"),
    "logs": ("log", "logs", "system"),
    "artifacts": ("pack", "blob"),
}
"""What can be left out, as kinds of ``piece.KINDS``. Params, tags, statuses and the rest of the facts always travel.

Tables are sealed with metrics and log records with system metrics, so who keeps one of them here keeps both.
"""

_ALWAYS = frozenset({"document"})
Sent = Callable[[Path], bool]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is meant, of kinds and of runs; everything by default. Where several say something, all of it holds.

    Attributes:
        include: only these of ``KINDS``; empty for all.
        exclude: not these.
        experiments: only runs of these.
        where: only runs for which this is true, as in ``Workspace.runs``.
        tags: only runs that have each of these: ``name``, or ``name=value``.
        runs: only these, by any unique beginning of an id.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    experiments: tuple[str, ...] = ()
    where: str = ""
    tags: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for kind in (*self.include, *self.exclude):
            if kind not in KINDS:
                raise UsageError(f"no kind of data is called {kind!r}; there are {', '.join(KINDS)}")

    @property
    def kinds(self) -> frozenset[str] | None:
        """The kinds of files that travel, as a choice has them; None for all."""
        if not self.include and not self.exclude:
            return None
        without = {kind for name in self.exclude for kind in KINDS[name]}
        return _ALWAYS.union(*(KINDS[name] for name in self.include or KINDS)) - without

    def dump(self) -> dict[str, Any]:
        """As plain JSON: only what says something."""
        told = ((one.name, getattr(self, one.name)) for one in fields(self))
        return {name: value if isinstance(value, str) else list(value) for name, value in told if value}

    def lines(self) -> Iterator[str]:
        """In words, each rule by itself."""
        if self.include:
            yield f"only {', '.join(self.include)}"
        if self.exclude:
            yield f"no {', '.join(self.exclude)}"
        if self.experiments:
            yield f"only of {', '.join(self.experiments)}"
        yield from (f"only tagged {tag}" for tag in self.tags)
        if self.where:
            yield f"only where {self.where}"


NONE = Rules()


def load(told: dict[str, Any]) -> Rules:
    """Out of plain JSON; what is not known there is left out, for it can't be kept.

    Raises:
        UsageError: a later version's rules, which this one would break.
    """
    known = {one.name for one in fields(Rules)}
    if not told.keys() <= known:
        raise UsageError(f"rules about {', '.join(sorted(told.keys() - known))} are not known; upgrade runstore")
    given: dict[str, Any] = {name: value if name == "where" else tuple(value) for name, value in told.items()}
    return Rules(**given)


def chosen(workspace: Path, rules: Iterable[Rules], sent: Sent | None = None) -> Choice:
    """What all of these rules leave, of the runs that there are now.

    Args:
        workspace: the workspace's directory.
        rules: a remote's, and what is asked for besides.
        sent: tells whether a run (by its directory) was sent before: where it was deleted since, that travels whatever
            a filter says, for filters see no deleted runs.

    Raises:
        QueryError: a filter is no boolean, or a name in it means nothing.
        RunNotFound: no run, or more than one, answers to a beginning of an id.
    """
    every = list(rules)
    experiments = _common(frozenset(one.experiments) for one in every if one.experiments)
    kinds = _common(one.kinds for one in every if one.kinds is not None)
    runs = [_named(workspace, one.runs) for one in every if one.runs]
    filters = [condition for one in every for condition in _conditions(one)]
    if filters:
        runs.append(_fitting(workspace, filters) | (_deleted(workspace, sent) if sent is not None else set()))
    return Choice(_common(map(frozenset, runs)), experiments, kinds)


def _common(sets: Iterable[frozenset[str]]) -> frozenset[str] | None:
    """What is in all of them; None without any."""
    found = list(sets)
    return frozenset.intersection(*found) if found else None


def _conditions(rules: Rules) -> Iterator[str]:
    for tag in rules.tags:
        name, equals, value = tag.partition("=")
        yield f"tags[{_literal(name)}] = {_literal(value)}" if equals else f"tags[{_literal(name)}] IS NOT NULL"
    if rules.where.strip():
        yield rules.where


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _named(workspace: Path, beginnings: Iterable[str]) -> set[str]:
    from runstore.query.workspace import Workspace

    asked = Workspace(workspace, create=False)
    return {asked.get_run(text).id for text in beginnings}


def _fitting(workspace: Path, filters: Iterable[str]) -> set[str]:
    from runstore.query import history

    where = " AND ".join(f"({one}\n)" for one in filters)
    return {str(run_id) for (run_id,) in history.runs(workspace, where=where, columns=["run_id"]).fetchall()}


def _deleted(workspace: Path, sent: Sent) -> set[str]:
    from runstore.query import listing

    return {run.run_id for run in listing.every(workspace) if run.deleted is not None and sent(run.path)}


def trouble(workspace: Path, rules: Rules) -> str:
    """Why the filters of rules can't be answered now; empty where they can."""
    try:
        chosen(workspace, [rules])
    except QueryError as problem:
        return str(problem)
    return ""
