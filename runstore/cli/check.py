"""``runstore check``: every checksum of the workspace, recomputed."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runstore.cli import figures, options, output, style
from runstore.cli.main import FAILED
from runstore.cli.progress import Bar
from runstore.cli.text import safe
from runstore.errors import Damaged, NotAWorkspace, RunNotFound

if TYPE_CHECKING:
    from runstore.query.check import Finding

_INDENT = " " * 8


@options.command("check", "runstore check", "runstore check 1a2b3c --json")
@click.argument("run", required=False, metavar="[RUN]")
@options.as_json
def check(run: str | None, format_: str | None, workspace: Path | None) -> None:
    """Recompute every checksum of the workspace, or of one RUN.

    Names every file that is not as it was written, or is missing, and its run; then the exit code is 1. Notes (what a
    killed process left over, files that nobody knows) lose nothing and don't count. Nothing is changed.
    """
    from runstore.query import check as checking

    place = _place(workspace)
    with warnings.catch_warnings(), Bar("checking") as bar:
        warnings.simplefilter("ignore")  # whatever a listing would warn of is found here, and more
        found = checking.check(place, _run_id(place, run) if run is not None else None, bar)
    damaged = [finding for finding in found if finding.severity == checking.DAMAGE]
    if format_ == "json":
        output.print_json({"ok": not damaged, "damage": len(damaged), "findings": [asdict(one) for one in found]})
    else:
        for finding in found:
            _print(finding, finding.severity == checking.DAMAGE)
        checked = f"run {run}" if run is not None else figures.plural(bar.total, "run")
        style.echo(_summary(damaged, len(found) - len(damaged), safe(checked)))
    if damaged:
        click.get_current_context().exit(FAILED)


def _place(given: Path | None) -> Path:
    """The workspace's directory, also where workspace.json is what is damaged or missing."""
    from runstore.format import names
    from runstore.runs import workspace

    try:
        return options.opened(given).path
    except Damaged:
        return (given or workspace.find()).absolute()
    except NotAWorkspace:
        place = (given or workspace.find()).absolute()
        if (place / names.RUNS).is_dir() and (place / names.EXPERIMENTS).is_dir():
            return place
        raise


def _run_id(place: Path, text: str) -> str:
    """The whole id: a run whose facts are beyond reading is still found by all of it."""
    from runstore.format import names
    from runstore.query import listing
    from runstore.runs import attempts

    if text and attempts.there(place / names.run_dir(text)):
        return text
    found = [run.run_id for run in listing.runs(place) if run.run_id.startswith(text)]
    if len(found) != 1 or not text:
        raise RunNotFound(f"{len(found) or 'no'} run ids begin with {text!r} in {place}; `runstore runs` lists them")
    return found[0]


def _print(finding: Finding, damage: bool) -> None:
    """Two lines: where, and what."""
    mark = style.paint("damage", "red", bold=True) if damage else style.dim("note  ")
    style.echo(f"{mark}  {safe(finding.path)}")
    of = f"run {finding.run_id}: " if finding.run_id else ""
    for line in _wrapped(safe(of + finding.what)):
        style.echo(line)


def _wrapped(text: str) -> Iterator[str]:
    total = style.columns()
    if total is None or len(text) + len(_INDENT) <= total:
        yield _INDENT + text
    else:
        yield from textwrap.wrap(text, max(total, 40), initial_indent=_INDENT, subsequent_indent=_INDENT)


def _summary(damaged: Sequence[Finding], notes: int, checked: str) -> str:
    tail = style.dim(f", {figures.plural(notes, 'note')}") if notes else ""
    if not damaged:
        return f"{style.paint('nothing is damaged', 'green')}: {checked} checked{tail}"
    places = f"damage in {figures.plural(len({finding.path for finding in damaged}), 'place')}"
    return f"{style.paint(places, 'red', bold=True)}: {checked} checked{tail}"
