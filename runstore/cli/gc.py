"""``runstore gc``: what nobody needs any more, told first, removed when that is said."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runstore.cli import figures, options, output, style
from runstore.cli.main import FAILED
from runstore.cli.progress import Bar, Spinner
from runstore.cli.text import safe
from runstore.query.listing import short

if TYPE_CHECKING:
    from runstore.query.collecting import Collected, Part
    from runstore.query.thinning import Thinning

_WHAT = {
    "content": "content that nothing refers to",
    "replaced": "files that others have replaced",
    "temporary": "files that never became whole",
    "job": "jobs of runs that have ended",
    "lock": "locks of processes that are gone",
    "index": "the index of packs",
    "block": "blocks made anew without removed runs",
}


@options.command(
    "gc", "runstore gc              tells what would go", "runstore gc --yes", "runstore gc --yes --now",
    "runstore gc --thin 1000 --older-than 30",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Do it. Without it nothing is changed.")
@click.option("--now", is_flag=True, help="Also runs that were deleted in the last 7 days.")
@click.option(
    "--thin", type=click.IntRange(min=16), metavar="POINTS",
    help="Also of long curves all but so many points that keep their shape; that can't be undone.",
)  # fmt: skip
@click.option(
    "--older-than", type=click.FloatRange(min=0), default=30, show_default=True, metavar="DAYS",
    help="With --thin: only of runs that ended longer ago.",
)  # fmt: skip
@options.as_json
def gc(yes: bool, now: bool, thin: int | None, older_than: float, workspace: Path | None, format_: str | None) -> None:
    """Remove what nobody needs any more.

    Runs that were deleted 7 days ago, content that nothing refers to, leftovers: tells what would go and how many bytes
    that gives; `--yes` does it. Removed runs can't be restored; where there are remotes, runs that none of them has are
    named. Safe beside runs that go on and whoever reads. Exits with 1 if something is in the way, such as damage.

    `--thin` reduces long curves of old runs first: their ends and every peak stay, and all figures (last, min, max,
    mean, counts) are still those of what was logged.
    """
    from runstore.query import collecting, removing

    path = options.opened(workspace).path
    thinned = _thin(path, thin, older_than, yes) if thin is not None else None
    grace = 0.0 if now else removing.GRACE
    if yes:
        with Bar("collecting") as bar:
            found = collecting.collect(path, grace, progress=bar)
    else:
        with Spinner() as spinner:
            spinner("looking")
            found = collecting.plan(path, grace)
    if thinned is not None:
        found.trouble[:0] = [(f"run {run_id}", why) for run_id, why in thinned.trouble]
    if format_ == "json":
        thinner = {"thinned": [asdict(run) for run in thinned.runs]} if thinned is not None else {}
        output.print_json({"done": yes, "bytes": found.bytes, **thinner, **_named(found)})
    else:
        _print(found, thinned, yes)
    if found.trouble:
        click.get_current_context().exit(FAILED)


def _thin(path: Path, points: int, days: float, yes: bool) -> Thinning:
    from runstore.query import thinning

    with Bar("thinning") as bar:
        return thinning.thin(path, thinning.Asked(points, days), not yes, bar)


def _named(found: Collected) -> dict[str, object]:
    return {
        "parts": [asdict(part) for part in found.parts],
        "kept": [{"what": what, "why": why} for what, why in found.kept],
        "trouble": [{"what": what, "why": why} for what, why in found.trouble],
    }


def _print(found: Collected, thinned: Thinning | None, done: bool) -> None:
    if thinned is not None and thinned.runs:
        points = sum(run.points - run.kept for run in thinned.runs)
        style.echo(f"{_size(thinned.bytes)}  {points:,} points of {figures.plural(len(thinned.runs), 'run')}")
    for part in found.parts:
        if part.kind == "run":
            alone = ", which no remote has" if part.only else ""
            style.echo(f"{_size(part.bytes)}  run {safe(short(part.run_id) or part.path)}{alone}")
    lone = [part for part in found.parts if part.only]
    if lone:
        count = figures.plural(len(lone), "run")
        style.echo(style.dim(f"{_size(sum(part.bytes for part in lone))}  of these in {count} that no remote has"))
    for line in _lines([part for part in found.parts if part.kind != "run"]):
        style.echo(line)
    for what, why in found.kept:
        style.echo(style.dim(f"{'stays':>9}  {safe(what)}: {safe(why)}"))
    for what, why in found.trouble:
        style.note(f"runstore: {safe(what)}: {safe(why)}")
    later = thinned.bytes if thinned is not None else 0
    if not found.parts and not later:
        style.echo("nothing to remove")
    elif not done:
        style.echo(f"{figures.size(found.bytes + later)} would be freed; --yes does it")
    elif found.parts:
        style.echo(_freed(found.bytes))
    if done and later:
        style.echo(f"{figures.size(later)} more will go with a gc in 10 minutes or later")


def _lines(parts: list[Part]) -> list[str]:
    """What is no run, added up by kind."""
    sizes: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for part in parts:
        sizes[part.kind] += part.bytes
        counts[part.kind] += 1
    return [
        f"{_size(sizes[kind])}  {what}" + (f" ({figures.count(counts[kind])})" if counts[kind] > 1 else "")
        for kind, what in _WHAT.items()
        if counts[kind]
    ]


def _freed(value: int) -> str:
    if value >= 0:
        return f"{figures.size(value)} freed"
    return f"{figures.size(-value)} more for now: the next gc, from 10 minutes from now, removes what was made anew"


def _size(value: int) -> str:
    return f"{('-' if value < 0 else '') + figures.size(abs(value)):>9}"
