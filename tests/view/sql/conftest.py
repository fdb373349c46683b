"""What tests of a page's SQL stand on: a workspace with a sealed and a live run, and children that are ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import runstore
from runstore.query import sealing
from runstore.runs import seal
from runstore.view.sql.limits import Limits
from runstore.view.sql.questions import Questions


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Workspace:
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    found = runstore.Workspace(tmp_path / "ws")
    done = found.experiment("e").start_logging()
    done.log_params({"lr": 0.1})
    for step in range(100):
        done.log("loss", 1.0 / (step + 1), step=step)
    done.complete()
    sealing.seal(found.path, done.path)
    live = found.experiment("e").start_logging()
    live.log_params({"lr": 0.2})
    live.log("loss", float("nan"), step=1)
    live.flush()
    return found


@pytest.fixture
def opened(ws: runstore.Workspace) -> Iterator[Callable[[Limits], Questions]]:
    """Opens questions of these limits; all of them are closed at the end."""
    every: list[Questions] = []

    def opened(limits: Limits) -> Questions:
        every.append(Questions(ws.path, limits))
        return every[-1]

    yield opened
    for one in every:
        one.close()


@pytest.fixture
def questions(opened: Callable[[Limits], Questions]) -> Questions:
    return opened(Limits(rows=1000, size=1 << 20, seconds=60.0, memory=256 << 20))
