"""A process that does to the store what it is told, one thing at a time: a writer, or somebody who looks on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runstore.format import values
from runstore.query import check, compaction, sealing
from runstore.query.workspace import Workspace
from runstore.runs import state
from tests.crash import jobs
from tests.crash.template import Shared, Talk


def writer(talk: Talk, shared: Shared, path: str, run_id: str) -> None:
    """Start, join or resume a run; then log and end as told. An answer means that the call has returned."""
    jobs.small(4096)
    jobs.unsealed()
    run: Any = Workspace(path).experiment("e").start_logging(run_id=run_id)
    talk.send([run._writer.identity.writer, run._writer.identity.attempt])
    acts = {
        "log": lambda name, value, step: run.log(name, values.from_json(value), step=step),
        "dict": lambda many, step: run.log({name: values.from_json(value) for name, value in many.items()}, step=step),
        "row": lambda name, data, step: run.log_row(name, values.from_document(data), step=step),
        "burst": lambda first, count: [run.log("burst", i * 0.1, step=i) for i in range(first, first + count)] and None,
        "params": run.log_params,
        "flush": run.flush,
        "Completed": run.complete,
        "Failed": run.fail,
        "Canceled": run.cancel,
    }
    while True:
        message = talk.receive()
        talk.send(acts[message[0]](*message[1:]))


def observer(talk: Talk, shared: Shared, path: str) -> None:
    """Ask, seal and compact as told."""
    workspace = Workspace(path)
    acts = {
        "sql": lambda query: [list(row) for row in workspace.sql(query).fetchall()],
        "status": lambda run_id: state.fold(workspace.get_run(run_id).path).status,
        "seal": lambda run_id: sealing.seal(workspace.path, workspace.get_run(run_id).path).damaged,
        "compact": lambda: compaction.compact(Path(path), grace=0).damaged,
        "check": lambda: [str(found) for found in check.check(Path(path)) if found.severity == check.DAMAGE],
    }
    while True:
        message = talk.receive()
        talk.send(acts[message[0]](*message[1:]))
