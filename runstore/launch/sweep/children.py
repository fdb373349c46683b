"""The children of a sweep as the store has them: looked at, started and stopped."""

from __future__ import annotations

import itertools
import json
import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore.format import names
from runstore.launch.sweep import policies, space
from runstore.launch.sweep.config import HYPERPARAMETERS, STOPPED, Sweep
from runstore.launch.sweep.controller import Seen
from runstore.launch.sweep.policies import Standing
from runstore.query import children, history, listing
from runstore.query.connect import quoted
from runstore.runs import attempts, edits
from runstore.runs.state import CANCELED, FAILED, LIVE, QUEUED, VANISHED, RunState

if TYPE_CHECKING:
    from runstore.launch.run import Run


class StoredChildren:
    """The runs below a sweep's run, named after it: ``<sweep>_<number>``."""

    def __init__(self, parent: Run, sweep: Sweep) -> None:
        """Those of a run that is open in this process."""
        self._parent, self._sweep = parent, sweep
        self._workspace, self._experiment = parent.experiment.workspace.path, parent.experiment.name

    def all(self) -> list[Seen]:
        """Every child there is or was about to be, in the order of numbers."""
        below = children.below(self._workspace, self._parent.id, recursive=False)
        named = [run.run_id.removeprefix(f"{self._parent.id}_") for run in below]
        first = max((int(number) for number in named if number.isdecimal()), default=-1) + 1
        there = itertools.takewhile(lambda number: attempts.there(self._path(number)), itertools.count(first))
        return self.look([*range(first), *there])  # of the last one perhaps nothing but its directory

    def look(self, numbers: Collection[int]) -> list[Seen]:
        """Some of them, as they are now; one of whose beginning nothing is to be read was never begun."""
        ids = [self._id(one) for one in numbers]
        found = {run.run_id: run for run in listing.some(self._workspace, ids, deleted=True)}
        return [self._seen(number, found.get(self._id(number))) for number in sorted(numbers)]

    def standings(self, numbers: Collection[int]) -> dict[int, Standing]:
        """How some of them stand by the primary metric: where a policy may look, and last; without one only last."""
        found = self._standings([self._id(number) for number in numbers])
        return {number: found.get(self._id(number), {}) for number in numbers}

    def _standings(self, run_ids: list[str]) -> dict[str, Standing]:
        each = self._sweep.policy not in (None, "none")
        return standings(self._workspace, run_ids, self._sweep.metric, self._sweep.maximize, each)

    def earlier(self) -> list[tuple[Seen, Standing]]:
        """The runs of earlier sweeps that this one is to learn from, and how they stand."""
        ids = dict.fromkeys(self._sweep.resume_runs)
        for sweep in self._sweep.resume_from:
            ids |= dict.fromkeys(run.run_id for run in children.below(self._workspace, sweep, recursive=False))
        if not ids:
            return []
        found = self._standings(list(ids))
        runs = [run for run in listing.some(self._workspace, list(ids)) if parameters(run) is not None]
        return [(seen(-1, run), found.get(run.run_id, {})) for run in runs if not _live(run)]

    def start(self, number: int, values: Mapping[str, Any]) -> None:
        """Start a child. Once more for the same number: what is missing is done."""
        from runstore.launch import submit

        told = json.dumps(dict(values))
        submit.start_child(
            self._parent,
            self._sweep.child(values),
            self._id(number),
            params=space.params(values),
            properties={HYPERPARAMETERS: told},
            tags={HYPERPARAMETERS: told},
        )

    def stop(self, number: int, why: str, early: bool = False) -> None:
        """Cancel a child; ``early``: a policy wants it. Whoever runs it sees to its processes."""
        run_id = self._id(number)
        if early:
            edits.record(self._workspace, run_id, self._experiment, [("tags", {STOPPED: why})])
        edits.end(self._workspace, run_id, self._experiment, {"status": CANCELED, "error": why}, None)

    def _path(self, number: int) -> Path:
        return Path(self._workspace, names.run_dir(self._id(number)))

    def _id(self, number: int) -> str:
        return f"{self._parent.id}_{number}"

    def _seen(self, number: int, run: RunState | None) -> Seen:
        if run is None:
            return Seen(number, self._id(number), QUEUED, None, begun=False, lost=False, alive=False, stopped=False)
        return seen(number, run)


def seen(number: int, run: RunState) -> Seen:
    """A run as a child of a sweep."""
    begun = any(part.opener for part in run.writers)
    lost = not begun and run.status == FAILED and run.error == VANISHED
    return Seen(number, run.run_id, run.status, parameters(run), begun, lost, _live(run), STOPPED in run.tags)


def _live(run: RunState) -> bool:
    """Whether its launcher is known to live, which ends last: it sees to all other processes."""
    return any(part.opener and not part.settled and part.state in LIVE for part in run.writers)


def parameters(run: RunState) -> dict[str, Any] | None:
    """The parameters that a sweep gave a run, None where none did."""
    told = run.properties.get(HYPERPARAMETERS)
    try:
        found = json.loads(str(listing.value(told[0]))) if told else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def standings(
    workspace: Path, run_ids: Collection[str], metric: str, maximize: bool, each: bool = False
) -> dict[str, Standing]:
    """How runs stand by a metric; those that have logged no number under this name are left out.

    Args:
        workspace: the workspace's directory.
        run_ids: which runs.
        metric: its name.
        maximize: whether more is better.
        each: at every interval where a policy may look, however many points there are a few thousand; else at the
            last one only, for which no sealed point is read.
    """
    best = "max" if maximize else "min"
    chosen = f"run_id IN ({', '.join(map(quoted, run_ids)) or 'NULL'}) AND name = {quoted(metric)}"
    query = f"SELECT run_id, count, {best} FROM metric_summary WHERE {chosen}"
    if each:
        query = (
            f"SELECT run_id, interval, best FROM (SELECT run_id, row_number() OVER so_far AS interval, "
            f"{best}(CASE WHEN isfinite(value) THEN value END) OVER so_far AS best, lead(seq) OVER so_far AS more "
            f"FROM curve_points WHERE {chosen} AND value IS NOT NULL WINDOW so_far AS (PARTITION BY run_id "
            "ORDER BY attempt, time, writer, seq ROWS UNBOUNDED PRECEDING)) "
            f"WHERE {policies.ROUND} OR more IS NULL ORDER BY run_id, interval"
        )
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for run_id, interval, value in history.ask(workspace, query, numbers=False).fetchall():
        found[run_id][interval] = math.nan if value is None else value
    return dict(found)
