"""``runstore merge``: what another workspace has, taken into this one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runstore.cli import figures, options, output, style
from runstore.cli.main import FAILED
from runstore.cli.progress import Bar
from runstore.cli.text import safe

if TYPE_CHECKING:
    from runstore.query.taking import Merged


@options.command("merge", "runstore merge ../laptop/.runstore", "runstore merge --dry-run ../laptop/.runstore")
@click.argument("other", type=options.Place())
@click.option("--dry-run", is_flag=True, help="Only say what would be taken.")
@options.as_json
def merge(other: Path, dry_run: bool, workspace: Path | None, format_: str | None) -> None:
    """Take in what another workspace has and this one lacks.

    OTHER is never written to. Merging again takes only what is new there; an interrupted merge goes on that way. Exits
    with 1 if something was refused: the same thing is other bytes here.
    """
    from runstore.query import union
    from runstore.runs import mirrored

    path, source = options.opened(workspace).path, options.opened(other).path
    mirrored.refuse(path)
    with Bar("merging") as bar:
        done = union.merge(path, source, dry_run, bar)
    if format_ == "json":
        data = asdict(done)
        data["refused"] = [{"what": what, "why": why} for what, why in done.refused]
        output.print_json(data)
    else:
        for what, why in done.refused:
            style.note(f"runstore: refused {safe(what)}: {safe(why)}")
        style.echo(_summary(done, dry_run))
    if done.refused:
        click.get_current_context().exit(FAILED)


def _summary(done: Merged, dry_run: bool) -> str:
    refused = f"; {len(done.refused):,} refused" if done.refused else ""
    if not done.files:
        return f"nothing to take{refused}"
    what = f"{figures.plural(done.runs, 'run')}, {figures.plural(done.files, 'file')}, {figures.size(done.bytes)}"
    return f"{what} {'would be taken' if dry_run else 'taken'}{refused}"
