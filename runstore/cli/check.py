"""``runstore check``: is every byte as it was written?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runstore.cli import figures, options, output, style
from runstore.cli.main import FAILED
from runstore.cli.progress import Bar
from runstore.cli.text import safe
from runstore.errors import Damaged, RunNotFound

if TYPE_CHECKING:
    from runstore.query.audit import Finding


@options.command("check", "runstore check", "runstore check 3f2a --json")
@click.argument("run", required=False, metavar="[RUN]")
@options.as_json
def check(run: str | None, workspace: Path | None, format_: str | None) -> None:
    """Recompute every checksum of the workspace, or of one run. Changes nothing.

    Exits with 1 if bytes are not what was written, or are missing. A note is about something odd by which nothing is
    lost. RUN is any unique beginning of a run's id.
    """
    from runstore.query import check as checking

    path, run_id = _place(workspace, run)
    seen = 0
    with Bar("checking") as bar:

        def progress(done: int, total: int) -> None:
            nonlocal seen
            seen = total
            bar(done, total)

        found = checking.check(path, run_id, progress)
    damage = [finding for finding in found if finding.severity == checking.DAMAGE]
    if format_ == "json":
        findings = [asdict(finding) for finding in found]
        output.print_json({"ok": not damage, "damage": len(damage), "findings": findings})
    else:
        _show(found)
        what = "the run" if run_id is not None else figures.plural(seen, "run")
        style.echo(_verdict(what, len(damage), len(found) - len(damage)))
    if damage:
        click.get_current_context().exit(FAILED)


def _place(workspace: Path | None, run: str | None) -> tuple[Path, str | None]:
    """The workspace's directory, also where workspace.json is damaged, and the run's id, also where its facts are."""
    try:
        ws = options.opened(workspace)
    except Damaged:
        from runstore.runs.workspace import find

        return (workspace or find()).absolute(), run
    if run is None:
        return ws.path, None
    try:
        return ws.path, ws.get_run(run).id
    except RunNotFound:
        from runstore.format import names

        if not run or not (ws.path / names.run_dir(run)).is_dir():
            raise
        return ws.path, run


def _show(found: Sequence[Finding]) -> None:
    for finding in found:
        damage = finding.severity == "damage"
        word = style.paint("damage", "red", bold=True) if damage else style.dim("note  ")
        whose = style.dim(f"  (run {safe(finding.run_id)})") if finding.run_id else ""
        style.echo(f"{word}  {safe(finding.path)}")
        style.echo(f"        {safe(finding.what)}{whose}")
    if found:
        style.echo()


def _verdict(what: str, damage: int, notes: int) -> str:
    rest = f", {figures.plural(notes, 'note')}" if notes else ""
    if damage:
        return f"{what} checked: {style.paint(figures.plural(damage, 'damage'), 'red', bold=True)}{rest}"
    return f"{what} checked: {style.paint('no damage', 'green')}{rest}"
