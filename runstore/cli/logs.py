"""``runstore logs``: what a run printed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runstore.cli import options, output, style
from runstore.cli.follow import GOING_ON, INTERVAL
from runstore.cli.text import safe

if TYPE_CHECKING:
    from runstore import Run, Workspace

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
COLUMNS = ("time", "stream", "level", "logger", "text", "exception", "writer", "attempt", "line")
_COLOURS = {"WARNING": "yellow", "ERROR": "red", "CRITICAL": "red"}


@options.command("logs", "runstore logs 1a2b3c", "runstore logs 1a2b3c -f --level warning")
@click.argument("run", required=False, metavar="[RUN]")
@options.follow
@click.option(
    "--level", type=click.Choice(LEVELS, case_sensitive=False), help="Only log records of this level and above."
)
@options.as_json
def command(run: str | None, follow: bool, level: str | None, format_: str | None, workspace: Path | None) -> None:
    """Show what RUN printed, in the order of time; of the newest run where none is named.

    With -f it goes on until the run ends; --json then gives one object a line.
    """
    ws = options.opened(workspace)
    (chosen,) = options.chosen(ws, (run,) if run else ())
    lines = _lines(ws, chosen, follow)
    wanted = (line for line in lines if level is None or _at_least(line["level"], level))
    if format_ == "json" and not follow:
        output.print_json(list(wanted))
        return
    count = 0
    for line in wanted:
        count += 1
        if format_ == "json":
            output.print_json_line(line)
        else:
            _print(line)
    if not count and format_ is None:
        what = "no lines" if level is None else f"no records of level {level.lower()}"
        style.note(f"run {safe(chosen.id)} has {what}: this version does not capture what a script prints yet")


def _lines(ws: Workspace, run: Run, follow: bool) -> Iterator[dict[str, Any]]:
    """Every line once; with ``follow`` those to come, until the run has ended."""
    from runstore.runs import state

    query = f"SELECT {', '.join(COLUMNS)} FROM logs WHERE run_id = ? ORDER BY time, attempt, writer, line"
    seen: dict[tuple[str, ...], int] = {}
    while True:
        over = state.fold(run.path).status not in GOING_ON  # before reading: nothing comes after that
        for row in ws.sql(query, [run.id]).fetchall():
            line = dict(zip(COLUMNS, row, strict=True))
            source = (line["writer"], line["attempt"], line["stream"])
            if line["line"] > seen.get(source, -1):
                seen[source] = line["line"]
                yield line
        if over or not follow:
            return
        time.sleep(INTERVAL)


def _at_least(level: str | None, wanted: str) -> bool:
    known = logging.getLevelNamesMapping()
    return level is not None and known.get(level.upper(), logging.NOTSET) >= known[wanted.upper()]


def _print(line: dict[str, Any]) -> None:
    label = f"{line['level']:<8} " if line["level"] else ""
    colour = _COLOURS.get(line["level"] or "")
    when = style.dim(f"{line['time']:%H:%M:%S}")
    style.echo(f"{when} {style.paint(label, colour) if colour else label}{safe(line['text'])}")
    for more in (line["exception"] or "").splitlines():
        style.echo(f"         {safe(more)}")
