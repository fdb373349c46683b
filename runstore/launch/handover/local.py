"""A launcher on this machine, which outlives the process that submits."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from threading import Thread
from typing import Any

from runstore.errors import LaunchError
from runstore.launch.handover import Queued

WORD = "launched"  # a launcher says it when it has begun the run; from then on it needs nobody
DETACH = "--detach"


def check(launcher: str, options: Mapping[str, Any], processes: int) -> None:
    """See ``handover.check``."""
    if options:
        raise LaunchError(f"the local launcher has no options; leave out {', '.join(map(repr, options))}")
    if getattr(sys, "frozen", False) or not sys.executable:
        raise LaunchError("there is no Python interpreter to start a launcher with; submit from a plain Python")


def start(launcher: str, queued: Queued) -> str:
    """Start the launcher in a session of its own and wait until it has begun the run.

    Raises:
        LaunchError: it ended before; the message has what it said.
    """
    child = _spawn(queued)
    try:
        assert child.stdout is not None
        with child.stdout as pipe:
            said = pipe.read().decode(errors="replace").split("\n")
        if WORD not in said and child.wait() != 0:
            told = [line for line in said if line.strip()] or [f"exit code {child.returncode}"]
            raise LaunchError(f"the launcher of run {queued.run_id} did not start: {told[-1].strip()}")
    finally:
        _look_after(child)
    return ""


def _spawn(queued: Queued) -> subprocess.Popen[bytes]:
    session: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        session = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS}
    try:
        return subprocess.Popen(
            [*queued.command, DETACH], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=queued.workspace, env=queued.environment, close_fds=True, **session,
        )  # fmt: skip
    except OSError as problem:
        raise LaunchError(
            f"the launcher of run {queued.run_id} can't be started ({os.strerror(problem.errno or 0)})"
        ) from None


def _look_after(child: subprocess.Popen[bytes]) -> None:
    """Wait for the launcher beside everything else, so that no zombie is left; the wait costs nothing."""
    try:
        Thread(target=child.wait, name="runstore-launched", daemon=True).start()
    except RuntimeError:  # no thread to be had: the next subprocess of this process reaps it
        child.returncode = child.returncode or 0
