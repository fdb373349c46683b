"""A report for somebody who looks at the page and takes it along."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from runstore.view.feed.chosen import filtering
from runstore.view.feed.content import Content
from runstore.view.report import chosen, written

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

MOST = 100
"""Runs where none are named: what is listed may be all there is."""


def report(
    ws: Workspace,
    target: Path,
    runs: Sequence[str] | None = None,
    where: str | None = None,
    experiment: str | None = None,
    sort: str | Sequence[str] | None = None,
) -> Content:
    """Write a report to the path ``target``, which its caller removes.

    Args:
        ws: the workspace.
        target: the file.
        runs: ids; None: the first of those that the filters leave.
        where: a filter, as in ``Workspace.runs``.
        experiment: only runs of it.
        sort: an order, as in ``Workspace.runs``.

    Raises:
        RunNotFound, QueryError: no run is meant, or a name means nothing.
        StoreError: the page is not built.
    """
    ids, more = chosen.chosen(ws, runs, filtering(where), experiment, sort, chosen.MOST if runs else MOST)
    done = written.write(ws, target, ids, left_off=more)
    copied = functools.partial(shutil.copyfile, target)
    return Content("report.html", "text/html", done.bytes, None, target.read_bytes, copied)
