"""A virtual environment for each tracker, made once by pip and kept: none of their dependencies meet."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import child


class Unavailable(Exception):
    """A tracker can't be installed here; the text says why."""


def make(directory: Path, name: str, packages: Sequence[str]) -> str:
    """The interpreter of an environment that has these packages: the one of an earlier time, or a new one.

    Raises:
        Unavailable: pip does not install them.
    """
    path = directory / f"{name}-{sys.version_info.major}.{sys.version_info.minor}"
    made, python = path / "made.json", path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if made.is_file() and json.loads(made.read_text(encoding="utf-8")) == list(packages):
        return str(python)
    shutil.rmtree(path, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(path)])
    _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages])
    made.write_text(json.dumps(list(packages)), encoding="utf-8")
    return str(python)


def _run(command: list[str]) -> None:
    # Without the caller's paths: pip takes for installed whatever it finds on them.
    own = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=own)
    if done.returncode:
        raise Unavailable(reason(done.stderr))


def reason(complaint: str) -> str:
    """Of all that a failing process says the line that says most: pip's first error, or an exception, the last line."""
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines[-1:] or ["it says nothing of the reason"])[0]


def variables(home: Path) -> dict[str, str]:
    """Of a tracker's process: it can import this checkout, nothing else of the caller's, and has its own home."""
    ours = ("PYTHON", "RUNSTORE_", "VIRTUAL_ENV")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONPATH": str(child.ROOT), "HOME": str(home)}
