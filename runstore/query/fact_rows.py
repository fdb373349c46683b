"""A run's facts and summaries as rows of the views, as plain JSON: times are microseconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runstore.query import fields, files, listing, summaries
from runstore.runs.models import ModelState
from runstore.runs.state import RunState

Row = dict[str, Any]
_WRITER = ("writer", "attempt", "rank", "host", "pid", "state", "dropped")
_PLAIN = (
    "parent_id", "type", "status", "points", "dropped", "warnings", "errors", "error", "host", "user", "archived",
)  # fmt: skip


def run(state: RunState) -> Row:
    """A row of ``runs``, without its number, its params and its last values."""
    return {
        **whose(state),
        "name": state.display_name or state.name,
        "started": micro(state.started),
        "ended": micro(state.ended),
        "attempts": len(state.attempts),
        "writers": len(state.writers),
        **{key: getattr(state, key) for key in _PLAIN},
        "tags": {key: listing.shown(listing.value(value)) for key, (value, _) in state.tags.items()},
    }


def params(state: RunState) -> Iterator[Row]:
    """Rows of ``params``."""
    for attempt in state.attempts:
        for key, leaf in attempt.params.items():
            yield {
                **whose(state), "attempt": attempt.number, "name": key, **fields.point(listing.value(leaf))
            }  # fmt: skip


def labels(state: RunState, of: Mapping[str, tuple[Any, int]]) -> Iterator[Row]:
    """Rows of ``tags`` or ``properties``."""
    for key, (value, time) in of.items():
        yield {**whose(state), "name": key, "value": listing.shown(listing.value(value)), "time": micro(time)}


def artifacts(state: RunState) -> Iterator[Row]:
    """Rows of ``artifacts``."""
    for fact in files.current(state).values():
        yield {**fact, **whose(state), "time": micro(fact["time"])}


def writers(state: RunState) -> Iterator[Row]:
    """Rows of ``writers``."""
    for part in state.writers:
        times = {"started": micro(part.started), "ended": micro(part.ended)}
        yield {"run_id": state.run_id, **{key: getattr(part, key) for key in _WRITER}, **times}


def summary(run_id: str, experiment: str, metric: str, told: summaries.Summary) -> Row:
    """A row of ``metric_summary``."""
    row: Row = {"run_id": run_id, "experiment": experiment, "name": metric}
    row |= {key: told[key] for key in ("count", "last_step", "nan_count", "inf_count")}
    row |= {key: number(told[key]) for key in ("first", "last", "min", "max", "mean")}
    row["last_time"] = micro(told["last_time"])
    return row


def last(run_id: str, experiment: str, metric: str, value: Any) -> Row:
    """The same where nothing but the last value is asked for."""
    return {"run_id": run_id, "experiment": experiment, "name": metric, "last": number(value)}


def model(state: ModelState) -> Row:
    """A row of ``models``."""
    whence = {"run_id": state.body["run"], "path": state.body["path"], "time": micro(state.body["created"])}
    return {**{key: getattr(state, key) for key in ("name", "version", "aliases", "sha256")}, **whence}


def number(value: Any) -> object:
    """The DOUBLE of a JSON value; None for text and None."""
    return value if value is None or type(value) is float else fields.point(listing.value(value)).get("value")


def whose(state: RunState) -> Row:
    """The columns that say whose a row is."""
    return {"run_id": state.run_id, "experiment": state.experiment}


def micro(nanoseconds: int | None) -> int | None:
    """Nanoseconds as the microseconds that the views tell."""
    return None if nanoseconds is None else nanoseconds // 1000
