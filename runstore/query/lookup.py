"""Runs looked up among all there are, and folded only when they are meant."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Iterator
from operator import itemgetter

from runstore.format import names
from runstore.query.catalog import Catalog
from runstore.query.connect import quoted
from runstore.runs import state, tombstones
from runstore.runs.state import RunState

Key = tuple[int, str]  # start, id


def named(every: Catalog, beginning: str) -> list[str]:
    """The ids of the runs whose id begins so."""
    found = [run.run_id for run in every.loose if run.run_id.startswith(beginning)]
    return found + told(every, f"starts_with(run_id, {quoted(beginning)})")


def unclear(every: Catalog, text: str, found: Collection[str]) -> str:
    """What to say where not exactly one run answers to a text; ``found``: the ids of those that do."""
    if found:
        shown = ", ".join(sorted(found)[:3]) + (" ..." if len(found) > 3 else "")
        return f"{len(found)} runs begin with {text!r} ({shown}); give more of the id"
    gone = [run.run_id for run in every.gone if text and run.run_id.startswith(text)]
    if gone:
        return f"run {gone[0]} is deleted; `runstore restore {gone[0]}` brings it back"
    if tombstones.there(every.workspace / names.run_dir(text)):
        return f"run {text} was deleted and removed"
    return f"{every.workspace}: no run's id is or begins with {text!r}; `runstore runs` lists them"


def told(every: Catalog, where: str) -> list[str]:
    """The ids of the runs of which an index says that a condition is true."""
    return [] if every.indexed is None else [run_id for (run_id,) in every.indexed.ask("run_id", where)]


def folded(every: Catalog, run_ids: Collection[str]) -> Iterator[RunState]:
    """The runs of these ids, one after another; nothing is remembered of those that an index tells of."""
    loose = {run.run_id: run for run in every.loose}
    for run_id in run_ids:
        yield loose.get(run_id) or _fold(every, run_id)


def _fold(every: Catalog, run_id: str) -> RunState:
    return state.fold(every.workspace / names.run_dir(run_id))


def below(every: Catalog, run_ids: Iterable[str], recursive: bool = True) -> set[str]:
    """The runs below some, at any depth where ``recursive``, without these themselves."""
    above = {*run_ids}
    found, level = set(above), set(above)
    while level:
        level = _children(every, level) - found
        found |= level
        if not recursive:
            break
    return found - above


def _children(every: Catalog, above: Collection[str]) -> set[str]:
    own = {run.run_id for run in every.loose if run.parent_id in above}
    return own.union(told(every, f"parent_id IN ({', '.join(map(quoted, sorted(above)))})"))


def newest_first(every: Catalog, takes: Callable[[RunState], bool], where: str = "true") -> Iterator[RunState]:
    """Runs by their start, the newest first, each folded when its turn comes.

    Args:
        every: among which.
        takes: which are meant.
        where: what is true of those that are meant, in the words of an index.
    """
    loose: list[tuple[Key, RunState | None]] = [((run.started or 0, run.run_id), run) for run in every.loose]
    loose.sort(key=itemgetter(0), reverse=True)
    columns, order = "coalesce(started_ns, 0) AS began, run_id", "ORDER BY began DESC, run_id DESC"
    rows = [] if every.indexed is None else every.indexed.ask(columns, where, order)
    settled: Iterator[tuple[Key, RunState | None]] = (((started, run_id), None) for started, run_id in rows)
    for (_, run_id), run in heapq.merge(loose, settled, key=itemgetter(0), reverse=True):
        one = run or _fold(every, run_id)
        if takes(one):
            yield one


def number(every: Catalog, run: RunState) -> int:
    """A run's number in its experiment, from 1, by start; 0 where it is deleted."""
    if run.deleted is not None:
        return 0
    own = (one for one in every.loose if one.experiment == run.experiment)
    before = sum((one.started or 0, one.run_id) <= (run.started or 0, run.run_id) for one in own)
    if every.indexed is None:
        return before
    earlier = f"(coalesce(started_ns, 0), run_id) <= ({run.started or 0}, {quoted(run.run_id)})"
    ((more,),) = every.indexed.ask("count(*)", f"experiment = {quoted(run.experiment)} AND {earlier}")
    return before + int(more)
