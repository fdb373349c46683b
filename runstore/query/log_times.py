"""When the bytes of a log were written, as far as its writer said so."""

from __future__ import annotations

from runstore.format import schemas
from runstore.query import connect, consoles, log_parts
from runstore.query.consoles import LogText
from runstore.query.points import Points
from runstore.runs.state import RunState


def marks(run: RunState, log: LogText) -> list[tuple[int, int]]:
    """How many bytes a log had when, in microseconds since 1970; ascending, and at the end all that it has by now."""
    raw = log.raw
    source = Points(connection := connect.connect(), [run]).sql(schemas.LOGS)
    asked = (
        f"SELECT mark, epoch_us(time) FROM ({source}) "
        "WHERE mark IS NOT NULL AND name = ? AND rtrim(writer, 's') = ? ORDER BY mark"
    )
    found = connection.execute(asked, [raw.told["stream"], raw.writer]).fetchall()
    told = sorted({*found, *((size, time) for size, time in raw.told["left"])})
    size = log_parts.size(log)
    return told if told and told[-1][0] >= size else [*told, (size, consoles.written(raw))]
