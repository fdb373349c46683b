"""How a run ended is said even to a disk that refuses it at first."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.disk import files
from runstore.runs import run as runs
from runstore.runs import seal, state
from runstore.runs.workspace import Workspace


@pytest.mark.parametrize("refusals", [1, 2])
@pytest.mark.parametrize("error", [None, "why"])
def test_a_disk_that_refuses_for_a_moment_still_gets_the_end(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, refusals: int, error: str | None
) -> None:
    monkeypatch.setattr(runs, "can_map", lambda path: False)
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    run = Workspace(workspace).experiment("e").start_logging()
    left, real = [refusals], files.write

    def write(fd: int, data: bytes) -> int:
        if b'["end",' in bytes(data) and left[0]:
            left[0] -= 1
            raise OSError(5, "Input/output error")
        return real(fd, data)

    monkeypatch.setattr(files, "write", write)
    run.fail(error)
    folded = state.fold(run.path)
    assert (folded.status, folded.error, left) == ("Failed", error, [0])
