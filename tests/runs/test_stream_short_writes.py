"""A write that takes only a part of a line, at any moment, leaves neither damage nor a gap."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.disk import files
from runstore.runs import run as runs
from runstore.runs import seal, state, stream
from runstore.runs.workspace import Workspace
from tests.crash import oracle

POINTS = 30


@pytest.mark.parametrize("number", range(POINTS))
@pytest.mark.parametrize("refusing", [False, True])
def test_a_short_write_at_any_moment_changes_nothing(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, number: int, refusing: bool
) -> None:
    monkeypatch.setattr(runs, "can_map", lambda path: False)
    monkeypatch.setattr(stream, "ROTATE", 600)
    monkeypatch.setattr(stream, "LOOK", 3)
    monkeypatch.setattr(stream, "RETRY", 0.0)
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    real, left = files.write, [-1]

    def write(fd: int, data: bytes) -> int:
        left[0] -= 1
        if left[0] == 0:
            return real(fd, bytes(data)[: len(data) // 2])
        if refusing and left[0] == -1:
            raise OSError(28, "No space left on device")
        return real(fd, data)

    monkeypatch.setattr(files, "write", write)
    run = Workspace(workspace).experiment("e").start_logging()
    left[0] = number + 1
    for i in range(POINTS):
        run.log("v", i * 0.1, step=i)
        if i % 7 == 0:
            run._writer.beat()  # type: ignore[union-attr]
    run.complete()
    folded = state.fold(run.path)
    (points,) = oracle.decoded(run.path).values()
    assert (folded.damaged, folded.status) == ([], "Completed")
    assert folded.dropped == POINTS - len(points) <= int(refusing)
