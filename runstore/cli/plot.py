"""``runstore plot``: curves in the terminal, or in a file."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runstore.cli import braille, curves, figures, options, output, style, svg
from runstore.cli.follow import GOING_ON, redraw
from runstore.cli.text import safe
from runstore.errors import RunNotFound, RunstoreError
from runstore.query.listing import short

if TYPE_CHECKING:
    from runstore import Run, Workspace
    from runstore.cli.curves import Chart

MOST_METRICS, MOST_RUNS = 4, 10
FORMATS = (".png", ".svg", ".html")


@options.command("plot", "runstore plot 3f2a 91bc loss", "runstore plot -e mnist -m loss --log-y -o loss.svg")
@click.argument("named", nargs=-1, metavar="[RUN...] [METRIC...]")
@click.option("-m", "--metric", "metrics", multiple=True, metavar="NAME", help="A metric to draw. Repeatable.")
@options.experiment
@options.where
@click.option(
    "--x", default=curves.STEP, show_default=True, metavar="step|time|METRIC",
    help="What runs along: the step, the time since the run's start, or a metric logged at the same steps.",
)  # fmt: skip
@click.option("--log-y", "--log", "log", is_flag=True, help="A logarithmic y axis.")
@click.option(
    "-o", "--output", "path", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write a picture: .svg, .html or .png (png needs matplotlib).",
)  # fmt: skip
@options.follow
@options.as_json
def plot(
    named: tuple[str, ...], metrics: tuple[str, ...], experiment: str | None, where: str | None, x: str, log: bool,
    path: Path | None, follow: bool, workspace: Path | None, format_: str | None,
) -> None:  # fmt: skip
    """Draw metrics of one or several runs.

    RUN is any unique beginning of a run's id. Without one, -e or --where choose the newest runs, else it is the newest
    run of all. Metrics are named after the runs or with -m; where none is, the first ones are drawn.
    """
    if path is not None and path.suffix.lower() not in FORMATS:
        raise click.UsageError(
            f"can't draw a {path.suffix or 'file without suffix'}; it is one of {', '.join(FORMATS)}"
        )
    ws = options.opened(workspace)
    runs, trailing = _told_apart(ws, named, metrics)
    chosen = _chosen(ws, runs, experiment, where)
    names = list(dict.fromkeys((*metrics, *trailing))) or _first(ws, chosen)

    def read(pixels: int) -> list[Chart]:
        return [curves.chart(ws, chosen, name, x, pixels, log) for name in names]

    if path is not None:
        _write(_drawable(read(svg.WIDTH), chosen), path)
    elif format_ == "json":
        output.print_json([_data(chart) for chart in read(svg.WIDTH)])
    elif follow:
        _follow(ws, chosen, read)
    else:
        _print(read, chosen)


def _told_apart(
    ws: Workspace, named: tuple[str, ...], metrics: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which of the words are runs, and which metrics: metrics come last, and no run's id begins with one.

    Where -m names the metrics, all words are runs, and a mistyped one is told as such.
    """
    at = len(named)
    while at and not metrics and not _is_run(ws, named[at - 1]):
        at -= 1
    if at == 0 and named and not _known(ws, named):
        return named, ()
    return named[:at], named[at:]


def _is_run(ws: Workspace, text: str) -> bool:
    query = "SELECT count(*) FILTER (starts_with(run_id, ?)) FROM runs"
    return bool(text and ws.sql(query, params=[text]).fetchall()[0][0])


def _known(ws: Workspace, names: Sequence[str]) -> bool:
    """Whether any run has all of these metrics: else the words were meant for runs."""
    holes = ", ".join("?" * len(names))
    query = f"SELECT count(DISTINCT name) FROM metric_summary WHERE name IN ({holes})"
    return bool(ws.sql(query, params=list(names)).fetchall()[0][0] == len(set(names)))


def _chosen(ws: Workspace, runs: tuple[str, ...], experiment: str | None, where: str | None) -> list[Run]:
    if runs or (experiment is None and where is None):
        return options.chosen(ws, runs)
    rows = ws.runs(where, columns=["run_id"], limit=MOST_RUNS + 1, experiment=experiment).fetchall()
    if not rows:
        raise RunNotFound(f"{ws.path}: no runs match")
    if len(rows) > MOST_RUNS:
        style.note(f"the newest {MOST_RUNS} of these runs are drawn; name runs to draw others")
    return [ws.get_run(str(row[0])) for row in rows[:MOST_RUNS]]


def _first(ws: Workspace, runs: Sequence[Run]) -> list[str]:
    names = curves.metrics(ws, runs)
    if not names:
        raise RunstoreError(f"{_these(runs)} no metric with numbers yet")
    if len(names) > MOST_METRICS:
        rest = ", ".join(safe(name) for name in names[MOST_METRICS : MOST_METRICS + 5])
        more = "" if len(names) <= MOST_METRICS + 5 else ", …"
        style.note(f"{figures.plural(len(names) - MOST_METRICS, 'metric')} not drawn: {rest}{more}; -m chooses")
    return names[:MOST_METRICS]


def _these(runs: Sequence[Run]) -> str:
    return f"run {safe(short(runs[0].id))} has" if len(runs) == 1 else "these runs have"


def _drawable(charts: list[Chart], runs: Sequence[Run]) -> list[Chart]:
    for chart in charts:
        if chart.empty():
            what = "points above 0" if chart.hidden else "numbers"
            what += f" beside a {chart.x!r} of the same step" if chart.apart else ""
            raise RunstoreError(f"{_these(runs)} no {what} in a metric {chart.metric!r}; `runstore show` lists metrics")
    return charts


def _write(charts: list[Chart], path: Path) -> None:
    kind = path.suffix.lower()
    if kind == ".png":
        from runstore.cli import picture

        drawn = io.BytesIO()
        picture.png(charts, drawn)
        data = drawn.getvalue()
    else:
        data = (svg.svg(charts) if kind == ".svg" else svg.page(charts)).encode()
    with output.whole(path) as temporary:
        temporary.write_bytes(data)
    style.note(f"wrote {path} ({figures.size(len(data))})")


def _data(chart: Chart) -> dict[str, object]:
    drawn = [
        {"run_id": curve.run_id, "points": curve.points, chart.x: curve.xs, "value": curve.ys} for curve in chart.curves
    ]
    return {"metric": chart.metric, "curves": drawn}


def _print(read: Callable[[int], list[Chart]], chosen: Sequence[Run]) -> None:
    columns = _room(1)[0]
    charts = _drawable(read(braille.pixels(columns)), chosen)
    rows = _room(len(charts))[1]
    style.echo("\n\n".join("\n".join(braille.draw(chart, columns, rows)) for chart in charts))


def _follow(ws: Workspace, chosen: Sequence[Run], read: Callable[[int], list[Chart]]) -> None:
    holes = ", ".join("?" * len(chosen))

    def draw() -> tuple[list[str], bool]:
        statuses = ws.sql(f"SELECT status FROM runs WHERE run_id IN ({holes})", params=[run.id for run in chosen])
        more = any(status in GOING_ON for (status,) in statuses.fetchall())
        charts = read(braille.pixels(_room(1)[0]))
        columns, rows = _room(len(charts))
        lines: list[str] = []
        for chart in charts:
            lines += [""] if lines else []
            lines += [f"{safe(chart.metric)}: no points yet"] if chart.empty() else braille.draw(chart, columns, rows)
        return lines, more

    redraw(draw)


def _room(charts: int) -> tuple[int, int]:
    """Columns and rows of each of so many drawings: they don't fill the screen, so that the legends can be seen too."""
    size = shutil.get_terminal_size() if style.watched() else os.terminal_size((100, 30))
    high = max(min(size.lines - 12, size.columns // 5, 24), 6)
    return min(size.columns, 200), high if charts == 1 else max(min(size.lines // charts - 8, high), 8)
