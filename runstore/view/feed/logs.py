"""The logs of a run, and parts of one: from an offset on, in whole lines as far as there are any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runstore.errors import StoreError
from runstore.query import consoles, log_parts, log_times, logtexts
from runstore.query.consoles import LogText
from runstore.view.feed import chosen
from runstore.view.feed.files import inside

if TYPE_CHECKING:
    from runstore.query.files import File
    from runstore.query.workspace import Workspace
    from runstore.runs.state import RunState

MOST = 4 << 20
"""Bytes told at once."""


def logs(ws: Workspace, run_id: str) -> dict[str, Any]:
    """The logs of a run by name; ``ended``: nothing more will come."""
    run = chosen.one(ws, run_id)
    found = logtexts.of(ws.path, run)
    told = [{"name": name, "size": log_parts.size(one)} for name, one in found.items()]
    return {"logs": told, "ended": run.settled}


def log(ws: Workspace, run_id: str, name: str, offset: int = 0, limit: int = 1 << 18) -> dict[str, Any]:
    """Part of a log as text.

    Args:
        ws: the workspace.
        run_id: the run.
        name: the log's.
        offset: where it begins, in bytes; negative: so many before the end, from the next line on.
        limit: at most so many bytes.

    Returns:
        ``text``; ``offset``, where it begins, and ``next``, where to go on; ``size`` of the log by now; ``ended``:
        nothing more will come; ``times``: for ever more lines of the text the time, in microseconds since 1970, at
        which they were there.

    Raises:
        StoreError: there is no such log, or it can't be read.
    """
    run = chosen.one(ws, run_id)
    found = _found(ws, run, name)
    size, limit = log_parts.size(found), max(1, min(limit, MOST))
    begin = offset if offset >= 0 else max(0, size + offset)
    data = log_parts.part(found, begin, limit)
    if offset < 0 and begin > 0:
        skipped = data.find(b"\n") + 1  # the first line is cut
        begin, data = begin + skipped, data[skipped:]
    if begin + len(data) < size or not run.settled:
        data = data[: _whole(data)]
    told = {"offset": begin, "next": begin + len(data), "size": size, "ended": run.settled}
    return {"text": consoles.text(data), "times": _times(run, found, begin, data), **told}


def _times(run: RunState, found: File, begin: int, data: bytes) -> list[list[int]]:
    if not data or not isinstance(found, LogText):
        return []
    told: list[list[int]] = []
    at = lines = 0
    for size, time in log_times.marks(run, found):
        upto = min(size - begin, len(data))
        if upto > at:
            lines += data.count(b"\n", at, upto)
            at = upto
            told.append([lines + (at == len(data) and not data.endswith(b"\n")), time])
        if at == len(data):
            break
    return [one for at, one in enumerate(told) if one[0] > (told[at - 1][0] if at else 0)]


def _found(ws: Workspace, run: RunState, name: str) -> File:
    there = logtexts.of(ws.path, run)
    found = there.get(name) or there.get(consoles.aliases(run.definition).get(name, ""))
    if found is None:
        raise StoreError(f"run {run.run_id} has no log {name!r}")
    inside(ws.path, found)
    return found


def _whole(data: bytes) -> int:
    """How much of it is whole lines; of one that is longer, as much as is whole characters."""
    lines = data.rfind(b"\n") + 1
    if lines:
        return lines
    end = len(data)
    for back in range(1, min(4, end) + 1):
        byte = data[end - back]
        if byte & 0xC0 != 0x80:  # the first byte of a character
            many = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return end if many <= back else end - back
    return end
