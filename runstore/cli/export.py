"""``runstore export``: chosen runs as a workspace of their own, a zip of it, or tables."""

from __future__ import annotations

from pathlib import Path

import click

from runstore.cli import figures, options, output, style
from runstore.cli.main import FAILED
from runstore.cli.progress import Bar
from runstore.cli.text import safe

FORMATS = ("directory", "zip", "parquet", "csv", "jsonl")


@options.command(
    "export",
    "runstore export 3f2a 91bc -o two-runs",
    "runstore export --where \"lr < 0.1 and status = 'Completed'\" -o good.zip",
    "runstore export -e mnist -o tables --format parquet",
)
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@options.experiment
@options.where
@click.option(
    "-o", "--output", "out", required=True, type=click.Path(path_type=Path), metavar="OUT", help="Where to write it."
)
@click.option(
    "--format", "form", type=click.Choice(FORMATS),
    help="A workspace (directory, zip), or a file for each view. Default: zip if OUT ends so, else directory.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Put it in the place of an export that lies there.")
@options.as_json
def export(
    runs: tuple[str, ...],
    experiment: str | None,
    where: str | None,
    out: Path,
    form: str | None,
    overwrite: bool,
    workspace: Path | None,
    format_: str | None,
) -> None:
    """Write chosen runs to a place of their own.

    RUN is any unique beginning of a run's id. OUT appears when all of it is written, or not at all. Exits with 1 if
    content that a run refers to could not be read; all else is there then.
    """
    from runstore.query import exporting

    if not runs and where is None and experiment is None:
        raise click.UsageError("name runs, or say which with --where or --experiment")
    ws = options.opened(workspace)
    form = form or ("zip" if out.suffix.lower() == ".zip" else "directory")
    with Bar("exporting") as bar:
        chosen = exporting.chosen(ws, runs or None, where, experiment)
        done = exporting.export(ws.path, chosen, out, form, overwrite, bar)
    if format_ == "json":
        told = {"path": str(done.path), "runs": done.runs, "files": done.files, "bytes": done.bytes}
        output.print_json({**told, "missing": done.missing})
    else:
        files = figures.plural(done.files, "file")
        style.echo(f"{figures.plural(done.runs, 'run')} in {safe(out)}: {files}, {figures.size(done.bytes)}")
    if done.missing:
        click.get_current_context().exit(FAILED)
