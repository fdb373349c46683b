"""``runstore cancel``: end runs from outside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from runstore.cli import options, style, watch
from runstore.cli.main import FAILED
from runstore.cli.progress import Spinner
from runstore.cli.text import safe
from runstore.query.listing import short
from runstore.runs.state import TERMINAL

if TYPE_CHECKING:
    from runstore import Run


@options.command("cancel", "runstore cancel mnist_1764067000", "runstore cancel 3f2a 91bc")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
def cancel(runs: tuple[str, ...], workspace: Path | None) -> None:
    """End runs from outside, and wait until their processes are gone.

    RUN is any unique beginning of a run's id. What a run has logged and written by then is kept. Of a run that was not
    submitted only the record ends; its process learns of it when it asks. Exits with 1 if one of them had ended before.
    """
    ws = options.opened(workspace)
    late = [run for run in options.chosen(ws, runs) if not _canceled(run)]
    if late:
        click.get_current_context().exit(FAILED)


def _canceled(run: Run) -> bool:
    """Cancel a run; whether it was this that ended it."""
    title = f"run {safe(short(run.id))}"
    if run.status not in TERMINAL:
        with Spinner() as spinner:
            spinner("ending its processes")
            run.cancel()
        if run.status == "Canceled":
            style.echo(f"{title} is canceled{_rest(run)}")
            return True
    style.note(f"{title} {watch.how(run)}")
    return False


def _rest(run: Run) -> str:
    """What goes on all the same."""
    found = run._folded()
    if not found.definition:
        return "; it was not submitted, so its process goes on until it asks"
    gone = all(writer.settled for writer in found.writers if writer.opener)
    return "" if gone else "; its launcher does not answer, so its processes may go on"
