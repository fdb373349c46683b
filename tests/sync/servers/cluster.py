"""Daft on a Ray cluster of this machine: both in the environment whose ``ray`` is on PATH, as ``.ci/full`` makes it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.sync.servers.process import NotStarted

INSTALL = "python3 -m venv .venv-ray && .venv-ray/bin/pip install 'daft[deltalake]>=0.7' 'ray[default]>=2.40'"
SECONDS = 600.0
_SCRIPT = Path(__file__).with_name("on_ray.py")


def python() -> Path | None:
    """The Python that has both; None where there is none."""
    ray = shutil.which("ray")
    found = Path(ray).parent / "python" if ray else None
    places = found.parent.parent.glob("lib/python3*/site-packages/daft") if found else ()
    return found if found and found.exists() and any(places) else None


def run(code: str, **variables: Any) -> Mapping[str, Any]:
    """Run code there; gives its tables ``leaderboard`` and ``groups``, as lists of rows, and the number of ``nodes``.

    Raises:
        NotStarted: Ray or Daft is not there, or the code failed.
    """
    import psutil

    interpreter = python()
    if interpreter is None:
        raise NotStarted(f"no Daft on Ray; in the checkout: {INSTALL}, then put .venv-ray/bin on PATH")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "RAY_"))}
    process = subprocess.Popen(
        [interpreter, str(_SCRIPT), json.dumps(variables)], env=environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        try:
            told, said = process.communicate(code, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            for one in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            process.kill()
            raise
    if process.returncode:
        raise NotStarted(f"exit code {process.returncode}: {said[-4000:]}")
    answer: Mapping[str, Any] = json.loads(told.splitlines()[-1])
    return answer
