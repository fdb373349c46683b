"""What several tests of the face need: a figure, a configuration file, another process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c636060606000000005000"
    "1a5f645400000000049454e44ae426082"
)
AZURE = {"subscription_id": "sub", "resource_group": "group", "workspace_name": "space"}


class Figure:
    """Anything with ``savefig``."""

    def savefig(self, target: Any, **_: Any) -> None:
        if hasattr(target, "write"):
            target.write(PNG)
        else:
            Path(target).write_bytes(PNG)


def write(path: Path, **body: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body), encoding="utf-8")


WAITING = """
import pathlib, sys, time
print("begun", flush=True)
last = time.monotonic() + 60
while not pathlib.Path(sys.argv[1]).exists() and time.monotonic() < last:
    time.sleep(0.01)
print("done")
"""  # a script that goes on until there is a file


def source(here: Path, text: str, name: str = "train.py") -> Path:
    """A script in a source directory of its own."""
    path = here / "source" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition."""
    last = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < last, "it has not come true"
        time.sleep(0.01)


def python(here: Path, program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], cwd=here, env={**os.environ, **environment}, capture_output=True, text=True
    )
