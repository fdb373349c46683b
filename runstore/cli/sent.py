"""What a sync has come to: for people, run by run where there is something to say, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runstore.cli import figures, output, style
from runstore.cli.text import elide, safe

if TYPE_CHECKING:
    from runstore.sync.push import Pushed

SHOWN = 20  # runs of which something is said, for each remote; --json has them all


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of sending to a remote: what was sent, or why nothing could be."""

    name: str
    pushed: Pushed | None = None
    error: str = ""
    units: tuple[str, str] = ("segment", "segments")  # what is sent; of an MLflow server, batches

    @property
    def bytes(self) -> int:
        """How many were sent."""
        return self.pushed.sent_bytes if self.pushed is not None else 0

    @property
    def ok(self) -> Sequence[str]:
        """The runs that are there."""
        return self.pushed.ok if self.pushed is not None else []

    @property
    def partial(self) -> dict[str, str]:
        """The runs of which something is here still, and why."""
        return self.pushed.partial if self.pushed is not None else {}

    @property
    def failed(self) -> dict[str, str]:
        """The runs that could not be sent, and why."""
        return self.pushed.failed if self.pushed is not None else {}

    @property
    def trouble(self) -> bool:
        """Whether something has failed."""
        return bool(self.error or self.failed)


def show(done: Sequence[Outcome], dry_run: bool, format_: str | None) -> None:
    """Print what came of it."""
    if format_ == "json":
        output.print_json(data(done))
        return
    for one in done:
        for line in lines(one, dry_run):
            style.echo(line)


def show_turn(one: Outcome, format_: str | None) -> None:
    """Print what came of one turn of many, at once."""
    if format_ == "json":
        output.print_json_line(data([one]))
        return
    for line in lines(one, dry_run=False, partial=False):
        style.echo(line)


def data(done: Sequence[Outcome]) -> dict[str, Any]:
    """The same for programs: counts over all remotes, a run by the worst that is known of it; then each remote."""
    failed = {run_id for one in done for run_id in one.failed}
    partial = {run_id for one in done for run_id in one.partial} - failed
    ok = {run_id for one in done for run_id in one.ok} - failed - partial
    segments = sum(one.pushed.sent_segments for one in done if one.pushed is not None)
    return {
        "sent_segments": segments,
        "sent_bytes": sum(one.bytes for one in done),
        "runs": {"ok": len(ok), "partial": len(partial), "failed": len(failed)},
        "remotes": [_remote(one) for one in done],
    }


def _remote(one: Outcome) -> dict[str, Any]:
    pushed = one.pushed
    return {
        "name": one.name,
        "asked": pushed.asked if pushed is not None else True,
        "error": one.error or None,
        "sent_segments": pushed.sent_segments if pushed is not None else 0,
        "sent_bytes": one.bytes,
        "verified_bytes": pushed.verified_bytes if pushed is not None else 0,
        "ok": list(one.ok),
        "partial": one.partial,
        "failed": one.failed,
    }


def lines(one: Outcome, dry_run: bool, partial: bool = True) -> Iterator[str]:
    """What came of one remote: a line on all of it, then one for each run of which there is something to say."""
    name = style.bold(safe(one.name))
    if one.pushed is None:
        yield f"{name}: {style.paint('failed', 'red')}: {safe(one.error.removeprefix(f'{one.name}: '))}"
        return
    yield f"{name}: {_summary(one, dry_run)}"
    yield from _each("failed", "red", one.failed)
    if partial and not dry_run:  # which seals nothing, so that much seems to be here still
        yield from _each("partial", "yellow", one.partial)


def _summary(one: Outcome, dry_run: bool) -> str:
    assert one.pushed is not None
    whole, parts = (len(one.ok) + len(one.partial), 0) if dry_run else (len(one.ok), len(one.partial))
    failed = f"{figures.plural(len(one.failed), 'run')} failed" if one.failed else ""
    rest = [*([f"{figures.plural(parts, 'run')} in part"] if parts else []), *([failed] if failed else [])]
    read = [f"{figures.size(one.pushed.verified_bytes)} read back"] if one.pushed.verified_bytes else []
    coming = f"what is not sealed yet of {figures.plural(len(one.partial), 'run')}"
    if dry_run and one.partial and not one.pushed.sent_bytes:
        return "; ".join([f"{coming} would be sent", *rest, *read])
    if not one.pushed.sent_bytes and not one.pushed.sent_segments:
        return "; ".join(["nothing to send", *rest, *read])
    count = one.pushed.sent_segments
    segments = [f"{count:,} {one.units[count != 1]}"] if count else []
    what = ", ".join([*segments, figures.size(one.pushed.sent_bytes)])
    what += f" and {coming}" if dry_run and one.partial else ""
    runs = ", ".join([*([figures.plural(whole, "run")] if whole else []), *rest]) or "what is beside the runs"
    return "; ".join([runs, f"{what} {'would be sent' if dry_run else 'sent'}", *read])


def _each(word: str, colour: str, runs: Mapping[str, str]) -> Iterator[str]:
    if not runs:
        return
    from runstore.query.listing import short  # and with it DuckDB

    room = style.columns()
    for run_id, why in list(runs.items())[:SHOWN]:
        plain = f"  {word:<7}  {safe(short(run_id))}  "
        text = safe(" ".join(why.split()))
        yield f"  {style.paint(f'{word:<7}', colour)}  {safe(short(run_id))}  " + (
            elide(text, max(room - len(plain), 20)) if room is not None else text
        )
    if len(runs) > SHOWN:
        yield style.dim(f"  and {len(runs) - SHOWN:,} more {word}; --json names all")
