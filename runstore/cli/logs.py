"""``runstore logs``: what a run printed."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runstore.cli import options, output, style
from runstore.cli.follow import GOING_ON, INTERVAL
from runstore.cli.text import safe

if TYPE_CHECKING:
    from runstore import Run, Workspace

_COLUMNS = ("attempt", "writer", "stream", "line", "time", "level", "logger", "text", "exception")
_QUERY = f"SELECT {', '.join(_COLUMNS)} FROM logs WHERE run_id = ? ORDER BY attempt, time, writer, stream, line"
_COLOURS = {"ERROR": "red", "CRITICAL": "red", "WARNING": "yellow"}
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
Line = dict[str, Any]


@options.command("logs", "runstore logs 3f2a -n 20", "runstore logs -f --level warning")
@click.argument("run", required=False, metavar="[RUN]")
@options.experiment
@options.follow
@click.option("-n", "--tail", type=click.IntRange(min=0), metavar="N", help="Only the last N lines there are by now.")
@click.option(
    "--level", type=click.Choice(LEVELS, case_sensitive=False), help="Only log records of this level and above."
)
@click.option("-t", "--timestamps", is_flag=True, help="Show when each line was written (UTC).")
@options.as_json
def logs(
    run: str | None, experiment: str | None, follow: bool, tail: int | None, level: str | None, timestamps: bool,
    workspace: Path | None, format_: str | None,
) -> None:  # fmt: skip
    """Show what a run printed. With -f, --json gives one object a line.

    RUN is any unique beginning of a run's id; without it, the newest run.
    """
    ws = options.opened(workspace)
    found = options.chosen(ws, () if run is None else (run,), experiment)[0]
    lines = _lines(ws, found, follow, tail, level)
    if format_ == "json" and not follow:
        output.print_json(list(lines))
        return
    printed = False
    for line in lines:
        printed = True
        if format_ == "json":
            output.print_json_line(line)
        else:
            style.echo(_shown(line, timestamps))
            sys.stdout.flush()
    if not printed:
        what = "logs" if level is None else f"records of level {level.lower()} or above"
        style.note(f"run {safe(found.id[:8])} has no {what}: this version does not keep what a script prints yet")


def _lines(ws: Workspace, run: Run, follow: bool, tail: int | None, level: str | None) -> Iterator[Line]:
    """The lines there are, then those that come, until the run has ended."""
    seen: dict[tuple[Any, ...], int] = {}
    while True:
        more = follow and _going_on(ws, run)  # asked before the lines: what is written before the end is shown
        fresh = [line for line in _all(ws, run) if line["line"] > seen.get(_source(line), -1)]
        for line in fresh:
            seen[_source(line)] = line["line"]
        fresh = [line for line in fresh if level is None or _at_least(line["level"], level)]
        yield from fresh if tail is None else fresh[max(len(fresh) - tail, 0) :]
        if not more:
            return
        tail = None
        time.sleep(INTERVAL)


def _all(ws: Workspace, run: Run) -> list[Line]:
    return [dict(zip(_COLUMNS, row, strict=True)) for row in ws.sql(_QUERY, params=[run.id]).fetchall()]


def _source(line: Line) -> tuple[Any, ...]:
    return line["attempt"], line["writer"], line["stream"]


def _going_on(ws: Workspace, run: Run) -> bool:
    rows = ws.sql("SELECT status FROM runs WHERE run_id = ?", params=[run.id]).fetchall()
    return bool(rows) and rows[0][0] in GOING_ON


def _at_least(level: str | None, wanted: str) -> bool:
    known = logging.getLevelNamesMapping()
    return level is not None and known.get(level.upper(), logging.NOTSET) >= known[wanted.upper()]


def _shown(line: Line, timestamps: bool) -> str:
    when: datetime | None = line["time"]
    start = style.dim(f"{when:%Y-%m-%d %H:%M:%S} ") if timestamps and when else ""
    text = style.paint(safe(line["text"] or ""), _COLOURS.get(line["level"] or ""))
    trace = [safe(part) for part in (line["exception"] or "").splitlines()]
    return "\n".join([start + text, *trace])
