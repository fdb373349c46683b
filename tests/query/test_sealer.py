"""The sealing child: silent, patient, harmless."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from runstore.disk import inventory, lock
from runstore.query import sealer, sealing
from runstore.runs.workspace import Workspace
from tests.query import scenes
from tests.query.scenes import workspace

__all__ = ["workspace"]


@pytest.fixture(autouse=True)
def _not_nice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealer.os, "nice", lambda step: 0, raising=False)


def finished(workspace: Workspace, count: int = 1) -> list[Path]:
    paths = []
    for _ in range(count):
        run = workspace.experiment("e").start_logging()
        scenes.log_some(run, 3)
        run.complete()
        paths.append(run.path)
    return paths


def test_as_a_command_it_seals_the_runs_named_and_says_nothing(workspace: Workspace) -> None:
    paths = finished(workspace, 2)
    before = [scenes.points(path) for path in paths]
    relative = [path.relative_to(workspace.path).as_posix() for path in paths]
    command = [sys.executable, "-m", "runstore.query.sealer", str(workspace.path), *relative]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert [inventory.scan(path).points for path in paths] == [[], []]
    assert [scenes.points(path) for path in paths] == before


@pytest.mark.parametrize("argv", [[], ["nowhere"], ["nowhere", "runs/aa/bb"]])
def test_nothing_to_do_is_fine(argv: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert sealer.main(argv) == 0
    assert not list(tmp_path.iterdir())


def test_it_comes_back_to_a_run_that_another_process_is_sealing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = finished(workspace)
    held = lock.exclusive(sealing.exclusive_lock(workspace.path, path))
    held.__enter__()
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        held.__exit__(None, None, None)

    monkeypatch.setattr(time, "sleep", pause)
    assert sealer.main([str(workspace.path), path.relative_to(workspace.path).as_posix()]) == 0
    assert len(pauses) == 1
    assert not inventory.scan(path).points


def test_trouble_in_one_run_does_not_keep_the_next_from_being_sealed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = finished(workspace, 2)
    true = sealing.seal

    def seal(workspace: Path, run_path: Path, timeout: float = -1) -> sealing.Sealed:
        if run_path == first:
            raise OSError("no space left")
        return true(workspace, run_path, timeout)

    monkeypatch.setattr(sealing, "seal", seal)
    relative = [path.relative_to(workspace.path).as_posix() for path in (first, second)]
    assert sealer.main([str(workspace.path), *relative]) == 0
    assert inventory.scan(first).points and not inventory.scan(second).points
