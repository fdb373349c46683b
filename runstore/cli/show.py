"""``runstore show``: everything there is to say about one run, on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runstore.cli import configured, figures, machine, options, output, style, table
from runstore.cli.follow import AT_WORK, GOING_ON, redraw
from runstore.cli.gather import BARS, gather
from runstore.cli.table import Column
from runstore.cli.text import ELLIPSIS, elide, pad, safe, width
from runstore.launch.queue import SWEEP
from runstore.query.listing import short
from runstore.runs.state import VANISHED

if TYPE_CHECKING:
    from runstore import Run, Workspace


@options.command("show", "runstore show 3f2a", "runstore show -f          the newest run, until it ends")
@click.argument("run", required=False, metavar="[RUN]")
@options.experiment
@options.follow
@click.option(
    "--limit", type=click.IntRange(min=0), default=40, show_default=True, metavar="N",
    help="Show at most N metrics, and N of anything else; 0: all.",
)  # fmt: skip
@options.as_json
def show(
    run: str | None, experiment: str | None, follow: bool, limit: int, workspace: Path | None, format_: str | None
) -> None:
    """Show one run: status, trouble, params, metrics, files, machine.

    RUN is any unique beginning of a run's id; without it, the newest run.
    """
    ws = options.opened(workspace)
    found = options.chosen(ws, () if run is None else (run,), experiment)[0]
    if format_ == "json":
        output.print_json(gather(ws, found))
    elif follow:
        _follow(ws, found, limit)
    else:
        for line in lines(gather(ws, found), limit):
            style.echo(line)


def _follow(ws: Workspace, run: Run, limit: int) -> None:
    def draw() -> tuple[list[str], bool]:
        facts = gather(ws, run)
        return lines(facts, limit), facts["status"] in GOING_ON

    redraw(draw)


def lines(facts: dict[str, Any], limit: int) -> list[str]:
    """The screen."""
    most = limit or None
    media, files = _media(facts["artifacts"]), [one for one in facts["artifacts"] if one["metric"] is None]
    return [
        *_head(facts),
        *_trouble(facts),
        *_section("params", _pairs(facts["params"], most), len(facts["params"]), most),
        *_section("metrics", _metric_table(facts["metrics"][:most]), len(facts["metrics"]), most),
        *_section("tables", _tables(facts["tables"][:most]), len(facts["tables"]), most),
        *_section("notes", _notes(facts["notes"][:most]), len(facts["notes"]), most),
        *_section("tags", _pairs(facts["tags"], most), len(facts["tags"]), most),
        *_section("properties", _pairs(facts["properties"], most), len(facts["properties"]), most),
        *_section("images, charts and the like", _media_table(media[:most]), len(media), most),
        *_section("artifacts", _artifact_table(files[:most]), len(files), most),
        *_section("machine", _rows(machine.columns(facts["system"])), 0, most),
        *_section("writers", _writer_table(facts["writers"][:most]), len(facts["writers"]), most),
    ]


def _head(facts: dict[str, Any]) -> list[str]:
    status = style.status(facts["status"])
    name = safe(facts["display_name"] or short(facts["run_id"]))
    title = style.bold(_cut(name, width(style.unpainted(status)) + 2))
    ended = facts["ended"] or (figures.utc_now() if facts["status"] in AT_WORK else None)
    rows = [
        ("id", facts["run_id"]),
        ("description", " ".join((facts["description"] or "").split())),
        ("experiment", f"{facts['experiment']} (run {facts['number']})" if facts["number"] else facts["experiment"]),
        ("parent", facts["parent_id"]),
        ("children", facts["children"] or None),
        ("started", figures.moment(facts["started"])),
        ("duration", figures.duration((ended - facts["started"]).total_seconds()) if ended else None),
        ("attempts", facts["attempts"] if facts["attempts"] != 1 else None),
        ("points", figures.count(facts["points"])),
        ("by", f"{facts['user']} on {facts['host']}" if facts["user"] else None),
        ("host", None if facts["user"] else facts["host"]),
        *_asked(facts),
        ("snapshot", facts["snapshot"]),
        ("used", ", ".join(f"{one['name']} of {short(one['run_id'])}" for one in facts["inputs"])),
        ("logs", ", ".join(f"{name} ({figures.size(size)})" for name, size in facts["logs"].items())),
        ("models", ", ".join(f"{model['name']} v{model['version']}" for model in facts["models"])),
    ]
    body = [f"{style.dim(pad(name, 13))}{_cut(safe(value), 13)}" for name, value in rows if value not in (None, "")]
    return [f"{status}  {title}", "", *body]


def _asked(facts: dict[str, Any]) -> list[tuple[str, str | None]]:
    """What was run: of a submitted run as it was asked for, of any other its command line."""
    if facts["definition"] is None:
        return [("command", " ".join(facts["provenance"].get("argv", ())) or None)]
    return list(configured.shown(facts["definition"]).items())


def _notes(notes: list[dict[str, Any]]) -> list[str]:
    texts = [" ".join(note["text"].split()) for note in notes]
    return [
        f"{style.dim(str(note['time'])[:19])}  {_cut(safe(text), 23)}" for note, text in zip(notes, texts, strict=True)
    ]


def _trouble(facts: dict[str, Any]) -> list[str]:
    """What went wrong, where nobody can overlook it."""
    found = []
    if facts["error"]:
        told = " (its process died without a word)" if facts["error"] == VANISHED else ""
        if told and facts["type"] == SWEEP:
            told += f"; `runstore submit --resume {safe(short(facts['run_id']))}` goes on"
        found.append(f"error: {safe(facts['error'])}{told}")
    if facts["dropped"]:
        lost = "1 point" if facts["dropped"] == 1 else f"{facts['dropped']:,} points"
        found.append(f"{lost} could not be kept (a full or failing disk); they are in no metric")
    for count, noun in ((facts["warnings"], "warning"), (facts["errors"], "error")):
        if count:
            found.append(f"{figures.plural(count, noun)} recorded")
    found += [f"  {safe(one['level'])} {safe(one['logger'])}: {_summary(one)}" for one in facts["said"]]
    return ["", *(style.paint(_cut(f"! {line}", 0), "red", bold=True) for line in found)] if found else []


def _summary(record: dict[str, Any]) -> str:
    """A record in one line: its first, and the last one of its traceback."""
    trace = (record["exception"] or "").strip().splitlines()
    return safe(": ".join([*(record["text"] or "").splitlines()[:1], *trace[-1:]]))


def _section(title: str, body: Sequence[str], count: int, most: int | None) -> list[str]:
    if not body:
        return []
    more = count - most if most is not None else 0
    rest = [style.dim(f"  {more:,} more; --limit 0 shows all")] if more > 0 else []
    return ["", style.bold(title), *(f"  {line}" for line in body), *rest]


def _pairs(values: dict[str, Any], most: int | None) -> list[str]:
    shown = list(values.items())[:most]
    names = [safe(name) for name, _ in shown]
    room = min(max(map(width, names), default=0), 32)
    return [
        f"{style.dim(pad(elide(name, room), room))}  {_cut(safe(output.flat(value)), room + 4)}"
        for name, (_, value) in zip(names, shown, strict=True)
    ]


def _cut(text: str, before: int) -> str:
    """As much of a text as the line has room for."""
    room = style.columns()
    return text if room is None else elide(text, max(room - before, len(ELLIPSIS)))


def _metric_table(metrics: Sequence[dict[str, Any]]) -> list[str]:
    def numbers(key: str) -> list[str]:
        return [figures.number(m[key]) if isinstance(m[key], int | float) else safe(m[key] or "") for m in metrics]

    odd = [m["nan_count"] + m["inf_count"] for m in metrics]
    columns = [
        Column("name", [safe(m["name"]) for m in metrics], weight=100),
        Column("last", numbers("last"), right=True, weight=90),
        Column("min", numbers("min"), right=True, weight=60),
        Column("max", numbers("max"), right=True, weight=60),
        Column("points", [figures.count(m["count"]) for m in metrics], right=True, weight=50),
    ]
    if not style.plain_letters():
        columns.append(Column("curve", [_curve(m) for m in metrics], weight=70, least=BARS, paint=_blue))
    if any(odd):
        columns.append(Column("not finite", [figures.count(n) if n else "" for n in odd], right=True, weight=80))
    return _rows(columns)


def _curve(metric: dict[str, Any]) -> str:
    bars = metric["curve"] if metric["count"] >= BARS else [value for value in metric["curve"] if value is not None]
    return figures.sparkline(bars) if len(bars) > 1 else ""


def _blue(_: int, cell: str) -> str:
    return style.paint(cell, "cyan")


def _tables(tables: Sequence[dict[str, Any]]) -> list[str]:
    columns = [
        Column("name", [safe(one["name"]) for one in tables], weight=100),
        Column("rows", [figures.count(one["rows"]) for one in tables], right=True, weight=90),
    ]
    return _rows(columns)


def _media(artifacts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was logged as files: by name and kind how many, and the newest."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in sorted(artifacts, key=lambda one: one["time"]):
        if one["metric"] is not None:
            key = one["metric"], one["kind"]
            found[key] = {**one, "count": found[key]["count"] + 1 if key in found else 1}
    return [found[key] for key in sorted(found)]


def _media_table(media: Sequence[dict[str, Any]]) -> list[str]:
    columns = [
        Column("name", [safe(one["metric"]) for one in media], weight=100, least=16),
        Column("kind", [safe(one["kind"]) for one in media], weight=90),
        Column("count", [figures.count(one["count"]) for one in media], right=True, weight=80),
        Column("newest", [safe(one["name"]) for one in media], weight=60),
    ]
    if any(one["step"] is not None for one in media):
        steps = ["" if one["step"] is None else str(one["step"]) for one in media]
        columns.insert(3, Column("step", steps, right=True, weight=70))
    return _rows(columns)


def _artifact_table(artifacts: Sequence[dict[str, Any]]) -> list[str]:
    columns = [
        Column("name", [safe(one["name"]) for one in artifacts], weight=100, least=16),
        Column("size", [figures.size(one["size"]) for one in artifacts], right=True, weight=90),
        Column("type", [safe(one["media_type"] or "") for one in artifacts]),
        Column("sha256", [one["sha256"][:12] for one in artifacts], least=12),
    ]
    if any(one["reference"] for one in artifacts):
        columns.append(Column("lies at", [safe(one["reference"] or "") for one in artifacts], weight=60))
    if any(one["step"] is not None for one in artifacts):
        steps = ["" if one["step"] is None else str(one["step"]) for one in artifacts]
        columns.insert(1, Column("step", steps, right=True, weight=80))
    return _rows(columns)


def _writer_table(writers: Sequence[dict[str, Any]]) -> list[str]:
    writers = [one for one in writers if one["state"] != "Queued"]  # it only said what is to be run
    if len(writers) < 2 and not any(one["dropped"] for one in writers):
        return []  # the head says it all
    columns = [
        Column("writer", [one["writer"][:8] for one in writers], weight=100),
        Column("attempt", [str(one["attempt"]) for one in writers], right=True, weight=70),
        Column("rank", ["" if one["rank"] is None else str(one["rank"]) for one in writers], right=True, weight=80),
        Column("state", [safe(one["state"]) for one in writers], weight=90, least=13),
        Column("host", [safe(one["host"]) for one in writers], weight=60),
        Column("pid", ["" if one["pid"] is None else str(one["pid"]) for one in writers], right=True, weight=50),
        Column("dropped", [figures.count(one["dropped"] or 0) for one in writers], right=True, weight=85),
    ]
    return _rows([c for c in columns if any(cell not in ("", "0") for cell in c.cells)])


def _rows(columns: list[Column]) -> list[str]:
    """A small table inside the screen: its head is dim, and there is no rule."""
    if not columns or not columns[0].cells:
        return []
    room = style.columns()
    drawn, _ = table.render(columns, None if room is None else room - 2)
    return [style.dim(style.unpainted(drawn[0])), *drawn[2:]]
