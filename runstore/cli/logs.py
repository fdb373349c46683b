"""``runstore logs``: what a run printed, and what it said in log records."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from runstore.cli import options, output, style
from runstore.cli.follow import GOING_ON
from runstore.cli.text import safe
from runstore.query import consoles
from runstore.query.growth import Growth, Line
from runstore.query.listing import short
from runstore.runs.warned import STREAM as RECORDS

if TYPE_CHECKING:
    from runstore import Run, Workspace

INTERVAL = 0.2  # seconds between two looks
PRINTED = "user_logs/"
BUILT = "azureml-logs/20_image_build_log.txt"  # how a submitted run's environment came to be
CONTROL = "azureml-logs/60_control_log.txt"  # what its launcher did
_SPARE = (RECORDS, BUILT)  # shown unasked only where nothing was printed
_RANK = re.compile(r"user_logs/std_log_process_(\d+)\.txt")
_COLUMNS = ("attempt", "writer", "stream", "line", "time", "level", "logger", "text", "exception")
_ORDER = ("attempt", "time", "writer", "stream", "line")
_COLOURS = {"ERROR": "red", "CRITICAL": "red", "WARNING": "yellow"}
_COLOUR = re.compile(r"(\x1b\[[\d;]*m)")  # and bold and the like: ECMA-48, "select graphic rendition"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Wanted(NamedTuple):
    """Which lines to show."""

    level: str | None
    stream: str | None
    tail: int | None


@options.command(
    "logs", "runstore logs 3f2a -n 20", "runstore logs -f --level warning", "runstore logs --stream python"
)
@click.argument("run", required=False, metavar="[RUN]")
@options.experiment
@options.follow
@click.option("-n", "--tail", type=click.IntRange(min=0), metavar="N", help="Only the last N lines there are by now.")
@click.option(
    "--level", type=click.Choice(LEVELS, case_sensitive=False), help="Only log records of this level and above."
)
@click.option(
    "--stream", metavar="NAME",
    help="Only this stream. Default: all, but log records, and how an environment was built, only where nothing was "
    "printed, and never what the launcher did.",
)  # fmt: skip
@click.option("-t", "--timestamps", is_flag=True, help="Show when each line was written (UTC).")
@options.as_json
def logs(
    run: str | None, experiment: str | None, follow: bool, tail: int | None, level: str | None, stream: str | None,
    timestamps: bool, workspace: Path | None, format_: str | None,
) -> None:  # fmt: skip
    """Show what a run printed. With -f, --json gives one object a line.

    Of a run of several processes, each line begins with the number of the one that printed it. RUN is any unique
    beginning of a run's id; without it, the newest run.
    """
    ws = options.opened(workspace)
    found = options.chosen(ws, () if run is None else (run,), experiment)[0]
    wanted = Wanted(level, stream, tail)
    if format_ == "json" and not follow:
        output.print_json(_asked(ws, found, wanted))
        return
    printed = False
    for lines in followed(ws, found, wanted) if follow else [_asked(ws, found, wanted)]:
        printed = printed or bool(lines)
        show(lines, format_, timestamps, ranks=stream is None)
    if not printed:
        style.note(f"run {safe(short(found.id))} has no {_what(wanted)}")


def show(lines: Iterable[Line], format_: str | None, timestamps: bool = False, ranks: bool = True) -> None:
    """Print lines, at once: as JSON one object each, else as they were printed."""
    if format_ == "json":
        for line in lines:
            output.print_json_line(line)
    elif shown := [_shown(line, timestamps, ranks) for line in lines]:
        style.echo("\n".join(shown))
        sys.stdout.flush()


def _what(wanted: Wanted) -> str:
    if wanted.level is not None:
        return f"records of level {wanted.level.lower()} or above"
    return "logs" if wanted.stream is None else f"stream {safe(wanted.stream)!r}; `runstore logs` shows all of them"


def _asked(ws: Workspace, run: Run, wanted: Wanted, first: int = 0) -> list[Line]:
    """The lines there are; of what was printed, from line ``first`` on."""
    where, params = ["run_id = ?"], [run.id]
    if first:
        where.append(f"(level IS NOT NULL OR line >= {first})")
    if wanted.stream is not None:
        where.append("stream = ?")
        params.append(wanted.stream)
    elif wanted.level is None and _has_printed(run):
        where.append(f"stream NOT IN {_SPARE}")
    if wanted.stream is None:
        where.append(f"stream <> '{CONTROL}'")
    if wanted.level is not None:
        shown = [level for level in LEVELS if _at_least(level, wanted.level)]
        where.append(f"upper(level) IN ({', '.join(repr(level) for level in shown)})")
    query = f"SELECT {', '.join(_COLUMNS)} FROM logs WHERE {' AND '.join(where)} ORDER BY "
    if wanted.tail is None:
        rows = ws.sql(query + ", ".join(_ORDER), params=params).fetchall()
    else:
        backwards = ", ".join(f"{column} DESC" for column in _ORDER)
        rows = ws.sql(f"{query}{backwards} LIMIT {wanted.tail}", params=params).fetchall()[::-1]
    return [dict(zip(_COLUMNS, row, strict=True)) for row in rows]


def _has_printed(run: Run) -> bool:
    """Whether anything was: then log records, most likely, as well."""
    raws = consoles.raws(run._folded())
    return any(raw.told["stream"].startswith(PRINTED) and raw.told["size"] != 0 for raw in raws)


def followed(
    ws: Workspace, run: Run, wanted: Wanted, look: Callable[[str], None] = lambda status: None
) -> Iterator[list[Line]]:
    """The lines there are, then those that come, until the run has ended.

    Args:
        ws: its workspace.
        run: the run.
        wanted: which lines.
        look: told the run's status each time it is looked at.
    """
    growth = Growth(run.path)
    try:
        yield list(filter(growth.knows, _asked(ws, run, wanted)))
        more = True
        while more:
            status = run.status  # asked before the lines: what is written before the end is shown
            more = status in GOING_ON
            look(status)
            yield [line for line in growth.take() if _is_wanted(line, run, wanted)]
            if more:
                time.sleep(INTERVAL)
        yield list(filter(growth.is_new, _asked(ws, run, wanted._replace(tail=None), growth.least)))
    finally:
        growth.close()


def _is_wanted(line: Line, run: Run, wanted: Wanted) -> bool:
    if wanted.stream is not None and line["stream"] != wanted.stream:
        return False
    if wanted.level is not None:
        return _at_least(line["level"], wanted.level)
    if wanted.stream is not None:
        return True
    return line["stream"] != CONTROL and (line["stream"] not in _SPARE or not _has_printed(run))


def _at_least(level: str | None, wanted: str) -> bool:
    known = logging.getLevelNamesMapping()
    return level is not None and known.get(level.upper(), logging.NOTSET) >= known[wanted.upper()]


def _shown(line: Line, timestamps: bool, ranks: bool) -> str:
    when: datetime | None = line["time"]
    start = style.dim(f"{when:%Y-%m-%d %H:%M:%S} ") if timestamps and when else ""
    if ranks and (process := _RANK.fullmatch(line["stream"])):
        start += style.dim(f"[{process[1]}] ")
    text = style.paint(_printed(line["text"] or ""), _COLOURS.get(line["level"] or ""))
    trace = [safe(part) for part in (line["exception"] or "").splitlines()]
    return "\n".join([start + text, *trace])


def _printed(text: str) -> str:
    """A line in the colours it was printed in, where stdout takes colours; whatever else is no text is escaped."""
    keep = style.coloured()
    parts = _COLOUR.split(text)  # every other one is a colour
    shown = "".join(part if at % 2 and keep else "" if at % 2 else safe(part) for at, part in enumerate(parts))
    return f"{shown}\x1b[0m" if keep and len(parts) > 1 else shown
