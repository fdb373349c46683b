"""What is said about a run by somebody who is no writer of it: each time one whole, closed facts journal.

Such an *edit journal* has a writer's id of its own, so that it can be told from all others, and says ``"edit": true``
in its start fact: no process lives behind it and no attempt begins with it. It is published whole, under a name nobody
else has, so any number of processes may edit one run at once, running or ended, sealed or compacted.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from runstore.disk import files, lock
from runstore.errors import NotWritable, RunNotFound
from runstore.format import lines, names
from runstore.runs import mirrored, redact, state
from runstore.runs.state import RunState

# what may be said without being a writer; points, rows and params are a writer's
KINDS = frozenset(
    {"tags", "untag", "properties", "describe", "note", "archived", "deleted", "artifact", "removed", "input", "model"}
    | {"snapshot", "provenance", "failure", "end"}
)
Fact = tuple[str, Any]  # kind, body
_TRIES = 20


def record(workspace: Path, run_id: str, experiment: str, facts: Sequence[Fact]) -> Path:
    """Record facts about a run, durably, all of them or none; give the journal.

    Args:
        workspace: the workspace's directory.
        run_id: a run that is there.
        experiment: its experiment.
        facts: kind and body of each; their time is now, or just after the newest fact there is where a clock lags.

    Raises:
        RunNotFound: no such run.
        NotWritable: the workspace can't be written.
    """
    return _publish(workspace, _found(workspace, run_id), run_id, experiment, facts)


def end(workspace: Path, run_id: str, experiment: str, body: dict[str, Any], failure: dict[str, Any] | None) -> None:
    """End a run from outside. A status that is final already stays: nothing is recorded then.

    Args:
        workspace: the workspace's directory.
        run_id: a run that is there.
        experiment: its experiment.
        body: ``status`` and ``error``.
        failure: what is known about the error, if anything.

    Raises:
        RunNotFound, NotWritable: as ``record``.
    """
    run = _found(workspace, run_id)
    if run.status not in state.TERMINAL:
        facts: list[Fact] = [("failure", redact.strings(failure))] if failure else []
        ending = {**redact.strings(body), "explicit": True, "outside": True}
        _publish(workspace, run, run_id, experiment, [*facts, ("end", ending)])


def _found(workspace: Path, run_id: str) -> RunState:
    run = state.fold(workspace / names.run_dir(run_id))
    if run.run_id != run_id:
        raise RunNotFound(f"no run {run_id} in {workspace}; `runstore runs` lists them")
    return run


def _publish(workspace: Path, run: RunState, run_id: str, experiment: str, facts: Sequence[Fact]) -> Path:
    mirrored.refuse(workspace)
    attempt = run.attempts[-1].number if run.attempts else 1
    writer = os.urandom(8).hex()
    now = max(time.time_ns(), run.newest + 1)
    head = lines.header(lines.FACTS, run_id, experiment, writer, attempt, 0, 0)
    start = {"edit": True, "host": lock.host(), "pid": os.getpid()}
    data = head + b"".join(lines.fact(kind, now, body) for kind, body in [("start", start), *facts])
    data += lines.checksum(lines.END, 0, len(data), 0, len(facts) + 1, zlib.crc32(data))
    try:
        return _lay(run.path, names.facts(attempt, writer), data)
    except OSError as problem:
        raise NotWritable(
            f"{workspace}: run {run_id} can't be changed ({problem.strerror}); mend that and try again"
        ) from None


def _lay(run_path: Path, name: str, data: bytes) -> Path:
    """Publish a journal in the run's directory, which is made anew where the run lies in a block."""
    for _ in range(_TRIES):
        files.make_dirs(run_path, durable=True)
        with suppress(FileNotFoundError):  # compaction has just removed it, empty as it was
            return files.publish(run_path, name, data)
    return files.publish(run_path, name, data)
