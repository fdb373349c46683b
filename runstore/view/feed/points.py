"""Every point of a chart as one Parquet file, to be taken elsewhere."""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from runstore.errors import UsageError
from runstore.query import connect, history
from runstore.query.connect import quoted
from runstore.view.feed import chosen
from runstore.view.feed.content import Content

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

PARQUET = "application/vnd.apache.parquet"
_COLUMNS = "run_id, experiment, name, attempt, writer, seq, step, time, value"


def points(
    ws: Workspace,
    metric: str,
    target: Path,
    runs: Sequence[str] | None = None,
    experiment: str | None = None,
    where: str | None = None,
    system: bool = False,
) -> Content:
    """Every point that counts of one metric, none of them averaged.

    Args:
        ws: the workspace.
        metric: its name.
        target: where the file is made.
        runs: ids; None: all that ``experiment`` and ``where`` leave.
        experiment: only runs of this experiment.
        where: only runs for which this is true, as in ``Workspace.runs``.
        system: the metric is a figure of the machine.

    Returns:
        The file: run_id, experiment, name, attempt, writer, seq, step, time and value, ordered by run and step.

    Raises:
        UsageError: no run is meant.
        RunNotFound: no run, or more than one, answers to an id.
        QueryError: the filter is no boolean, or a name in it means nothing.
    """
    ids = chosen.ids(ws, runs) if runs is not None else _left(ws, experiment, where)
    if not ids:
        raise UsageError("no run is meant: choose some, or another filter")
    view = "system_metrics" if system else "curve_points"
    whose = f"name = {quoted(metric)} AND run_id IN ({', '.join(map(quoted, ids))})"
    query = f"SELECT {_COLUMNS} FROM {view} WHERE {whose} ORDER BY run_id, step, time, seq"
    connection = connect.connect()
    with connect.refusals(), warnings.catch_warnings():
        history.bind(connection, ws.path, query)
        connection.execute(f"COPY ({query}) TO {quoted(str(target))} (FORMAT parquet, COMPRESSION zstd)")
    connection.close()
    name = re.sub(r"[^\w.-]+", "_", metric)[:80] or "points"
    copied = functools.partial(_copied, target)
    return Content(f"{name}.parquet", PARQUET, target.stat().st_size, None, target.read_bytes, copied)


def _left(ws: Workspace, experiment: str | None, where: str | None) -> list[str]:
    found = ws.runs(chosen.filtering(where), columns=["run_id"], experiment=experiment)
    return [run_id for (run_id,) in found.fetchall()]


def _copied(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes())
