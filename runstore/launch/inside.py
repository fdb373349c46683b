"""The submitted run that this process is part of: told by $RUNSTORE_RUN_ID, joined as one more writer, once.

The script's own process and those it starts inherit the variable. Whatever they say, the run's status stays the
launcher's to set.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runstore.launch.run import Run
    from runstore.query.workspace import Workspace
    from runstore.runs.watch import Where

    Labels = Mapping[str, Any] | None

RUN_ID, ATTEMPT, DIRECTORY = "RUNSTORE_RUN_ID", "RUNSTORE_ATTEMPT", "RUNSTORE_DIR"
COPY = "RUNSTORE_WORKING_COPY"
PROJECT, DEFAULT = "AZUREML_ARM_PROJECT_NAME", "Default"  # the experiment of a run that is nowhere yet
R = TypeVar("R", bound="Run")

_joined: dict[str, list[Any]] = {}
_started: tuple[int, str] = (0, "")  # in which process ``start_run`` has joined which run
_lock = RLock()


def run_id() -> str | None:
    """The id of the submitted run that this process is part of; None where it is part of none."""
    return os.environ.get(RUN_ID) or None


def join(id: str, kind: type[R], make: Callable[[], R]) -> R:
    """The submitted run as an object of a class: the same one at each call, joined by the first.

    Args:
        id: its id.
        kind: the class; an object of a class below it will do.
        make: gives the object, not opened yet.

    Raises:
        NotWritable: the workspace can't be written.
    """
    with _lock:
        there = _joined.setdefault(id, [])
        for run in there:
            if isinstance(run, kind):
                return run
        run = make()
        attempt = os.environ.get(ATTEMPT, "")
        _open(run, int(attempt) if attempt.isdecimal() else None)
        there.append(run)
        return run


def _open(run: Run, attempt: int | None) -> None:
    from runstore.runs import experiment, watch

    run._open(experiment.start_fact(), attempt)
    run._inside = run._writer is not None and not run._writer.identity.opener
    directory = os.environ.get(COPY)
    if run._inside and directory:
        run._watch = watch.Beside(run, Path(directory))


def first(workspace: Path) -> tuple[str | None, bool]:
    """For ``start_run``: the id of the submitted run if it lies in this workspace, and whether no call has joined it.

    Of each process the first call joins the run; a later one begins a run below it.
    """
    global _started
    id = run_id()
    given = os.environ.get(DIRECTORY)
    if id is None or (given and not _same(workspace, Path(given))):
        return None, False
    with _lock:
        begun, _started = _started == (os.getpid(), id), (os.getpid(), id)
    return id, not begun


def joined(
    workspace: Workspace, id: str, params: Labels, tags: Labels, name: str | None, description: str | None,
    outputs: Where, logs: Where,
) -> Run:  # fmt: skip
    """The submitted run for ``start_run``, told what its call says of it.

    What the launcher watches already, ``./outputs`` and ``./logs``, isn't watched once more.
    """
    from runstore.launch.run import Run
    from runstore.runs import watch

    run = join(id, Run, lambda: _found(workspace, id))
    if run._disabled or run._writer is None:
        return run
    if params:
        run.log_params(params)
    if tags:
        run.set_tags(tags)
    if name:
        run.display_name = name
    if description:
        run.description = description
    more = [_elsewhere(outputs, "outputs"), _elsewhere(logs, "logs")]
    if any(more):
        watch.start(run, *more)
    return run


def _found(workspace: Workspace, id: str) -> Run:
    """The run where it is, whatever experiment it is in; a new one in the experiment that the launcher names."""
    from runstore.format import names
    from runstore.runs import state

    found = state.fold(workspace.path / names.run_dir(id))
    if workspace.disabled or found.run_id == id:
        experiment = workspace.experiment_class.existing(workspace, found.experiment or DEFAULT)
    else:
        experiment = workspace.experiment_class(workspace, os.environ.get(PROJECT) or DEFAULT)
    return cast("Run", workspace.run_class(experiment, id))


def _elsewhere(folder: Where, usual: str) -> Where:
    given = usual if folder is True else folder
    watched = os.path.join(os.environ.get(COPY, ""), usual)
    return None if not given or os.path.abspath(given) == os.path.abspath(watched) else given


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
