"""``runstore diff``: what may have made two runs come out differently, and from which step they do."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runstore.cli import figures, listing, options, output, style, table
from runstore.cli.table import Column
from runstore.cli.text import elide, safe, width

if TYPE_CHECKING:
    from runstore import Workspace
    from runstore.query.changes import Change
    from runstore.query.code_diff import FileChange
    from runstore.query.diff import Diff, Metric

_MISSING = "-"
_SIGNS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow"), "mode": ("~", "yellow")}
_INDENT = "  "
_MOST = 40
_BYTES = {"memory"}


@options.command("diff", "runstore diff 3f2a 91bc", "runstore diff 3f2a 91bc --code --tolerance 1e-6")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--code", is_flag=True, help="Show the code that differs line by line.")
@click.option(
    "--tolerance", type=click.FloatRange(min=0), default=0.0, show_default=True, metavar="X",
    help="How far apart values may lie: of the larger one's size, or as it is where both are below 1.",
)  # fmt: skip
@options.as_json
def diff(a: str, b: str, code: bool, tolerance: float, workspace: Path | None, format_: str | None) -> None:
    """Say what differs between two runs, and where they part.

    Params, code, packages, command line, machine, tags; and for each metric that both have the last values, and the
    first step at which the two part. The first line says it all in short. A and B are any unique beginnings of runs'
    ids. Exits 0 whether or not they differ.
    """
    ws = options.opened(workspace)
    chosen = options.chosen(ws, (a, b))
    if len(chosen) < 2:
        raise click.UsageError("it takes two different runs")
    found = ws.diff(*chosen, tolerance=tolerance)
    changed = {change.path: _code(ws, change) for change in _files(found)} if code else {}
    if format_ == "json":
        output.print_json(_data(found, changed))
    else:
        style.echo("\n".join(_screen(found, changed)))


def _files(found: Diff) -> list[FileChange]:
    """The files to show: those of the snapshots; without any, those that were not committed."""
    return found.files or found.uncommitted


def _code(ws: Workspace, change: FileChange) -> list[str]:
    from runstore.query import code_diff

    return code_diff.lines(ws.path, change)


# ---- as data


def _data(found: Diff, changed: dict[str, list[str]]) -> dict[str, Any]:
    sides = {side: _plain(getattr(found, side)) for side in ("a", "b")}
    sections = ("params", "tags", "git", "packages", "surroundings", "metrics", "lone_metrics")
    return {
        "verdict": found.verdict,
        "differ": found.differ,
        **sides,
        "tolerance": found.tolerance,
        **{section: [_plain(one) for one in getattr(found, section)] for section in sections},
        "files": [_file(change, changed) for change in found.files],
        "uncommitted": [_file(change, changed) for change in found.uncommitted],
        "same": found.same,
        "notes": found.notes,
    }


def _plain(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def _file(change: FileChange, changed: dict[str, list[str]]) -> dict[str, Any]:
    told: dict[str, Any] = {"path": change.path, "how": change.how}
    for side in ("a", "b"):
        file = getattr(change, side)
        if file is not None and not isinstance(file, str):
            told[side] = {"sha256": file.sha256, "size": file.size, "mode": file.mode}
    return told | ({"lines": changed[change.path]} if change.path in changed else {})


# ---- as a screen


def _screen(found: Diff, changed: dict[str, list[str]]) -> Iterator[str]:
    room = style.columns()
    yield from map(style.bold, _wrapped(found.verdict, room))
    yield ""
    yield from _runs(found)
    yield from _section("params", _changes(found.params))
    yield from _section("code", [*_changes(found.git), *_file_lines(_files(found))])
    yield from _lines(changed)
    yield from _section("packages", _changes(found.packages))
    yield from _section("command line", _commands(found.surroundings))
    yield from _section("machine", _changes(_machine(found.surroundings)))
    yield from _section("tags", _changes(found.tags))
    yield from _section("metrics", _metrics(found))
    yield from _rest(found, room)


def _runs(found: Diff) -> list[str]:
    sides = (found.a, found.b)
    columns = [
        Column("", ["a", "b"], weight=100, least=1),
        Column("run", [safe(title) for title in listing.shortened([side.run_id for side in sides])], weight=100),
        Column("status", [style.unpainted(style.status(side.status)) for side in sides], paint=_dots(sides),
               weight=80, least=13),
        Column("experiment", [safe(side.experiment) for side in sides], weight=60),
        Column("name", [safe(side.name or "") for side in sides], weight=70, least=16),
        Column("started", [_moment(side.started) for side in sides], weight=50, least=16),
        Column("duration", [_duration(side) for side in sides], right=True, weight=40),
    ]  # fmt: skip
    if found.a.experiment == found.b.experiment:
        del columns[3]
    return _table([column for column in columns if any(column.cells)], "")


def _moment(time: Any) -> str:
    return f"{time:%Y-%m-%d %H:%M}" if time else ""


def _duration(side: Any) -> str:
    return figures.duration((side.ended - side.started).total_seconds()) if side.ended and side.started else ""


def _dots(sides: Sequence[Any]) -> Callable[[int, str], str]:
    def paint(row: int, cell: str) -> str:
        sign, colour = style.dot(sides[row].status)
        return style.paint(sign, colour) + cell[1:] if cell.startswith(sign) else cell

    return paint


def _section(title: str, body: Sequence[str]) -> list[str]:
    return ["", style.bold(title), *body] if body else []


def _table(columns: list[Column], indent: str = _INDENT) -> list[str]:
    room = style.columns()
    drawn, hidden = table.render(columns, None if room is None else room - len(indent))
    lines = [style.dim(style.unpainted(drawn[0])), *drawn[2:]]
    if hidden:
        lines.append(style.dim(table.left_out(hidden, "a wider terminal or --json shows all")))
    return [f"{indent}{line}" for line in lines]


def _changes(changes: Sequence[Change]) -> list[str]:
    shown = list(changes)[:_MOST]
    if not shown:
        return []
    numbers = all(_number(value) for change in shown for value in (change.a, change.b))
    names = [f"{_SIGNS[change.how][0]} {safe(change.name)}" for change in shown]
    columns = [
        Column("", names, least=16, weight=100, paint=_signs(shown)),
        Column("a", [_cell(change, "a") for change in shown], right=numbers, weight=90),
        Column("b", [_cell(change, "b") for change in shown], right=numbers, weight=80),
    ]
    more = len(changes) - len(shown)
    return _table(columns) + ([style.dim(f"{_INDENT}{more:,} more; --json shows all")] if more else [])


def _number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _cell(change: Change, side: str) -> str:
    value, other = (getattr(change, one) for one in (side, "ba"[side == "b"]))
    if change.how == ("removed" if side == "b" else "added"):
        return _MISSING
    if value is None:
        return "None"
    if change.name == "commit":
        return safe(value)[:12]
    if change.name in _BYTES and isinstance(value, int):
        return figures.size(value)
    if isinstance(value, float):
        short = figures.number(value)
        return repr(value) if isinstance(other, float) and short == figures.number(other) else short
    return safe(output.flat(value))


def _signs(changes: Sequence[Change]) -> Callable[[int, str], str]:
    return lambda row, cell: style.paint(cell[:1], _SIGNS[changes[row].how][1], bold=True) + cell[1:]


def _file_lines(changes: Sequence[FileChange]) -> list[str]:
    room, lines = style.columns(), []
    for change in changes[:_MOST]:
        sign, colour = _SIGNS[change.how]
        size = _size(change)
        path = safe(change.path)
        if room is not None:
            path = elide(path, max(room - len(_INDENT) - 4 - width(size), 8))
        lines.append(f"{_INDENT}{style.paint(sign, colour, bold=True)} {path}  {style.dim(size)}".rstrip())
    more = len(changes) - _MOST
    return lines + ([style.dim(f"{_INDENT}{more:,} more files; --json shows all")] if more > 0 else [])


def _size(change: FileChange) -> str:
    sizes = [figures.size(file.size) for file in (change.a, change.b) if file and not isinstance(file, str)]
    if not sizes:
        return "not committed"
    if change.how == "mode":
        return "executable or not"
    return " -> ".join(sizes) if len(sizes) < 2 or sizes[0] != sizes[1] else sizes[0]


def _lines(changed: dict[str, list[str]]) -> Iterator[str]:
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for lines in changed.values():
        yield ""
        for line in lines:
            head = line.startswith(("+++", "---", "diff --git"))
            colour = None if head else colours.get(line[:1])
            yield style.paint(safe(line.replace("\t", "    ")), colour, bold=head)


def _commands(surroundings: Sequence[Change]) -> list[str]:
    """The two command lines, one below the other."""
    lines, room = [], style.columns()
    for change in surroundings:
        if change.name == "command line":
            for sign, colour, value in (("-", "red", change.a), ("+", "green", change.b)):
                text = safe(value or "")
                shown = text if room is None else elide(text, room - len(_INDENT) - 2)
                lines.append(f"{_INDENT}{style.paint(sign, colour, bold=True)} {shown}")
    return lines


def _machine(surroundings: Sequence[Change]) -> list[Change]:
    return [change for change in surroundings if change.name != "command line"]


def _metrics(found: Diff) -> list[str]:
    """Those that part, the earliest first; then those that only one run has."""
    parted = found.parted
    rows: list[Any] = [*parted, *found.lone_metrics]
    if not rows:
        return []
    there = [_there(row) if row in parted else ("", "") for row in rows]
    columns = [
        Column("", [safe(row.name) for row in rows], least=16, weight=100),
        Column("parts at", [f"{row.step:,}" if row in parted else "" for row in rows], right=True, weight=95,
               paint=lambda _, cell: style.paint(cell, "yellow", bold=True)),
        Column("a there", [one for one, _ in there], right=True, weight=60),
        Column("b there", [other for _, other in there], right=True, weight=59),
        Column("a last", [_value(row.a) for row in rows], right=True, weight=90),
        Column("b last", [_value(row.b) for row in rows], right=True, weight=85),
        Column("change", [_delta(row) for row in rows], right=True, weight=80),
    ]  # fmt: skip
    return _table([column for column in columns if any(column.cells)])


def _value(value: Any) -> str:
    if value is None:
        return _MISSING
    return figures.number(value) if isinstance(value, int | float) else safe(output.flat(value))


def _there(metric: Metric) -> tuple[str, str]:
    """The two values, in as many digits as tell them apart."""
    one, other = _value(metric.a_there), _value(metric.b_there)
    return (one, other) if one != other else (safe(repr(metric.a_there)), safe(repr(metric.b_there)))


def _delta(row: Any) -> str:
    return figures.change(getattr(row, "delta", None))


def _rest(found: Diff, room: int | None) -> Iterator[str]:
    nouns = {"params": "param", "code": "file", "packages": "package", "metrics": "metric"}
    same = [figures.plural(found.same[key], noun) for key, noun in nouns.items() if found.same.get(key)]
    told = [style.dim(f"the same: {', '.join(same)}")] if same else []
    told += [style.paint(line, "yellow") for note in found.notes for line in _wrapped(f"! {note}", room)]
    if told:
        yield ""
    yield from told


def _wrapped(text: str, room: int | None) -> list[str]:
    return [safe(text)] if room is None else textwrap.wrap(safe(text), room, break_on_hyphens=False)
