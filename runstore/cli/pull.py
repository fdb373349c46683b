"""``runstore pull``: what a remote has, brought here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runstore.cli import figures, options, output, style
from runstore.cli.main import FAILED
from runstore.cli.progress import Bar, Waiting
from runstore.cli.sent import SHOWN
from runstore.cli.text import safe

if TYPE_CHECKING:
    from runstore.sync.pull import Pulled


@options.command("pull", "runstore pull", "runstore pull team -e mnist", "runstore pull team --run 3f2a --dry-run")
@click.argument("remote", required=False, metavar="[REMOTE]")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken.")
@options.experiments
@options.run_ids
@options.bandwidth
@options.jobs
@options.as_json
def pull(
    remote: str | None, dry_run: bool, experiments: tuple[str, ...], run_ids: tuple[str, ...], bandwidth: str | None,
    jobs: int, format_: str | None, workspace: Path | None,
) -> None:  # fmt: skip
    """Take in what a remote has and this workspace lacks.

    From the one that is named; default: the only one. Says first how much there is to fetch. Nothing that comes is
    trusted: paths, sizes and checksums are verified, and what is other bytes here is refused. Pulling again takes only
    what is new; one that was cut short is gone on with. Exits with 1 if something was refused.
    """
    from runstore.sync import limit, remotes, sending
    from runstore.sync.rules import Rules

    path = options.opened(workspace).path
    known = remotes.named(path, remote)
    asked = Rules(experiments=experiments, runs=run_ids)
    rate = limit.Limit(limit.parse(bandwidth)) if bandwidth else None
    how = sending.How(jobs=jobs, limit=rate, patience=sending.USUAL)
    with Waiting(f"looking what {known.name} has"):
        done = sending.fetch(path, known, asked, replace(how, dry_run=True))
    if not dry_run and done.files:
        style.note(f"{safe(known.name)}: {_amount(done)} to fetch")
        with Bar(f"fetching from {known.name}", sizes=True) as bar:
            done = sending.fetch(path, known, asked, replace(how, progress=bar))
    if format_ == "json":
        refused = [{"what": what, "why": why} for what, why in done.refused]
        output.print_json({"runs": done.runs, "files": done.files, "bytes": done.bytes, "refused": refused})
    else:
        _print(known.name, done, dry_run)
    if done.refused:
        click.get_current_context().exit(FAILED)


def _print(name: str, done: Pulled, dry_run: bool) -> None:
    for what, why in done.refused[:SHOWN]:
        style.note(f"runstore: refused {safe(what)}: {safe(why)}")
    if len(done.refused) > SHOWN:
        style.note(f"runstore: {len(done.refused) - SHOWN:,} more refused; --json names all")
    refused = f"; {len(done.refused):,} refused" if done.refused else ""
    taken = f"{_amount(done)} {'would be taken' if dry_run else 'taken'}" if done.files else "nothing to take"
    style.echo(f"{style.bold(safe(name))}: {taken}{refused}")


def _amount(done: Pulled) -> str:
    return f"{figures.plural(done.runs, 'run')}, {figures.plural(done.files, 'file')}, {figures.size(done.bytes)}"
