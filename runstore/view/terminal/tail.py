"""The last lines that a run printed: read from the end of its log, however long that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runstore.errors import Damaged
from runstore.query import consoles
from runstore.view.terminal.text import printed

if TYPE_CHECKING:
    from runstore.query.consoles import Raw
    from runstore.query.workspace import Workspace

PRINTED = "user_logs/"
ENOUGH = 64 << 10  # bytes
MODEST = 4 << 20  # bytes of a log that may be read whole
_RECORDS = """
SELECT level, text FROM logs WHERE run_id = ? AND stream = 'python' ORDER BY attempt DESC, time DESC, line DESC LIMIT ?
"""


def read(ws: Workspace, run_id: str, most: int) -> tuple[str, ...]:
    """The last lines of the newest attempt; of a run that printed nothing, its log records, or how it was prepared."""
    raws = list(consoles.raws(ws.get_run(run_id)._folded()))
    for begin in (PRINTED, ""):
        lines = [line for raw in _newest(raws, begin) for line in _lines(raw)]
        if lines:
            return tuple(lines[-most:])
        if begin:
            told = ws.sql(_RECORDS, params=[run_id, most]).fetchall()[::-1]
            if told:
                return tuple(printed(f"{level or ''} {text}".strip()) for level, text in told)
    return ()


def _newest(raws: list[Raw], begin: str) -> Iterator[Raw]:
    """The logs of the newest attempt that has such, the first process alone."""
    fitting = [raw for raw in raws if raw.stream.startswith(begin)]
    newest = max((raw.attempt for raw in fitting), default=0)
    yield from [raw for raw in fitting if raw.attempt == newest][:1]


def _lines(raw: Raw) -> list[str]:
    data, whole = _end(raw)
    lines = consoles.text(data).split("\n")
    lines = lines if whole else lines[1:]
    if lines and not lines[-1]:
        lines.pop()
    return [printed(line.rstrip("\r").rpartition("\r")[2]) for line in lines]


def _end(raw: Raw) -> tuple[bytes, bool]:
    """The last bytes, and whether these are all."""
    try:
        with open(raw.path, "rb") as file:
            size = file.seek(0, 2)
            if size > MODEST or not raw.spools:  # a spool has the rest of what was printed, after the log's own end
                file.seek(max(size - ENOUGH, 0))
                return file.read(ENOUGH), size <= ENOUGH
    except OSError:
        pass  # it lies in a block, or nothing was printed yet
    try:
        every = raw.data()
    except (Damaged, OSError):
        return b"", True
    return every[-ENOUGH:], len(every) <= ENOUGH
