"""What the rules of ``runstore rm --keep-...`` come to, shown."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from runstore.cli import figures, output, style, table
from runstore.cli.table import Column
from runstore.cli.text import safe
from runstore.query.listing import short

if TYPE_CHECKING:
    from runstore.query.retaining import Retention

SHOWN = 25
_WHY = {
    "best": "best by {metric}", "recent": "of the last {days:g} days", "tag": "tagged", "model": "with a model",
    "not ended": "not ended", "tree": "of their trees",
}  # fmt: skip


def show(found: Retention, metric: str | None, days: float | None, format_: str | None) -> None:
    """Print the runs that go, how many stay and why, and what to do next."""
    if format_ == "json":
        output.print_json(_data(found))
        return
    _going(found)
    reasons = Counter(rule for one in found.kept for rule in {reason.rule for reason in one.why})
    told = [
        f"{reasons[rule]:,} {text.format(metric=safe(metric or ''), days=days or 0)}"
        for rule, text in _WHY.items()
        if reasons[rule]
    ]
    if told:
        style.echo(style.dim(f"{figures.plural(len(found.kept), 'run')} stay: {', '.join(told)}"))
    runs = figures.plural(len(found.going), "run")
    if not found.going:
        style.echo("every run stays; nothing to delete")
    elif found.done:
        style.echo(f"{runs} deleted; `runstore restore RUN` undoes it")
    else:
        style.echo(f"{runs} with {figures.size(found.bytes)} would be deleted; --yes does it")


def _data(found: Retention) -> dict[str, Any]:
    going = [
        {
            "run_id": one.run_id,
            "experiment": one.experiment,
            "status": one.status,
            "started": one.started,
            "bytes": one.bytes,
        }
        for one in found.going
    ]
    kept = [
        {"run_id": one.run_id, "experiment": one.experiment, "why": [reason._asdict() for reason in one.why]}
        for one in found.kept
    ]
    return {"done": found.done, "bytes": found.bytes, "going": going, "kept": kept}


def _going(found: Retention) -> None:
    limit = SHOWN if style.watched() else None
    shown = found.going[:limit]
    if not shown:
        return
    columns = [
        Column("run", [safe(short(one.run_id)) for one in shown], weight=100),
        Column("experiment", [safe(one.experiment) for one in shown], weight=90),
        Column("status", [one.status for one in shown], weight=50),
        Column("started", [figures.ago(one.started) for one in shown], weight=80),
        Column("bytes", [figures.size(one.bytes) for one in shown], right=True, weight=70),
    ]
    for line in table.render(columns, style.columns())[0]:
        style.echo(line)
    if len(shown) < len(found.going):
        style.echo(style.dim(f"... and {len(found.going) - len(shown):,} more; --json has them"))
