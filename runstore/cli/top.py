"""``runstore top``: runs and their curves in the terminal, live."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from runstore.cli import options, style
from runstore.errors import UsageError


@options.command("top", "runstore top", "runstore top -e mnist -m loss -m acc", "ssh gpu-box -t runstore top -w runs")
@options.experiment
@options.where
@click.option(
    "-m", "--metric", "metrics", multiple=True, metavar="NAME",
    help="Only show this metric. Repeatable. Default: those that most runs have first.",
)  # fmt: skip
def top(workspace: Path | None, experiment: str | None, where: str | None, metrics: tuple[str, ...]) -> None:
    """Watch runs and their curves in the terminal, live.

    Needs Textual: pip install 'runstore[tui]'. `?` lists the keys. docs/top.md says more.
    """
    try:
        from runstore.view.terminal.app import Top
        from runstore.view.terminal.wanted import Wanted
    except ModuleNotFoundError as problem:
        missing = (problem.name or "").partition(".")[0]
        if missing == "runstore":
            raise
        raise UsageError(f"top needs {missing or 'a library'}: pip install 'runstore[tui]'") from None
    ws = options.opened(workspace)
    if not _can_draw():
        raise UsageError("top needs a terminal to draw in; `runstore runs` and `runstore plot` print")
    wanted = Wanted(experiment=experiment, where=where or "", given=metrics)
    page = Top(ws, wanted, ws.refresh if ws.mirrors else None)
    page.run()
    if page.return_code:
        raise click.exceptions.Exit(page.return_code)


def _can_draw() -> bool:
    """Whether somebody looks, and can press keys."""
    return style.watched() and sys.stdin.isatty()
