"""Which runs are kept, by rules, and which are deleted: the best, the newest, those that are marked or registered.

A run stays if any rule keeps it. Runs that belong together as parents and children stay or go together.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from runstore.errors import UsageError
from runstore.query import deleting, leaderboard, listing, usage
from runstore.runs import models
from runstore.runs.labels import when
from runstore.runs.state import TERMINAL, RunState

if TYPE_CHECKING:
    from runstore.query.keeping import Keeping

BEST, RECENT, TAG, MODEL, UNFINISHED, TREE, OUTSIDE = "best", "recent", "tag", "model", "not ended", "tree", "outside"
"""The rules, as in ``Reason``. ``tree``: another run of the same tree stays; ``outside``: it was not asked about."""


class Reason(NamedTuple):
    """Why a run stays: the rule, and what of it applies."""

    rule: str
    detail: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A run that stays, with every reason for it."""

    run_id: str
    experiment: str
    why: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Going:
    """A run that is deleted, or would be. ``bytes``: what is its own; ``started`` is UTC."""

    run_id: str
    experiment: str
    status: str
    started: datetime | None
    bytes: int


@dataclass(slots=True)
class Retention:
    """What the rules come to. ``done``: the runs in ``going`` are deleted now."""

    done: bool
    going: list[Going] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        """How many bytes fewer there are when ``gc`` has removed what goes."""
        return sum(one.bytes for one in self.going)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules; the words are those of ``Workspace.retain``."""

    metric: str | None = None
    mode: str = "min"
    of: str = "last"
    keep_best: int | None = None
    keep_last_days: float | None = None
    keep_tags: tuple[str, ...] = ()
    per: str | None = "experiment"
    experiment: str | None = None
    where: str | None = None

    def __post_init__(self) -> None:
        leaderboard.chosen(self.mode, leaderboard.MODES, "mode")
        leaderboard.chosen(self.of, leaderboard.OF, "of")
        if self.keep_best is None and self.keep_last_days is None:
            raise UsageError("give keep_best or keep_last_days: nothing else says which runs stay")
        if (self.keep_best is None) != (self.metric is None):
            raise UsageError("keep_best and metric go together: the best by what, and how many of them")
        if self.keep_best is not None and self.keep_best < 1:
            raise UsageError(f"keep_best {self.keep_best!r}; it is at least 1")
        if self.keep_last_days is not None and not self.keep_last_days >= 0:
            raise UsageError(f"keep_last_days {self.keep_last_days!r}; it is not below 0")


def retain(ws: Keeping, rules: Rules, dry_run: bool) -> Retention:
    """See ``Workspace.retain``."""
    runs = {run.run_id: run for run in listing.runs(ws.path)}
    meant = _meant(ws, runs, rules)
    why: dict[str, list[Reason]] = defaultdict(list)
    for run_id, reason in _reasons(ws, runs, meant, rules):
        why[run_id].append(reason)
    _whole_trees(runs, why)
    own = {one.run_id: one.bytes - one.shared for one in usage.usage(ws.path).runs}
    going = [_going(run, own.get(run.run_id, 0)) for run in runs.values() if run.run_id not in why]
    if not dry_run and going:
        deleting.delete_whole(ws, [one.run_id for one in going])
    return Retention(
        not dry_run,
        sorted(going, key=lambda one: (one.experiment, runs[one.run_id].started or 0, one.run_id)),
        [Kept(run_id, runs[run_id].experiment, tuple(why[run_id])) for run_id in sorted(why) if run_id in meant],
    )


def _going(run: RunState, size: int) -> Going:
    started = when(run.started).replace(tzinfo=None) if run.started else None
    return Going(run.run_id, run.experiment, run.status, started, size)


def _meant(ws: Keeping, runs: Mapping[str, RunState], rules: Rules) -> set[str]:
    """The runs that the rules are about; all others stay."""
    if rules.where is None:
        return {run.run_id for run in runs.values() if rules.experiment in (None, run.experiment)}
    found = ws.runs(rules.where, columns=["run_id"], experiment=rules.experiment).fetchall()
    return {run_id for (run_id,) in found} & runs.keys()


def _reasons(ws: Keeping, runs: Mapping[str, RunState], meant: set[str], rules: Rules) -> Iterable[tuple[str, Reason]]:
    yield from ((run_id, Reason(OUTSIDE, "not asked about")) for run_id in runs.keys() - meant)
    if rules.metric is not None:
        yield from _best(ws, rules, rules.metric)
    for state in models.every(ws.path):
        yield str(state.body["run"]), Reason(MODEL, f"{state.name} version {state.version}")
    since = time.time() - (rules.keep_last_days or 0) * 86_400
    for run_id in meant:
        run = runs[run_id]
        if run.status not in TERMINAL:
            yield run_id, Reason(UNFINISHED, run.status)
        if rules.keep_last_days is not None and max(run.started or 0, run.ended or run.newest) / 1e9 >= since:
            yield run_id, Reason(RECENT, f"in the last {rules.keep_last_days:g} days")
        yield from ((run_id, Reason(TAG, tag)) for tag in rules.keep_tags if tag in run.tags)


def _best(ws: Keeping, rules: Rules, metric: str) -> Iterable[tuple[str, Reason]]:
    """The best of each group; of one in which no run has a number, all: nobody can tell which are worse."""
    columns = [rules.per] if rules.per is not None else []
    board = ws.leaderboard(
        metric, rules.mode, of=rules.of, experiment=rules.experiment, where=rules.where, columns=columns
    ).fetchall()
    groups: dict[object, list[Sequence[object]]] = defaultdict(list)
    for row in board:
        groups[row[-1] if columns else None].append(row)
    for rows in groups.values():
        ranked = [str(row[1]) for row in rows if row[0] is not None]
        yield from ((str(row[1]), Reason(BEST, f"none has {metric}")) for row in rows if not ranked)
        for place, run_id in enumerate(ranked[: rules.keep_best], 1):
            yield run_id, Reason(BEST, f"{metric}, number {place}")


def _whole_trees(runs: Mapping[str, RunState], why: dict[str, list[Reason]]) -> None:
    """Let every run stay that is above, below or beside one that stays, of one tree."""
    trees: dict[str, list[str]] = defaultdict(list)
    for run_id in runs:
        trees[_root(runs, run_id)].append(run_id)
    for members in trees.values():
        stays = next((run_id for run_id in members if why.get(run_id)), None)
        for run_id in members if stays is not None else ():
            if not why.get(run_id):
                why[run_id].append(Reason(TREE, f"with {stays}"))


def _root(runs: Mapping[str, RunState], run_id: str) -> str:
    """The run at the top of a run's tree, as far as it is there."""
    seen = {run_id}
    while (above := runs[run_id].parent_id) is not None and above in runs and above not in seen:
        run_id = above
        seen.add(run_id)
    return run_id
