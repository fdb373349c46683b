"""The log files of a run: what it printed, and what lies in the directories that are for logs."""

from __future__ import annotations

import os
from pathlib import Path

from runstore.errors import UsageError
from runstore.format import names
from runstore.query import consoles, files
from runstore.query.files import File
from runstore.runs import state
from runstore.runs.state import RunState

FOLDERS = ("logs/", "user_logs/", "system_logs/", "azureml-logs/")


def of(workspace: Path, run: RunState) -> dict[str, File]:
    """Every log of a run by name, in the order of names."""
    raw = consoles.files(run)
    listed = files.listed(workspace, run)
    return {name: file for name, file in listed.items() if name in raw or name.startswith(FOLDERS)}


def download_all(workspace: Path, run_id: str, destination: str | os.PathLike[str] | None) -> list[Path]:
    """See ``Run.get_all_logs``."""
    target = files.inside(Path(), run_id) if destination is None else Path(destination)
    if target.is_file():
        raise UsageError(f"{target}: is a file; name a directory for the logs")
    found = of(workspace, state.fold(workspace / names.run_dir(run_id)))
    return [files.write(file, files.inside(target, name)) for name, file in found.items()]
