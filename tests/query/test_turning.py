"""What running runs have logged up to now is sealed, if their writers answer; nobody else waits, nothing is lost."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import files, inventory, lock, tail
from runstore.format import names
from runstore.query import check, compaction, exporting, sealing, turning, union
from runstore.runs import flusher
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace
from runstore.runs.writer import Writer
from tests.query import scenes
from tests.query.scenes import workspace

__all__ = ["workspace"]

LONG = 60.0


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers that look often."""
    monkeypatch.setattr(flusher, "WINDOW", 0.01)


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers that never look."""
    monkeypatch.setattr(Writer, "beat", lambda self: None)


def started(workspace: Workspace, run_id: str = "r", count: int = 5) -> Run:
    run = workspace.experiment("e").start_logging(run_id=run_id)
    scenes.log_some(run, count)
    return run


def left(run_path: Path) -> int:
    """How many points and rows lie in no segment."""
    held = {path: tail.verified(path) for path in _journals(run_path)}
    return sum(span.count for one in held.values() for span in one.spans)


def _journals(run_path: Path) -> list[Path]:
    found = inventory.scan(run_path)
    return found.points + found.sides


def sealed(run_path: Path) -> list[str]:
    return sorted(entry["kind"] for _, body in inventory.scan(run_path).active for entry in body["segments"])


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The runs of which something was asked."""
    asked: list[Path] = []
    ask = turning._ask

    def told(run_path: Path) -> bytes:
        asked.append(run_path)
        return ask(run_path)

    monkeypatch.setattr(turning, "_ask", told)
    return asked


@pytest.mark.usefixtures("quick")
def test_all_that_a_running_run_has_logged_is_sealed_and_it_goes_on(workspace: Workspace) -> None:
    run = started(workspace)
    scenes.log_side(run)
    before = scenes.points(run.path)
    assert turning.turn(workspace.path, [run.path], LONG) == {}
    assert left(run.path) == 0
    assert sealed(run.path) == ["logs", "points", "rows", "system"]
    assert scenes.points(run.path) == before
    assert not (run.path / names.ROTATE).exists()
    scenes.log_some(run, 5, 5)
    turning.turn(workspace.path, [run.path], LONG)
    scenes.log_some(run, 5, 10)
    run.complete()
    turning.turn(workspace.path, [run.path], LONG)
    assert (_journals(run.path), sealed(run.path)) == ([], ["logs", "points", "rows", "system"])
    assert [step for *_, name, _, step in scenes.points(run.path) if name == "loss"] == list(range(15))


@pytest.mark.usefixtures("quick")
def test_every_writer_of_every_run_obeys_one_request(workspace: Workspace, asking: list[Path]) -> None:
    runs = [started(workspace, run_id) for run_id in ("a", "a", "a", "b")]
    turning.turn(workspace.path, sorted({run.path for run in runs}), LONG)
    assert [left(run.path) for run in runs] == [0] * 4
    assert sorted(asking) == sorted({run.path for run in runs})
    for run in reversed(runs):
        run.complete()


def test_nobody_is_asked_who_has_ended_died_or_logged_nothing_since(workspace: Workspace, asking: list[Path]) -> None:
    ended, empty = started(workspace, "ended"), workspace.experiment("e").start_logging(run_id="empty")
    ended.complete()
    runs = [ended.path, empty.path, workspace.path / names.run_dir("nobody")]
    assert turning.turn(workspace.path, runs, LONG) == {}
    assert (asking, left(ended.path), sealed(ended.path)) == ([], 0, ["points", "rows"])
    empty.complete()


def test_the_journal_of_a_dead_writer_is_sealed_and_not_waited_for(
    workspace: Workspace, asking: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(workspace)
    run._live().flush()
    monkeypatch.setattr(lock, "verdict", lambda identity, path: "dead")
    turning.turn(workspace.path, [run.path], LONG)
    assert (asking, left(run.path)) == ([], 0)
    run.complete()


@pytest.mark.usefixtures("deaf")
def test_a_writer_that_dies_meanwhile_is_not_waited_for(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = started(workspace)
    real, asked = lock.verdict, turning._ask

    def dies(run_path: Path) -> bytes:
        monkeypatch.setattr(lock, "verdict", lambda identity, path: "dead")
        return asked(run_path)

    monkeypatch.setattr(turning, "_ask", dies)
    turning.turn(workspace.path, [run.path], LONG)
    assert left(run.path) == 0
    monkeypatch.setattr(lock, "verdict", real)
    run.complete()


@pytest.mark.usefixtures("deaf")
def test_a_writer_that_does_not_answer_keeps_its_tail_and_what_it_had_left_is_sealed(workspace: Workspace) -> None:
    run = started(workspace)
    run._live().stream.turn()
    run._live().flush()
    scenes.log_some(run, 2, 5)
    assert turning.turn(workspace.path, [run.path], 0.05) == {}
    assert left(run.path) == 2 * 4 + 2
    assert sealed(run.path) == ["points", "rows"]
    assert not (run.path / names.ROTATE).exists()
    run.complete()
    turning.turn(workspace.path, [run.path], LONG)
    assert left(run.path) == 0


@pytest.mark.usefixtures("deaf")
def test_all_silent_writers_together_cost_one_patience(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    clock = [0.0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr(turning.time, "sleep", sleep)
    monkeypatch.setattr(turning.time, "monotonic", lambda: clock[0])
    runs = [started(workspace, f"r{number}") for number in range(5)]
    turning.turn(workspace.path, [run.path for run in runs], 1.0)
    monkeypatch.undo()
    assert 1.0 <= sum(slept) < 1.1
    for run in runs:
        run.complete()


@pytest.mark.usefixtures("deaf")
def test_a_newer_request_of_somebody_else_stays(workspace: Workspace) -> None:
    run = started(workspace)
    with turning.asked([run.path], {}) as waiting:
        assert [one.path for one in waiting] == inventory.scan(run.path).points
        turning._ask(run.path)
    assert (run.path / names.ROTATE).exists()
    run.complete()


def test_trouble_with_one_run_is_told_and_stops_no_other(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [started(workspace, run_id) for run_id in ("a", "b")]
    for run in runs:
        run.complete()
    held, other = runs if _shard(runs[0].path) != _shard(runs[1].path) else (runs[0], runs[0])
    monkeypatch.setattr(turning, "SEALING", 0.0)
    with lock.exclusive(sealing.exclusive_lock(workspace.path, held.path)):
        told = turning.turn(workspace.path, [held.path, other.path])
    assert list(told) == [held.path]
    assert (left(held.path) > 0, left(other.path) == 0) == (True, other is not held)


def _shard(run_path: Path) -> str:
    return run_path.parent.name[0]


@pytest.mark.usefixtures("quick")
def test_it_works_beside_a_sealer(workspace: Workspace) -> None:
    run = started(workspace)
    over = threading.Event()

    def seal() -> None:
        while not over.is_set():
            sealing.seal(workspace.path, run.path)

    thread = threading.Thread(target=seal)
    thread.start()
    for turn in range(1, 6):
        scenes.log_some(run, 5, 5 * turn)
        assert turning.turn(workspace.path, [run.path], LONG) == {}
        assert left(run.path) == 0
    over.set()
    thread.join()
    run.complete()
    assert [step for *_, name, _, step in scenes.points(run.path) if name == "loss"] == list(range(30))


@pytest.mark.usefixtures("quick")
def test_a_writer_that_logs_faster_than_this_seals_keeps_nobody(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenes.small_journals(monkeypatch)
    monkeypatch.setattr(sealing, "BATCH", 1)
    run = started(workspace)
    publish = sealing.publish

    def overtaken(*arguments: Any) -> None:
        publish(*arguments)
        scenes.log_some(run, 1000, 5)
        run._live().flush()

    monkeypatch.setattr(sealing, "publish", overtaken)
    turning.turn(workspace.path, [run.path], LONG)
    assert left(run.path) > 0
    monkeypatch.setattr(sealing, "publish", publish)
    run.complete()


# ---- a request that is there


@pytest.fixture
def requested(workspace: Workspace) -> Iterator[Run]:
    """A finished run that somebody's request was left in."""
    run = started(workspace)
    run.complete()
    turning._ask(run.path)
    yield run


def test_check_says_nothing_of_it(workspace: Workspace, requested: Run) -> None:
    assert check.check(workspace.path) == []


def test_merge_and_export_leave_it_where_it_is(workspace: Workspace, requested: Run, tmp_path: Path) -> None:
    other = Workspace(tmp_path / "other")
    union.merge(other.path, workspace.path)
    exporting.export(workspace.path, ["r"], tmp_path / "out")
    there = [path.name for place in (other.path, tmp_path / "out") for path in place.rglob("*")]
    assert names.ROTATE not in there and any(name.endswith(".parquet") or name == "a1.jsonl" for name in there)
    assert (requested.path / names.ROTATE).exists()


def test_compaction_takes_an_old_one_and_leaves_one_that_may_be_waited_for(
    workspace: Workspace, requested: Run
) -> None:
    path = requested.path / names.ROTATE
    compaction.compact(workspace.path, enough=1)
    assert path.exists()
    os.utime(path, (1, 1))
    compaction.compact(workspace.path, enough=1)
    assert not path.exists()


def test_a_run_goes_into_a_block_beside_it(workspace: Workspace, requested: Run) -> None:
    before = scenes.points(requested.path)
    done = compaction.compact(workspace.path, grace=0, enough=1)
    assert done.blocked == 1
    assert files.names_in(requested.path) == [names.ROTATE]
    assert scenes.points(requested.path) == before
