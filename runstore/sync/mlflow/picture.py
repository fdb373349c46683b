"""What MLflow is told of a run besides its points and files: status, times, name, params, tags. Pure."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runstore.query import listing
from runstore.runs import state
from runstore.runs.state import RunState
from runstore.sync.mlflow import keys

KEY = "runstore.key"  # the tag by which a run is found there: the digits of its directory, the same in every workspace
DELETED = "runstore.deleted"  # the tag of a run that was deleted there because it was here
PARENT = "mlflow.parentRunId"
RUN_NAME = "mlflow.runName"
NOTE = "mlflow.note.content"

_STATUSES = {state.COMPLETED: "FINISHED", state.FAILED: "FAILED", state.CANCELED: "KILLED"}
_GOING = ("Running", "Finalizing", "CancelRequested", "NotResponding", "Paused", "Pausing")
_GIT = {"commit": "commit", "branch": "branch", "repository_uri": "repoURL", "dirty": "dirty"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A run as MLflow has one. Times are milliseconds since 1970."""

    name: str
    status: str
    start: int
    end: int | None = None
    user: str = ""
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def of(run: RunState, key: str, parent: str = "", script: str = "") -> Picture:
    """The picture of a run.

    Args:
        run: the run, folded.
        key: the digits of its directory.
        parent: MLflow's id of the run it was started under; empty where that is not there.
        script: what was started, where that is known.
    """
    status = _STATUSES.get(run.status, "RUNNING" if run.status in _GOING else "SCHEDULED")
    ended = status in _STATUSES.values() and run.ended is not None
    params = {keys.param(name): keys.value(text, keys.PARAM) for name, text in params_of(run).items()}
    tags = {keys.tag(name): text for name, text in _labels(run).items()} | _own(run, key, parent, script)
    return Picture(
        name=keys.value(run.display_name or run.name or listing.short(run.run_id), keys.KEY),
        status=status,
        start=millis(run.started or run.newest),
        end=millis(run.ended or 0) if ended else None,
        user=keys.value(run.user or "", keys.KEY),
        params=params,
        tags={name: keys.value(text, keys.TAG) for name, text in tags.items()},
    )


def millis(nanos: int) -> int:
    """Nanoseconds as MLflow's milliseconds; none before 1970, which it refuses."""
    return max(0, nanos // 1_000_000)


def params_of(run: RunState) -> dict[str, str]:
    """The params that hold, as whole texts, by their own names."""
    return {name: _text(leaf) for name, leaf in run.params.items()}


def _labels(run: RunState) -> dict[str, str]:
    """Properties, and tags over them."""
    labels = run.properties | run.tags
    return {name: _text(value, "") for name, (value, _) in labels.items()}


def _text(leaf: Any, none: str = "None") -> str:
    text = listing.shown(listing.value(leaf))
    return none if text is None else text


def _own(run: RunState, key: str, parent: str, script: str) -> dict[str, str]:
    """The tags that runstore itself has something to say by."""
    told = {
        KEY: key,
        "runstore.run_id": run.run_id,
        "runstore.parent_id": run.parent_id or "",
        "runstore.type": run.type or "",
        "runstore.error": run.error or "",
        "runstore.status": run.status,
        "runstore.attempts": str(len(run.attempts)),
        "runstore.archived": "true" if run.archived else "",
        PARENT: parent,
        NOTE: "\n\n".join(filter(None, [run.description, *(text for _, text in run.notes)])),
        "mlflow.source.name": script,
        "mlflow.source.type": "LOCAL" if script else "",
        "mlflow.user": run.user or "",
    }
    for name, theirs in _GIT.items():
        told[f"mlflow.source.git.{theirs}"] = _text(run.properties.get(f"git.{name}", ("", 0))[0], "")
    return {name: text for name, text in told.items() if text}


# ---- all of it


def whole(run: RunState, files: Mapping[str, str]) -> dict[str, Any]:
    """All that a run's facts say, exactly, for the artifact that holds what MLflow has no place for.

    Args:
        run: the run, folded.
        files: its artifacts as they are called there, with their hashes.
    """
    attempts = [
        {
            "attempt": one.number, "status": one.status, "error": one.error, "started": _when(one.started),
            "ended": _when(one.ended), "params": one.params,
        }
        for one in run.attempts
    ]  # fmt: skip
    writers = [
        {
            "writer": one.writer, "attempt": one.attempt, "rank": one.rank, "host": one.host, "pid": one.pid,
            "dropped": one.dropped,
        }
        for one in run.writers
    ]  # fmt: skip
    return {
        "runstore": 1, "run_id": run.run_id, "experiment": run.experiment, "name": run.name,
        "display_name": run.display_name, "description": run.description, "parent_id": run.parent_id,
        "type": run.type, "status": run.status, "error": run.error, "failure": run.failure, "archived": run.archived,
        "user": run.user, "host": run.host, "attempts": attempts, "writers": writers,
        "tags": {name: value for name, (value, _) in run.tags.items()},
        "properties": {name: value for name, (value, _) in run.properties.items()},
        "notes": [[_when(when), text] for when, text in run.notes],
        "descriptions": run.descriptions, "snapshot": run.snapshot, "definition": run.definition,
        "artifacts": [_artifact(fact) for fact in run.artifacts], "inputs": run.inputs, "files": dict(files),
    }  # fmt: skip


def _artifact(fact: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("name", "sha256", "size", "media_type", "kind", "metric", "step", "reference", "time")
    return {name: fact[name] for name in kept if fact.get(name) is not None}


def _when(nanos: int | None) -> str | None:
    if nanos is None:
        return None
    seconds, rest = divmod(nanos, 1_000_000_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest:09d}Z"
