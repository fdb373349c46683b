"""Which runs a report is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from runstore.errors import RunNotFound, UsageError

if TYPE_CHECKING:
    from runstore.query.run import Run
    from runstore.query.workspace import Workspace

MOST = 500
"""Runs in one report; for more there is ``runstore export`` and ``runstore ui``."""


def chosen(
    ws: Workspace,
    runs: Run | str | Iterable[Run | str] | None = None,
    where: str | None = None,
    experiment: str | None = None,
    sort: str | Sequence[str] | None = None,
    limit: int = MOST,
) -> tuple[list[str], int]:
    """The whole ids of the runs that are meant, in order, and how many more are meant than are taken.

    Args:
        ws: the workspace.
        runs: runs, or unique beginnings of ids; None: all that the filters leave. In the order given unless sorted.
        where: a filter, as in ``Workspace.runs``.
        experiment: only runs of it.
        sort: an order, as in ``Workspace.runs``; None: as given, else the newest first.
        limit: how many are taken.

    Raises:
        RunNotFound: no run, or more than one, answers to an id; or none is left.
        QueryError: the filter or the order means nothing.
        UsageError: the limit is none.
    """
    if not 1 <= limit <= MOST:
        raise UsageError(f"limit: from 1 to {MOST} runs, not {limit}; the page (`runstore ui`) shows any number")
    left = [str(row[0]) for row in ws.runs(where, sort, ["run_id"], experiment=experiment).fetchall()]
    if runs is not None:
        given = [runs] if isinstance(runs, str) or not isinstance(runs, Iterable) else runs
        named = [(ws.get_run(run) if isinstance(run, str) else run).id for run in given]
        there = {*left}
        left = [one for one in left if one in {*named}] if sort else [one for one in named if one in there]
        left = list(dict.fromkeys(left))
    if not left:
        raise RunNotFound(f"{ws.path}: no run is meant by that, so there is no report; `runstore runs` lists them")
    return left[:limit], max(0, len(left) - limit)
