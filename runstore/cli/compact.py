"""``runstore compact``: fewer and smaller files, the same answers."""

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
    from runstore.query.compaction import Compacted


@options.command("compact", "runstore compact", "runstore compact --grace 0      when nobody is reading")
@click.option(
    "--grace", type=click.FloatRange(min=0), default=600.0, show_default=True, metavar="SECONDS",
    help="How long replaced files stay for those who are reading them.",
)  # fmt: skip
@options.as_json
def compact(grace: float, workspace: Path | None, format_: str | None) -> None:
    """Seal finished runs, merge their files and put them into blocks.

    Waits for sealing at work; running runs are left alone. Files go when their block has been there for the grace:
    by the next compact, or by this one with --grace 0. Exits with 1 if some run could not be compacted.
    """
    from runstore.query import catalog, compaction

    path = options.opened(workspace).path
    with Bar("compacting") as bar:
        done = compaction.compact(path, grace, bar)
    catalog.prepare(path)
    if format_ == "json":
        data = asdict(done)
        data["damaged"] = [{"run": run, "what": what} for run, what in done.damaged]
        output.print_json(data)
    else:
        for run, what in done.damaged:
            style.note(f"runstore: {safe(run)}: {safe(what)}; left as it is, `runstore check` says more")
        style.echo(_summary(done))
    if done.damaged:
        click.get_current_context().exit(FAILED)


def _summary(done: Compacted) -> str:
    parts = [
        text
        for count, text in (
            (done.sealed, f"{done.sealed:,} sealed"),
            (done.merged, f"{done.merged:,} merged"),
            (done.blocked, f"{done.blocked:,} put into blocks"),
            (done.removed, f"{figures.plural(done.removed, 'file')} removed"),
        )
        if count
    ]
    if not parts:
        return f"{figures.plural(done.runs, 'run')}: nothing to do ({figures.size(done.bytes_after)}{_blocks(done)})"
    sizes = f"{figures.size(done.bytes_before)} in {figures.plural(done.files_before, 'file')}"
    sizes += f" -> {figures.size(done.bytes_after)} in {figures.plural(done.files_after, 'file')}{_blocks(done)}"
    return f"{figures.plural(done.runs, 'run')}: {', '.join(parts)}; {sizes}"


def _blocks(done: Compacted) -> str:
    """What is added where there are blocks."""
    return f", {figures.plural(done.blocks, 'block')}" if done.blocks else ""
