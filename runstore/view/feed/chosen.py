"""Runs as they are asked for: by their ids, or any unique beginnings of these."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from runstore.errors import RunNotFound, UsageError
from runstore.query import listing
from runstore.runs.state import RunState

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace


def one(workspace: Workspace, run_id: str) -> RunState:
    """A run, folded; also one that is deleted, by its whole id.

    Raises:
        RunNotFound: no run, or more than one, answers to it.
    """
    found = listing.some(workspace.path, [run_id], deleted=True) if run_id else []
    if found:
        return found[0]
    whole = workspace.get_run(run_id).id
    again = listing.some(workspace.path, [whole])
    if not again:
        raise RunNotFound(f"run {whole} is gone")
    return again[0]


def ids(workspace: Workspace, run_ids: Iterable[str]) -> list[str]:
    """Whole ids, each once, in the order given.

    Raises:
        RunNotFound: as ``one``.
    """
    given = list(dict.fromkeys(run_ids))
    there = {run.run_id for run in listing.some(workspace.path, [run_id for run_id in given if run_id])}
    whole = (run_id if run_id in there else workspace.get_run(run_id).id for run_id in given)
    return list(dict.fromkeys(whole))


def page(limit: int, offset: int, most: int) -> tuple[int, int]:
    """A page's limit and offset, checked.

    Raises:
        UsageError: one of them is negative.
    """
    if limit < 0 or offset < 0:
        raise UsageError(f"limit and offset are at least 0, not {limit} and {offset}")
    return min(limit, most), offset


def filtering(where: str | None) -> str | None:
    """A filter; None where there is none."""
    return where if where and where.strip() else None
