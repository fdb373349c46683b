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
from runstore.errors import Damaged, NotAWorkspace, RunNotFound, UsageError
from runstore.format import names

if TYPE_CHECKING:
    from runstore.query.check import Finding
    from runstore.query.repair_aside import Repaired

_INDENT = " " * 8
_SHOWN = 40  # of what is saved, lost or left
_MARKS = {
    "damage": ("damage", "red"), "note": ("note", ""),
    "saved": ("saved", "green"), "lost": ("lost", "red"), "left": ("left", "red"),
}  # fmt: skip


@options.command("check", "runstore check", "runstore check 1a2b3c --json", "runstore check --repair --dry-run")
@click.argument("run", required=False, metavar="[RUN]")
@click.option("--repair", is_flag=True, help="Save what can be saved, name what can't, put what is damaged aside.")
@click.option("--dry-run", is_flag=True, help="With --repair: only tell what that would do.")
@options.as_json
def check(run: str | None, repair: bool, dry_run: bool, format_: str | None, workspace: Path | None) -> None:
    """Recompute every checksum of the workspace, or of one RUN.

    Names every file that is not as it was written, or is missing, and its run; then the exit code is 1. Notes (what a
    killed process left over, files that nobody knows, what is known to be lost) don't count. Nothing is changed without
    `--repair`; with it the exit code is 0 if everything is as it was before the damage, 1 if anything is lost.
    """
    from runstore.query import check as checking

    if dry_run and not repair:
        raise UsageError("--dry-run tells what a repair would do; give --repair too")
    place = _place(workspace)
    if repair:
        _repair(place, _run_id(place, run) if run is not None else None, dry_run, format_ == "json")
        return
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


def _repair(place: Path, run_id: str | None, dry: bool, as_json: bool) -> None:
    from runstore.query import repair, repair_dry

    with warnings.catch_warnings(), Bar("checking") as bar:
        warnings.simplefilter("ignore")
        done = (repair_dry.rehearse if dry else repair.repair)(place, run_id, bar)
    if as_json:
        aside = [{"path": path, "bytes": size} for path, size in done.aside]
        told = {name: [asdict(one) for one in getattr(done, name)] for name in ("saved", "lost", "left")}
        output.print_json({"whole": done.whole, "done": not dry, **told, "aside": aside, "place": done.place})
    else:
        for mark, told_of in (("saved", done.saved), ("lost", done.lost), ("left", done.left)):
            for one in told_of[:_SHOWN]:
                _tell(_MARKS[mark], one.path, one.run_id, one.what)
            if len(told_of) > _SHOWN:
                style.echo(style.dim(f"{mark:6}  {len(told_of) - _SHOWN} more; --json tells all of them"))
        style.echo(_outcome(done, dry))
    if not done.whole:
        click.get_current_context().exit(FAILED)


def _outcome(done: Repaired, dry: bool) -> str:
    """The last line, or two: how it stands, and where the damaged files are."""
    size = figures.size(sum(size for _, size in done.aside))
    kept = f"{figures.plural(len({path for path, _ in done.aside}), 'damaged file')} ({size})"
    verb = "would be " if dry else ""
    aside = style.dim(f"{kept} {verb}kept in {done.place or names.DAMAGED}") if done.aside else ""
    if not (done.saved or done.lost or done.left or done.aside):
        return f"{style.paint('nothing is damaged', 'green')}: nothing to repair"
    if done.whole:
        head = style.paint(f"everything {'would be' if dry else 'is'} whole again", "green")
    else:
        parts = [f"{len(done.lost)} lost"] * bool(done.lost) + [f"{len(done.left)} not repaired"] * bool(done.left)
        head = style.paint(", ".join(parts), "red", bold=True) + f", {len(done.saved)} saved"
    return f"{head}\n{aside}" if aside else head


def _place(given: Path | None) -> Path:
    """The workspace's directory, also where workspace.json is what is damaged or missing."""
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
    from runstore.query import catalog, lookup
    from runstore.runs import attempts

    if text and attempts.there(place / names.run_dir(text)):
        return text
    found = lookup.named(catalog.of(place), text)
    if len(found) != 1 or not text:
        raise RunNotFound(f"{len(found) or 'no'} run ids begin with {text!r} in {place}; `runstore runs` lists them")
    return found[0]


def _print(finding: Finding, damage: bool) -> None:
    """Two lines: where, and what."""
    _tell(_MARKS["damage" if damage else "note"], finding.path, finding.run_id, finding.what)


def _tell(mark: tuple[str, str], path: str, run_id: str, what: str) -> None:
    word, colour = mark
    shown = style.paint(f"{word:6}", colour, bold=True) if colour else style.dim(f"{word:6}")
    style.echo(f"{shown}  {safe(path)}")
    of = f"run {run_id}: " if run_id else ""
    for line in _wrapped(safe(of + what)):
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
