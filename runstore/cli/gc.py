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

_WHAT = {
    "content": "content that nothing refers to",
    "replaced": "files that others have replaced",
    "temporary": "files that never became whole",
    "job": "jobs of runs that have ended",
    "lock": "locks of processes that are gone",
    "index": "the index of packs",
}


@options.command("gc", "runstore gc              tells what would go", "runstore gc --yes", "runstore gc --yes --now")
@click.option("--yes", is_flag=True, help="Do it. Without it nothing is changed.")
@click.option("--now", is_flag=True, help="Also runs that were deleted in the last 7 days.")
@options.as_json
def gc(yes: bool, now: bool, workspace: Path | None, format_: str | None) -> None:
    """Remove what nobody needs any more.

    Runs that were deleted 7 days ago, content that nothing refers to, leftovers: tells what would go and how many bytes
    that gives; `--yes` does it. Removed runs can't be restored. Safe beside runs that go on and whoever reads. Exits
    with 1 if something is in the way, such as damage.
    """
    from runstore.query import collecting, removing

    path = options.opened(workspace).path
    grace = 0.0 if now else removing.GRACE
    if yes:
        with Bar("collecting") as bar:
            found = collecting.collect(path, grace, progress=bar)
    else:
        with Spinner() as spinner:
            spinner("looking")
            found = collecting.plan(path, grace)
    if format_ == "json":
        output.print_json({"done": yes, "bytes": found.bytes, **_named(found)})
    else:
        _print(found, yes)
    if found.trouble:
        click.get_current_context().exit(FAILED)


def _named(found: Collected) -> dict[str, object]:
    return {
        "parts": [asdict(part) for part in found.parts],
        "kept": [{"what": what, "why": why} for what, why in found.kept],
        "trouble": [{"what": what, "why": why} for what, why in found.trouble],
    }


def _print(found: Collected, done: bool) -> None:
    for part in found.parts:
        if part.kind == "run":
            style.echo(f"{_size(part.bytes)}  run {safe(short(part.run_id) or part.path)}")
    for line in _lines([part for part in found.parts if part.kind != "run"]):
        style.echo(line)
    for what, why in found.kept:
        style.echo(style.dim(f"{'stays':>9}  {safe(what)}: {safe(why)}"))
    for what, why in found.trouble:
        style.note(f"runstore: {safe(what)}: {safe(why)}")
    if not found.parts:
        style.echo("nothing to remove")
    elif done:
        style.echo(f"{figures.size(found.bytes)} freed")
    else:
        style.echo(f"{figures.size(found.bytes)} would be freed; --yes does it")


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


def _size(value: int) -> str:
    return f"{('-' if value < 0 else '') + figures.size(abs(value)):>9}"
