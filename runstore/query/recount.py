"""What only the points and raw logs of a run can tell of an earlier time: how many there were, who still logged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from runstore.format import schemas
from runstore.query.connect import connect
from runstore.query.points import Points
from runstore.runs import state
from runstore.runs.state import RunState


def points(runs: Iterable[RunState], until: int) -> dict[str, int]:
    """How many sequence numbers had been used by then, for those runs whose files tell of more."""
    counted: dict[str, int] = {}
    unended: dict[tuple[str, str], RunState] = {}
    for run in runs:
        if run.partial:
            counted[run.run_id] = sum(part.points for part in run.writers if part.end is not None)
            unended |= {(run.run_id, part.writer): run for part in run.writers if part.end is None}
    connection = connect()
    found = Points(connection, {run.run_id: run for run in unended.values()}.values(), until=until)
    sources = " UNION ALL ".join(
        f"SELECT run_id, writer, seq FROM ({found.sql(kind)})" for kind in (schemas.POINTS, schemas.ROWS)
    )
    asked = f"SELECT run_id, writer, max(seq) + 1 FROM ({sources}) GROUP BY ALL"
    for run_id, writer, number in connection.execute(asked).fetchall() if unended else ():
        if (run_id, writer) in unended:
            counted[run_id] += number
    return counted


def last_logged(run: RunState, writer: str) -> int:
    """When a writer last logged a point, a row, a log record or a system metric, in nanoseconds; 0 for never."""
    newest = 0
    for kind in schemas.COLUMNS:
        connection = connect()
        source = Points(connection, [run]).sql(kind)
        asked = f"SELECT max(epoch_us(time)) FROM ({source}) WHERE rtrim(writer, 's') = ?"
        ((found,),) = connection.execute(asked, [writer]).fetchall()
        newest = max(newest, (found or 0) * 1000)
    return newest


def streams(run: RunState) -> RunState:
    """A run as it was, with all that its writers have told of their raw logs by now."""
    now = {part.writer: part.streams for part in state.fold(run.path).writers} if run.partial else {}
    return replace(run, writers=[replace(part, streams=now.get(part.writer, part.streams)) for part in run.writers])
