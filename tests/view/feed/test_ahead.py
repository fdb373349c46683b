"""What the first page asks for is made ready before it does."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.disk import files, segment
from runstore.query import sealing
from runstore.view.feed import ahead, curves


def test_the_files_of_the_newest_runs_are_verified(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "LARGE", 1)
    monkeypatch.setattr(ahead, "DRAWN", 2)
    for number in range(3):
        with runstore.start_run("e", run_id=f"run-{number}", workspace=ws) as run:
            run.log("loss", number, step=0)
        sealing.seal(ws.path, run.path)
    segment._verified.clear()
    ahead.ready(ws)
    read: list[Path] = []
    hashed = files.sha256
    monkeypatch.setattr(files, "sha256", lambda path: (read.append(path), hashed(path))[1])
    curves.curves(ws, [{"key": "k", "metric": "loss", "runs": ["run-0", "run-1", "run-2"]}])
    assert [path.parent for path in read] == [ws.get_run("run-0").path]


def test_a_workspace_without_runs_is_ready(ws: runstore.Workspace) -> None:
    ahead.ready(ws)
