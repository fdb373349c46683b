"""As of a time: what was recorded by then, by its writer's clock, and what can't be told any more."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from runstore.errors import UsageError
from runstore.query import thinned
from runstore.runs import past, state, tombstones
from runstore.runs.past import Past
from runstore.runs.state import RunState

Time: TypeAlias = "datetime | str"
_NAMED = 5  # runs in a warning
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def until(given: Time | None) -> int | None:
    """The last nanosecond that counts: of the microsecond given, for that is how exact the views are.

    Args:
        given: a ``datetime``, or ISO 8601 text such as ``2026-03-01`` or ``2026-03-01T12:00+01:00``; without a zone
            it is UTC. None for now.

    Raises:
        UsageError: it is neither.
    """
    if given is None:
        return None
    try:
        when = datetime.fromisoformat(given.strip()) if isinstance(given, str) else given
        since = (when if when.tzinfo else when.replace(tzinfo=UTC)) - _EPOCH
    except (ValueError, AttributeError, TypeError):
        raise UsageError(f"as_of: {given!r} is no time; give a datetime or text such as 2026-03-01T12:00") from None
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000 + 999


def of(until: int | None) -> Past | None:
    """What folds a run as of then."""
    return None if until is None else Past(until, _last_logged)


def whole(run: RunState, until: int) -> bool:
    """Whether everything there is of a run that has ended was there by then."""
    if run.newest > until or any((part.ended or 0) > until for part in run.writers):
        return False
    silent = any(part.error == state.VANISHED for part in run.writers)
    return run.settled and not (silent and past.newest(run.inventory) > until)


def whole_since(run: RunState) -> int | None:
    """From when on a settled run is whole, its summary too (``Points.sealed_later``); None: its points have to say."""
    if len(run.attempts) > 1:
        return None
    times = [run.newest, *(part.ended or 0 for part in run.writers), *run.inventory.latest.values()]
    times.append(thinned.since(run.inventory))
    if any(part.error == state.VANISHED for part in run.writers):
        times.append(past.newest(run.inventory))
    return max(times)


def warn_of_removed(workspace: Path, until: int, experiments: Collection[str] | None) -> None:
    """Name the runs that were there then and were removed for good since: nothing but that is known of them.

    Args:
        workspace: the workspace's directory.
        until: the time that is asked about.
        experiments: the only ones that matter, None for all.
    """
    gone = sorted(
        run_id
        for run_id, body in tombstones.every(workspace).items()
        if (body.get("started") or 0) <= until < (body["deleted"] or 0)
        and (experiments is None or body["experiment"] in experiments)
    )
    _warn(
        gone,
        "was there then and has been removed since; it is left out",
        "were there then and have been removed since; they are left out",
    )


def warn_of_thinned(runs: Iterable[RunState], until: int) -> None:
    """Name the runs whose curves had more points then."""
    found = sorted(run.run_id for run in runs if thinned.since(run.inventory) > until)
    thinned_since = "had more points then: {} curves have been thinned since"
    _warn(found, thinned_since.format("its"), thinned_since.format("their"))


def _warn(run_ids: Sequence[str], of_one: str, of_many: str) -> None:
    """Warn of runs, a handful of them by name."""
    if len(run_ids) == 1:
        warnings.warn(f"run {run_ids[0]} {of_one}", stacklevel=3)
    elif run_ids:
        named = ", ".join(run_ids[:_NAMED]) + (" ..." if len(run_ids) > _NAMED else "")
        warnings.warn(f"{len(run_ids):,} runs {of_many}: {named}", stacklevel=3)


def condition(until: int) -> str:
    """What is true of the rows whose ``time`` had come."""
    return f"time <= make_timestamp({until // 1000})"


def _last_logged(run: RunState, writer: str) -> int:
    from runstore.query import recount  # needs all that lists runs

    return recount.last_logged(run, writer)
