"""``runstore compact``: seal and merge what is finished, sweep what is left over."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runstore.cli import figures, options, output, style
from runstore.cli.progress import Progress
from runstore.cli.text import safe

if TYPE_CHECKING:
    from runstore.query.compaction import Compacted


@options.command("compact", "runstore compact", "runstore compact --grace 0")
@click.option(
    "--grace", type=click.FloatRange(min=0), metavar="SECONDS",
    help="How long replaced files stay for those who are reading them. Default: 600.",
)  # fmt: skip
@options.as_json
def command(grace: float | None, format_: str | None, workspace: Path | None) -> None:
    """Make the workspace small and quick: one file per kind and finished run.

    Seals every finished run, waits for sealers at work, merges, removes what was replaced or left over, and returns
    when nothing is left to do. Runs that are being logged into stay as they are; nothing that counts is lost.
    """
    from runstore.query import compaction

    ws = options.opened(workspace)
    with Progress("compacting") as progress:
        done = compaction.compact(ws.path, compaction.GRACE if grace is None else grace, progress)
    if format_ == "json":
        output.print_json(asdict(done) | {"damaged": [{"path": path, "what": what} for path, what in done.damaged]})
    else:
        _print(done)
    if done.damaged:
        click.get_current_context().exit(1)


def _print(done: Compacted) -> None:
    for path, what in done.damaged:
        style.note(f"runstore: {safe(path)}: {safe(what)}; it stays as it is, `runstore check` says more")
    parts = [
        text
        for number, text in (
            (done.sealed, f"{done.sealed:,} sealed"),
            (done.merged, f"{done.merged:,} merged"),
            (done.removed, f"{figures.plural(done.removed, 'file')} removed"),
        )
        if number
    ]
    style.echo(f"{figures.plural(done.runs, 'run')}: {', '.join(parts) or 'nothing to do'}")
    if parts:
        style.echo(style.dim(f"{figures.size(done.bytes_before)} before, {figures.size(done.bytes_after)} now"))
