"""``runstore rm``: runs and experiments out of sight, until they are restored."""

from __future__ import annotations

from pathlib import Path

import click

from runstore.cli import figures, options, style
from runstore.cli.progress import Spinner
from runstore.cli.text import safe


@options.command("rm", "runstore rm 3f2a 91bc", "runstore rm --experiment scratch", "runstore rm sweep_17 --children")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option("-e", "--experiment", metavar="NAME", help="This experiment with all its runs.")
@click.option("--children", is_flag=True, help="Also the runs below; else a run that has some is refused.")
@click.option("--force", is_flag=True, help="Cancel runs that have not ended; else they are refused.")
def rm(runs: tuple[str, ...], experiment: str | None, children: bool, force: bool, workspace: Path | None) -> None:
    """Delete runs, or an experiment with its runs. `runstore restore` undoes it.

    RUN is any unique beginning of a run's id. Deleted runs are in no list, view or number; `runstore runs --deleted`
    lists them. Files that other runs and registered models use stay.
    """
    from runstore.query import deleting, groups

    named(runs, experiment)
    ws = options.opened(workspace)
    with Spinner() as spinner:
        spinner("deleting")
        if experiment is not None:
            done = deleting.delete_experiment(ws, groups.id_of(experiment), force=True, cancel=force)
        else:
            done = ws.delete(runs, children=children, force=force)
    what = figures.plural(len(done), "run") if experiment is None else _experiment(experiment, len(done))
    how = f"--experiment {safe(experiment)}" if experiment is not None else "RUN"
    style.echo(f"{what} deleted; `runstore restore {how}` undoes it")


def named(runs: tuple[str, ...], experiment: str | None) -> None:
    """Refuse a call that names neither runs nor an experiment, or both.

    Raises:
        click.UsageError: it does.
    """
    if bool(runs) == (experiment is not None):
        raise click.UsageError("name runs, or an experiment with --experiment NAME")


def _experiment(name: str, runs: int) -> str:
    return f"experiment {safe(name)} with {figures.plural(runs, 'run')}"
