"""``runstore sync``: what remotes lack, sent there; once, or again and again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runstore.cli import options, sent, syncing
from runstore.cli.main import FAILED
from runstore.cli.progress import Bar, Waiting
from runstore.cli.sent import Outcome
from runstore.errors import RunstoreError

if TYPE_CHECKING:
    from runstore.sync.rules import Rules
    from runstore.sync.sending import How


@options.command(
    "sync", "runstore sync                         to all remotes", "runstore sync team -e mnist --dry-run",
    "runstore sync --watch --bandwidth 2MB",
)  # fmt: skip
@click.argument("remotes", nargs=-1, metavar="[REMOTE]...")
@click.option("--dry-run", is_flag=True, help="Only say what would be sent.")
@options.experiments
@options.run_ids
@options.where
@options.bandwidth
@click.option("--verify", is_flag=True, help="Ask the remote what it has, whatever is known of it, and compare.")
@click.option("--deletes", is_flag=True, help="Delete on MLflow servers too what is deleted here.")
@click.option("--watch", is_flag=True, help="Go on sending whatever comes, until Ctrl-C.")
@options.jobs
@options.as_json
def sync(
    remotes: tuple[str, ...], dry_run: bool, experiments: tuple[str, ...], run_ids: tuple[str, ...], where: str | None,
    bandwidth: str | None, verify: bool, deletes: bool, watch: bool, jobs: int, format_: str | None,
    workspace: Path | None,
) -> None:  # fmt: skip
    """Send what remotes lack.

    To all of them, or to those named. Legal at any moment, any number of times, for running runs too: what is there
    already is not sent again, and a sync that was cut short is gone on with by the next. Exits with 1 if a run failed
    or a remote could not be asked; runs that are there in part, because they go on, are no failure.
    """
    from runstore.sync import limit, sending
    from runstore.sync.rules import Rules

    path = options.opened(workspace).path
    names = chosen(path, remotes)
    asked = Rules(experiments=experiments, where=where or "", runs=run_ids)
    rate = limit.Limit(limit.parse(bandwidth)) if bandwidth else None
    patience = sending.BRIEF if watch else sending.USUAL
    how = sending.How(dry_run, verify, jobs, rate, patience=patience, deletes=deletes)
    if watch:
        if dry_run or verify:
            raise click.UsageError("--watch sends what comes: neither --dry-run nor --verify goes with it")
        code = FAILED if syncing.watch(path, names, lambda one, bar: _turn(path, one, asked, how, bar), format_) else 0
    else:
        done = [_once(path, one, asked, how) for one in names]
        sent.show(done, dry_run, format_)
        code = FAILED if any(one.trouble for one in done) else 0
        syncing.tidy(path, done)
    click.get_current_context().exit(code)


def chosen(path: Path, given: Sequence[str]) -> list[str]:
    """The names of the remotes that are meant, each once: all of them where none was named.

    Raises:
        UsageError: there is none, or none of such a name.
    """
    from runstore.sync import remotes

    there = remotes.every(path)
    if not there:
        remotes.named(path)
    for name in set(given) - set(there):
        remotes.named(path, name)
    return list(dict.fromkeys(given or there))


def _once(path: Path, name: str, asked: Rules, how: How) -> Outcome:
    """Send to one remote; what goes wrong with it is told, and keeps none of the others waiting."""
    with Waiting(f"looking what {name} lacks") as waiting, Bar(f"sending to {name}", sizes=True) as bar:

        def progress(done: int, total: int) -> None:
            waiting.stop()
            bar(done, total)

        try:
            return _turn(path, name, asked, how, progress)
        except (RunstoreError, OSError) as problem:
            return Outcome(name, error=str(problem))


def _turn(path: Path, name: str, asked: Rules, how: How, bar: Callable[[int, int], None]) -> Outcome:
    from runstore.sync import remotes, sending

    known = remotes.named(path, name)
    pushed = sending.send(path, known, asked, replace(how, progress=bar))
    return Outcome(name, pushed, units=("batch", "batches") if known.kind == "mlflow" else ("segment", "segments"))
