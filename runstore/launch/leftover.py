"""``python -m runstore.launch.leftover WORKSPACE RUN_ID DIRECTORY``: the working copy of a dead launcher's run.

It goes if the run has all the results in it. Else it stays, as they are nowhere else; ``Run.clean`` deletes it.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from runstore.format import names
from runstore.launch import working_copy
from runstore.runs import state

if TYPE_CHECKING:
    from runstore.query.files import File


def command(workspace: Path, run_id: str, directory: Path) -> list[str]:
    """What does it, as a process of its own."""
    return [sys.executable, "-m", "runstore.launch.leftover", str(workspace), run_id, str(directory)]


def main(arguments: Sequence[str]) -> None:
    """Remove it, or leave it to people."""
    workspace, run_id, directory = arguments
    if all_taken(Path(workspace), run_id, Path(directory)):
        working_copy.remove(Path(directory))


def all_taken(workspace: Path, run_id: str, directory: Path) -> bool:
    """Whether every file in ``outputs/`` and ``logs/`` of a working copy is one of the run, byte for byte."""
    from runstore.query import files  # not where the command is only made: a launcher asks nothing

    kept = files.listed(workspace, state.fold(workspace / names.run_dir(run_id)))
    for watched in (working_copy.OUTPUTS, working_copy.LOGS):
        for where, _, found in os.walk(directory / watched):
            for path in (Path(where, one) for one in found):
                name = path.relative_to(directory).as_posix().encode("utf-8", "backslashreplace").decode()
                if name not in kept or not _same(kept[name], path):
                    return False
    return True


def _same(stored: File, path: Path) -> bool:
    from runstore.query.files import Artifact

    if stored.size != path.stat().st_size:
        return False
    with open(path, "rb") as file:
        if not isinstance(stored, Artifact):
            return stored.read() == file.read()
        return stored.reference is None and hashlib.file_digest(file, "sha256").hexdigest() == stored.sha256


if __name__ == "__main__":
    main(sys.argv[1:])
