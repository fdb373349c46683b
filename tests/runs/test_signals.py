"""A run that asked for it says which signal ended it; what was done before is done still."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from runstore.runs import signals, state
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    before = signal.getsignal(signal.SIGTERM)
    run = Workspace(tmp_path / "w").experiment("e").start_logging()
    yield run
    run.complete()
    signal.signal(signal.SIGTERM, before)


def test_the_handler_of_before_is_called_and_the_end_is_told(run: Run) -> None:
    seen: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: seen.append(number))
    run.end_on_signal()
    signal.raise_signal(signal.SIGTERM)
    assert seen == [signal.SIGTERM]
    folded = state.fold(run.path)
    assert (folded.status, folded.error) == ("Failed", "SIGTERM")


def test_a_signal_that_was_ignored_ends_nothing(run: Run) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signals.install(run, (signal.SIGTERM,))
    signal.raise_signal(signal.SIGTERM)
    run.log("still", 1)
