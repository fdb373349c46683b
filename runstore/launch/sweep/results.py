"""What came out of a sweep: its children by their best value of the primary metric."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore.errors import UsageError
from runstore.launch.sweep.children import parameters, standings
from runstore.launch.sweep.config import MAXIMIZE, PRIMARY, RESUMED
from runstore.query import children, listing
from runstore.runs.state import CANCELED, FAILED, RunState

if TYPE_CHECKING:
    from runstore.query.run import Run


@dataclass(frozen=True, slots=True)
class Result:
    """One child: what it was given, and the best that it logged; None where it logged no number."""

    run_id: str
    hyperparameters: dict[str, Any]
    best_primary_metric: float | None
    status: str


def found(run: Run, earlier: bool = False) -> list[Result]:
    """The children of a sweep in the order of their numbers.

    Args:
        run: the sweep.
        earlier: also those of the sweeps that it was resumed from.

    Raises:
        UsageError: the run is no sweep.
    """
    workspace = run.experiment.workspace.path
    name, maximize = primary(run)
    sweeps = [run.id, *(_property(run, RESUMED) or () if earlier else ())]
    below = [child for sweep in sweeps for child in _below(workspace, sweep)]
    best = _best(workspace, [child.run_id for child in below], name, maximize)
    return [Result(child.run_id, parameters(child) or {}, best.get(child.run_id), child.status) for child in below]


def ranked(run: Run, earlier: bool = False) -> list[Result]:
    """The children of a sweep, the best first; those without the metric come last."""
    _, maximize = primary(run)
    return sorted(found(run, earlier), key=lambda one: _place(one.best_primary_metric, maximize))


def best(run: Run, failed: bool = True, canceled: bool = True, earlier: bool = True) -> Result | None:
    """The best child of a sweep, None where none logged the metric.

    Args:
        run: the sweep.
        failed: also where it has failed.
        canceled: also where it was canceled, by a policy or a person.
        earlier: also of the sweeps that this one was resumed from.
    """
    without = [status for status, wanted in ((FAILED, failed), (CANCELED, canceled)) if not wanted]
    for one in ranked(run, earlier):
        if one.best_primary_metric is not None and one.status not in without:
            return one
    return None


def primary(run: Run) -> tuple[str, bool]:
    """The primary metric's name, and whether more is better.

    Raises:
        UsageError: the run is no sweep.
    """
    told = _property(run, PRIMARY)
    if not isinstance(told, dict):
        raise UsageError(f"run {run.id} is no sweep; submit a Sweep, and ask the run that it gives")
    return told["name"], str(told["goal"]).lower() == MAXIMIZE


def _property(run: Run, name: str) -> Any:
    told = run._folded().properties.get(name)
    try:
        return json.loads(str(listing.value(told[0]))) if told else None
    except ValueError:
        return None


def _below(workspace: Path, sweep: str) -> list[RunState]:
    below = [run for run in children.below(workspace, sweep, recursive=False) if parameters(run) is not None]
    return sorted(below, key=lambda run: (len(run.run_id), run.run_id))


def _best(workspace: Path, run_ids: list[str], name: str, maximize: bool) -> dict[str, float]:
    found = standings(workspace, run_ids, name, maximize)
    return {run_id: value for run_id, one in found.items() for value in one.values() if not math.isnan(value)}


def _place(value: float | None, maximize: bool) -> float:
    return math.inf if value is None else -value if maximize else value
