"""``runstore rm``: runs and experiments out of sight, until they are restored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from runstore.cli import figures, keep, options, style
from runstore.cli.progress import Spinner
from runstore.cli.text import safe


@options.command(
    "rm", "runstore rm 3f2a 91bc", "runstore rm --experiment scratch", "runstore rm sweep_17 --children",
    "runstore rm --keep-best 10 --metric loss --keep-last-days 30",
)  # fmt: skip
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option(
    "-e", "--experiment", metavar="NAME", help="This experiment with all its runs; with rules, only its runs."
)
@click.option("--children", is_flag=True, help="Also the runs below; else a run that has some is refused.")
@click.option("--force", is_flag=True, help="Cancel runs that have not ended; else they are refused.")
@click.option("--keep-best", type=click.IntRange(min=1), metavar="N", help="All but the N best of each experiment.")
@click.option("--metric", metavar="NAME", help="By what they are the best.")
@click.option("--mode", type=click.Choice(["min", "max"]), default="min", show_default=True, help="What is better.")
@click.option("--keep-last-days", type=click.FloatRange(min=0), metavar="N", help="All but those of the last N days.")
@click.option("--keep-tag", multiple=True, metavar="NAME", help="Keep runs with this tag. Repeatable. Default: keep.")
@options.where
@click.option("--yes", is_flag=True, help="Delete what the rules don't keep. Without it nothing is changed.")
@options.as_json
def rm(
    runs: tuple[str, ...], experiment: str | None, children: bool, force: bool, workspace: Path | None, **rules: Any
) -> None:
    """Delete runs, or an experiment with its runs. `runstore restore` undoes it.

    RUN is any unique beginning of a run's id. Deleted runs are in no list, view or number; `runstore runs --deleted`
    lists them. Files that other runs and registered models use stay.

    With rules (--keep-best, --keep-last-days) every run goes that no rule keeps: tells which, and why the others stay;
    `--yes` deletes them. Runs that have not ended, of which a model is registered, or that have the tag `keep` stay,
    and with a run its whole tree of parents and children.
    """
    if rules["keep_best"] is not None or rules["keep_last_days"] is not None:
        if runs or children or force:
            raise click.UsageError("rules choose the runs; name none, and leave out --children and --force")
        _by_rules(options.opened(workspace), experiment, **rules)
        return
    if any(value for name, value in rules.items() if name != "mode"):
        raise click.UsageError("that goes with --keep-best N or --keep-last-days N")
    named(runs, experiment)
    _delete(options.opened(workspace), runs, experiment, children, force)


def _by_rules(
    ws: Any, experiment: str | None, keep_tag: tuple[str, ...], yes: bool, format_: str | None, **rules: Any
) -> None:
    with Spinner() as spinner:
        spinner("deleting" if yes else "looking")
        found = ws.retain(**rules, keep_tags=keep_tag or ("keep",), experiment=experiment, dry_run=not yes)
    keep.show(found, rules["metric"], rules["keep_last_days"], format_)


def _delete(ws: Any, runs: tuple[str, ...], experiment: str | None, children: bool, force: bool) -> None:
    from runstore.query import deleting, groups

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
