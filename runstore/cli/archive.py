"""``runstore archive``: runs and experiments marked as done with, and back."""

from __future__ import annotations

from pathlib import Path

import click

from runstore.cli import figures, options, style
from runstore.cli.rm import named
from runstore.cli.text import safe
from runstore.errors import StoreError


@options.command("archive", "runstore archive 3f2a 91bc", "runstore archive --experiment old --undo")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option("-e", "--experiment", metavar="NAME", help="This experiment; its runs stay as they are.")
@click.option("--undo", is_flag=True, help="Take the mark off again.")
def archive(runs: tuple[str, ...], experiment: str | None, undo: bool, workspace: Path | None) -> None:
    """Mark runs, or an experiment, as archived. Nothing is removed or hidden from SQL.

    The columns `archived` of runs and experiments say it: `runstore runs --where "not archived"` leaves such runs out.
    A run that begins in an archived experiment makes it active again.
    """
    from runstore.query import groups

    named(runs, experiment)
    ws = options.opened(workspace)
    state = "active again" if undo else "archived"
    if experiment is not None:
        if experiment not in groups.experiments(ws.path):
            raise StoreError(f"{ws.path}: no experiment is called {experiment!r}")
        found = ws.experiment_class.existing(ws, experiment)
        found.reactivate() if undo else found.archive()
        style.echo(f"experiment {safe(experiment)} is {state}")
        return
    chosen = options.chosen(ws, runs)
    for run in chosen:
        run.reactivate() if undo else run.archive()
    style.echo(f"{figures.plural(len(chosen), 'run')} {state}")
