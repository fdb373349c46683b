"""``runstore restore``: deleted runs and experiments back as they were."""

from __future__ import annotations

from pathlib import Path

import click

from runstore.cli import figures, options, style
from runstore.cli.rm import named
from runstore.cli.text import safe


@options.command("restore", "runstore restore 3f2a", "runstore restore --experiment scratch")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option("-e", "--experiment", metavar="NAME", help="This experiment with all its deleted runs.")
@click.option("--children", is_flag=True, help="Also the deleted runs below.")
def restore(runs: tuple[str, ...], experiment: str | None, children: bool, workspace: Path | None) -> None:
    """Bring deleted runs, or a deleted experiment, back as they were.

    RUN is any unique beginning of a run's id; `runstore runs --deleted` lists them.
    """
    from runstore.query import deleting

    named(runs, experiment)
    ws = options.opened(workspace)
    if experiment is not None:
        back = deleting.restore_experiment(ws, experiment)
        style.echo(f"experiment {safe(experiment)} is there with {figures.plural(len(back), 'restored run')}")
    else:
        back = ws.restore(runs, children=children)
        style.echo(f"{figures.plural(len(back), 'run')} restored" if back else "nothing to restore: not deleted")
