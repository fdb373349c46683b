"""How a queued run gets its launcher: one command, started here or handed over to a scheduler.

Each module of this folder has ``check``, which refuses before anything is queued, and ``start``, which hands over.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

from runstore.errors import LaunchError
from runstore.launch.environments import own
from runstore.launch.tree import MARK

LOCAL, SLURM, RAY, TEMPLATE = "local", "slurm", "ray", "template"
_NOT_INHERITED = {  # what is said of the one who submits, not of what is submitted
    "RUNSTORE_RUN_ID", "RUNSTORE_ATTEMPT", "RUNSTORE_WORKING_COPY", "AZUREML_RUN_ID",
    "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "NODE_RANK", "GROUP_RANK", "MASTER_ADDR", "MASTER_PORT",
}  # fmt: skip


@dataclass(frozen=True)
class Queued:
    """A run that waits for its launcher. ``name`` is what a scheduler lists."""

    workspace: Path
    run_id: str
    name: str
    processes: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def command(self) -> list[str]:
        """What starts the launcher; nothing in the current directory can stand in for a module (``-P``)."""
        return [sys.executable, "-P", "-m", "runstore.launch.launcher", str(self.workspace.absolute()), self.run_id]

    @property
    def environment(self) -> dict[str, str]:
        """The variables that the launcher gets, and the script with it. Its mark tells it from whoever submits it."""
        found = {key: value for key, value in os.environ.items() if key not in _NOT_INHERITED}
        found[MARK] = "launcher"
        place, given = str(own.package().parent), found.get("PYTHONPATH", "")
        if place not in given.split(os.pathsep) and not own.installed():
            found["PYTHONPATH"] = os.pathsep.join(filter(None, [place, given]))
        return found


class HandOver(Protocol):
    """What a module of this folder offers."""

    def check(self, launcher: str, options: Mapping[str, Any], processes: int) -> None:
        """Raise LaunchError where it could not start anything."""

    def start(self, launcher: str, queued: Queued) -> str:
        """Hand a run over; give the scheduler's name for it, or nothing. LaunchError where it is refused."""


def check(launcher: str, options: Mapping[str, Any] | None = None, processes: int = 1) -> None:
    """Refuse what could not be handed over, before anything is queued.

    Args:
        launcher: ``local``, ``slurm``, ``ray``, or a command with ``{command}`` in it.
        options: of the scheduler.
        processes: how many ranks the run has.

    Raises:
        LaunchError: there is no such launcher, or it is not there, or an option means nothing to it.
    """
    _module(launcher).check(launcher, options or {}, processes)


def start(launcher: str, queued: Queued) -> str:
    """Hand a queued run over; give the scheduler's name for the job, "" where it has none.

    Raises:
        LaunchError: it was refused; the message has what the tool said.
    """
    return _module(launcher).start(launcher, queued)


def kind(launcher: str) -> str:
    """Which of the four ways a launcher's text means.

    Raises:
        LaunchError: none of them.
    """
    if launcher in (LOCAL, SLURM, RAY):
        return launcher
    if " " in launcher or "{" in launcher:
        return TEMPLATE
    raise LaunchError(f"no launcher {launcher!r}; there are local, slurm, ray, or a command with {{command}} in it")


def _module(launcher: str) -> HandOver:
    return cast(HandOver, importlib.import_module(f"{__name__}.{kind(launcher)}"))
