"""When the bytes of a log were written, as far as its writer said so."""

from __future__ import annotations

from runstore.format import schemas
from runstore.query import connect
from runstore.query.consoles import LogText
from runstore.query.points import Points
from runstore.runs.state import RunState


def marks(run: RunState, log: LogText) -> list[tuple[int, int]]:
    """For each time mark of a log, ascending: how many bytes there were, and when, in microseconds since 1970."""
    raw = log.raw
    connection = connect.connect()
    source = Points(connection, [run]).sql(schemas.LOGS)
    asked = (
        f"SELECT mark, epoch_us(time) FROM ({source}) "
        "WHERE mark IS NOT NULL AND name = ? AND rtrim(writer, 's') = ? ORDER BY mark"
    )
    found = connection.execute(asked, [raw.told["stream"], raw.writer]).fetchall()
    return sorted({*found, *((size, time) for size, time in raw.told["left"])})
