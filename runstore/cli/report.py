"""``runstore report``: runs as one HTML file that opens anywhere, and the Parquet in it had again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from runstore.cli import figures, options, output, style
from runstore.cli.progress import Bar
from runstore.cli.text import safe

if TYPE_CHECKING:
    from runstore.view.report.written import Report


@options.command(
    "report",
    "runstore report -o report.html --open",
    "runstore report 3f2a 91bc -o two-runs.html",
    'runstore report -e mnist --where "lr < 0.1" --sort loss --limit 10 -o best.html',
    "runstore report --extract report.html -o tables",
)
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@options.experiment
@options.where
@options.sort
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N runs. Default: 20 unless named.")
@click.option(
    "-o", "--output", "out", required=True, type=click.Path(path_type=Path), metavar="OUT", help="Where to write it."
)
@click.option(
    "--buckets", type=click.IntRange(1, 5000), default=500, show_default=True, metavar="N",
    help="Into how many a curve is cut; zooming shows no finer.",
)  # fmt: skip
@click.option(
    "--points", type=click.IntRange(min=0), default=2_000_000, show_default=True, metavar="N",
    help="Put the runs' rows in as Parquet if they have no more points; 0: don't.",
)  # fmt: skip
@click.option("--images", default="20MB", show_default=True, metavar="SIZE", help="Room for images, sounds and texts.")
@click.option("--plotly", is_flag=True, help="Draw logged figures of Plotly by the installed package: 2 MB more.")
@click.option("--title", metavar="TEXT", help="What it is called.")
@click.option(
    "--extract", type=click.Path(path_type=Path), metavar="FILE", help="Write the Parquet of a report to OUT."
)
@click.option("--overwrite", is_flag=True, help="Put it in the place of a report, or of Parquet, that lies there.")
@click.option("--open", "look", is_flag=True, help="Open it in a browser.")
@options.as_json
def report(
    runs: tuple[str, ...], experiment: str | None, where: str | None, sort: tuple[str, ...], limit: int | None,
    out: Path, buckets: int, points: int, images: str, plotly: bool, title: str | None, extract: Path | None,
    overwrite: bool, look: bool, workspace: Path | None, format_: str | None,
) -> None:  # fmt: skip
    """Write runs as one HTML file that opens without a network.

    RUN is any unique beginning of a run's id; without one, the newest runs are taken. OUT has the runs' table, curves
    that can be zoomed and smoothed, pages, and all their points as Parquet. It appears when all of it is written.
    """
    from runstore.view.report import chosen, tables, written

    if extract is not None:
        if runs or experiment or where or sort or look:
            raise click.UsageError("--extract goes with -o and --overwrite only")
        return _extracted(tables.extract(extract, out, overwrite), format_)
    ws = options.opened(workspace)
    most = limit or (chosen.MOST if runs else written.RUNS)
    ids, more = chosen.chosen(ws, runs or None, where, experiment, list(sort) or None, most)
    wanted = written.Wanted(buckets, points, options.sized(images, "--images"), plotly, title)
    with Bar("writing") as bar:
        done = written.write(ws, out, ids, wanted, overwrite=overwrite, left_off=more, progress=bar)
    _tell(done, out, format_)
    if look:
        click.launch(str(done.path))


def _tell(done: Report, out: Path, format_: str | None) -> None:
    if format_ == "json":
        told = {"path": str(done.path), "runs": done.runs, "curves": done.curves, "points": done.points}
        return output.print_json({**told, "parquet": done.parquet, "bytes": done.bytes, "notes": done.notes})
    what = f"{figures.plural(done.runs, 'run')}, {figures.plural(done.curves, 'curve')}"
    rows = f", {figures.plural(done.points, 'point')} as Parquet" if done.parquet else ""
    style.echo(f"{safe(out)}: {what}{rows}; {figures.size(done.bytes)}")
    for note in done.notes:
        style.note(note)


def _extracted(paths: list[Path], format_: str | None) -> None:
    if format_ == "json":
        return output.print_json({"files": [str(path) for path in paths]})
    for path in paths:
        style.echo(f"{safe(path)}: {figures.size(path.stat().st_size)}")
