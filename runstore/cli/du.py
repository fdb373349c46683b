"""``runstore du``: where the bytes of a workspace are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runstore.cli import figures, options, output, style, table
from runstore.cli.progress import Bar
from runstore.cli.table import Column
from runstore.cli.text import safe
from runstore.query.listing import short

if TYPE_CHECKING:
    from runstore.query.usage import Usage, Used

SHOWN = 25


@options.command("du", "runstore du", "runstore du --runs -e mnist", "runstore du --json")
@options.experiment
@click.option("--runs", is_flag=True, help="A line for each run, the largest first, in place of each experiment.")
@click.option(
    "--limit", type=click.IntRange(min=0), metavar="N",
    help=f"Show at most N lines; 0: all. Default: {SHOWN} on a terminal, all in a pipe.",
)  # fmt: skip
@options.as_json
def du(experiment: str | None, runs: bool, limit: int | None, format_: str | None, workspace: Path | None) -> None:
    """Show how many bytes experiments, or runs, take, by kind.

    What several runs use is stored once and counted for one of them; `uses` says how much a run uses that is counted
    for another. Deleted runs count as well.
    """
    from runstore.query import usage

    path = options.opened(workspace).path
    with Bar("counting") as bar:
        found = usage.usage(path, bar)
    if experiment is not None:
        found.runs = [run for run in found.runs if run.experiment == experiment]
    if format_ == "json":
        output.print_json(_data(found, experiment is None))
        return
    for doubt in found.doubts:
        style.note(f"runstore: {safe(doubt)}; what it uses may be shown as unused")
    if limit is None and style.watched():
        limit = SHOWN
    _print(
        found, list(found.runs) if runs else list(found.experiments().values()), runs, limit or None, experiment is None
    )


def _data(found: Usage, whole: bool) -> dict[str, Any]:
    def told(used: Used) -> dict[str, Any]:
        return {"bytes": used.bytes, **asdict(used)}

    experiments = {name: told(one) for name, one in found.experiments().items()}
    for one in experiments.values():
        for field in ("run_id", "experiment", "deleted", "shared", "elsewhere"):
            del one[field]
    data: dict[str, Any] = {"experiments": experiments, "runs": [told(run) for run in found.runs]}
    if whole:
        rest = told(found.rest)
        data = {"bytes": found.bytes, **data, "rest": {"bytes": rest["bytes"], "kinds": rest["kinds"]}}
    return data


def _print(found: Usage, lines: Sequence[Used], runs: bool, limit: int | None, whole: bool) -> None:
    from runstore.query.usage import KINDS

    rest = [found.rest] if whole and found.rest.bytes else []
    shown = [*lines[:limit], *rest]
    columns = [Column("run" if runs else "experiment", [_name(one, runs, found) for one in shown], weight=100)]
    columns.append(_sizes("bytes", [one.bytes for one in shown], 99))
    for at, kind in enumerate(KINDS):
        sizes = [one.kinds.get(kind, 0) for one in shown]
        if any(sizes):
            columns.append(_sizes(kind, sizes, 90 - at))
    columns.append(Column("files", [figures.count(one.files) for one in shown], right=True, weight=50))
    if any(one.elsewhere for one in shown):
        columns.append(Column("uses", [_uses(one) for one in shown], weight=60))
    drawn, hidden = table.render(columns, style.columns())
    for line in drawn:
        style.echo(line)
    style.echo(style.dim(_total(found, lines, runs, limit, whole)))
    if hidden:
        style.echo(style.dim(table.left_out(hidden, "--json has them")))


def _name(one: Used, runs: bool, found: Usage) -> str:
    if one is found.rest:
        return "(no run's)"
    if not runs:
        return safe(one.experiment)
    return safe(short(one.run_id) or "(unreadable)") + (" (deleted)" if one.deleted else "")


def _sizes(title: str, sizes: Sequence[int], weight: float) -> Column:
    return Column(title, [figures.size(size) if size else "" for size in sizes], right=True, weight=weight)


def _uses(one: Used) -> str:
    """How much of what it uses is counted for whom."""
    if not one.elsewhere:
        return ""
    most = max(one.elsewhere, key=lambda run_id: one.elsewhere[run_id])
    more = f" and {len(one.elsewhere) - 1} more" if len(one.elsewhere) > 1 else ""
    return f"{figures.size(sum(one.elsewhere.values()))} of {safe(short(most)) or 'models'}{more}"


def _total(found: Usage, lines: Sequence[Used], runs: bool, limit: int | None, whole: bool) -> str:
    size = found.bytes if whole else sum(run.bytes for run in found.runs)
    counted = figures.plural(len(lines), "run" if runs else "experiment")
    cut = "" if limit is None or limit >= len(lines) else f"{limit:,} of "
    gone = sum(run.bytes for run in found.runs if run.deleted)
    waiting = f", {figures.size(gone)} of them in deleted runs" if gone else ""
    return f"{figures.size(size)} in all{waiting}; {cut}{counted}" + ("; --limit 0 shows all" if cut else "")
