"""Handing a run over to a Ray cluster, as a Ray job.

Through Ray's command line, not its library: that would load a hundred megabytes and its threads into the process that
submits, and has to be the cluster's version. The command may lie in an environment of its own, and knows by itself
where the cluster is and how to be let in (``RAY_ADDRESS``, ``RAY_JOB_HEADERS``).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runstore.errors import LaunchError

if TYPE_CHECKING:
    from runstore.launch.handover import Queued

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_SAID = 400  # characters of what Ray said that an error repeats


def check(launcher: str, options: Mapping[str, Any], processes: int) -> None:
    """See that there is a ``ray`` command.

    Raises:
        LaunchError: there is none.
    """
    if shutil.which("ray") is None:
        raise LaunchError("launcher 'ray' needs the ray command, which is not on PATH; pip install 'ray[default]'")


def start(launcher: str, queued: Queued) -> str:
    """Submit the job; give its submission id, which begins with the run's.

    Options are those of ``ray job submit``: ``address``, ``entrypoint_num_cpus``, ``runtime_env_json`` and so on.

    Raises:
        LaunchError: Ray refuses; with what it said.
    """
    # a run that is resumed is handed over again, and Ray takes an id once
    job = f"{re.sub(r'[^A-Za-z0-9_.-]', '-', queued.run_id)}-{os.urandom(3).hex()}"
    options = [f"--{key.replace('_', '-')}={value}" for key, value in queued.options.items()]
    command = ["ray", "job", "submit", "--no-wait", f"--submission-id={job}", *options, "--", *queued.command]
    try:
        ended = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, env=queued.environment)
    except OSError as problem:
        raise LaunchError(f"launcher 'ray' can't be started ({problem.strerror})") from None
    if ended.returncode:
        raise LaunchError(f"launcher 'ray' ended with exit code {ended.returncode}: {_reason(ended.stderr)}")
    return job


def _reason(said: bytes) -> str:
    """The end of what Ray said, in one line; the cause comes last, after a trace."""
    lines = _COLOURS.sub("", said.decode("utf-8", "replace")).splitlines()
    words = "; ".join(line.strip() for line in lines if line.strip().strip("."))
    return words if len(words) <= _SAID else "... " + words[-_SAID:]
