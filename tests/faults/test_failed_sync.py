"""When flush() has returned, a power cut costs nothing, whichever fsyncs failed before, and of whichever journal."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest

from runstore.disk import append, files
from runstore.errors import StoreError
from runstore.query import sealing
from runstore.runs import faults, flusher, process, seal, state, stream
from runstore.runs import run as runs
from runstore.runs.workspace import Workspace
from tests.crash import oracle
from tests.faults.durable import Disk


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Journals of a few lines, and nobody else who flushes or seals."""
    for name, value in {"ROTATE": 600, "LOOK": 3, "AHEAD": 4096}.items():
        monkeypatch.setattr(stream, name, value)
    monkeypatch.setattr(append, "AHEAD", 4096)
    monkeypatch.setattr(append, "FIRST_WINDOW", 4096)
    monkeypatch.setattr(faults, "PAUSE", 0.0)
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    monkeypatch.setattr(flusher, "add", lambda writer: None)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("mapped", [True, False])
@pytest.mark.parametrize("often", [0.0, 0.1, 0.5])
def test_what_flush_confirmed_is_durable(
    mapped: bool, often: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "can_map", lambda path: mapped)
    for seed in range(12):
        dice = random.Random(seed)
        experiment = Workspace(tmp_path / f"w{seed}").experiment("e")
        with monkeypatch.context() as patch:
            disk = Disk(patch, lambda dice=dice: dice.random() < often)
            run = experiment.start_logging()
            logged = confirmed = 0
            for _ in range(12):
                for _ in range(dice.randrange(1, 120 if mapped else 30)):
                    run.log("v", logged * 0.1, step=logged)
                    logged += 1
                with suppress(StoreError):
                    run.flush()
                    confirmed = logged
            disk.cut()
        run._writer.abandon(run._closed, run._closed, run._closed)  # type: ignore[union-attr]
        process.unwatch(run)
        found = oracle.decoded(run.path, whole=False)
        points = [point for own in found.values() for point in own]
        assert points == [(i, "v", i, repr(i * 0.1)) for i, _, _, _ in points], seed
        assert [seq for seq, _, _, _ in points[:confirmed]] == list(range(confirmed)), seed
        assert state.fold(run.path).damaged == [] or not confirmed, seed
        assert confirmed > 0 or often > 0.1
        if confirmed:
            for _ in ("live", "sealed"):
                assert oracle.asked(tmp_path / f"w{seed}", [run.id]) == {run.id: found}, seed
                sealing.seal(tmp_path / f"w{seed}", run.path)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("mapped", [True, False])
@pytest.mark.parametrize("room", range(6))
def test_where_there_is_no_room_for_another_journal_either_the_old_one_stays_in_use(
    mapped: bool, room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "can_map", lambda path: mapped)
    run = Workspace(tmp_path / "w").experiment("e").start_logging()
    for i in range(200 if mapped else 10):
        run.log("v", i * 0.1, step=i)
    left = [room]

    def spent(*_: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        for name in ("create", "allocate", "write"):
            real = getattr(files, name)
            patch.setattr(files, name, lambda *a, real=real, **named: (spent(), real(*a, **named))[1])
        patch.setattr(files, "sync", fail)
        with pytest.raises(StoreError):
            run.flush()
    for i in range(200 if mapped else 10, 300):
        run.log("v", i * 0.1, step=i)
    run.flush()
    run.complete()
    (points,) = oracle.decoded(run.path).values()
    assert [step for _, _, step, _ in points] == list(range(300))
    assert (state.fold(run.path).dropped, state.fold(run.path).damaged) == (0, [])


def fail(fd: int) -> None:
    raise OSError(5, "Input/output error")
