"""Workspaces whose ended runs lie in blocks that have indexes, however few they are: what tests of indexes stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from runstore.query import catalog, listing, sealing
from runstore.runs.state import RunState
from tests.query import blocked


def settle(workspace: Path, which: Callable[[RunState], bool] = lambda run: True, leave: bool = True) -> list[str]:
    """Seal the ended runs for which this is true and lay them into one block; ``leave``: directories go. Their ids."""
    ended = [run for run in listing.runs(workspace) if run.settled and not run.inventory.held and which(run)]
    for run in ended:
        sealing.seal(workspace, run.path)
    fit = [run for run in listing.runs(workspace) if run.run_id in {one.run_id for one in ended} and _fits(run)]
    if fit:
        blocked.put(workspace, [run.path for run in fit], leave)
    return [run.run_id for run in fit]


def _fits(run: RunState) -> bool:
    return not run.inventory.points and not run.inventory.sides and len(run.inventory.active) < 2


@contextmanager
def small_indexes() -> Iterator[None]:
    """Blocks of a single run have an index."""
    with mock.patch.object(catalog, "LEAST", 1):
        yield
