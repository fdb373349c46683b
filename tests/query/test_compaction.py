"""Compacting a workspace: what is finished gets small, what is alive or damaged stays, nothing else changes."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from runstore.disk import block, files, inventory, lock
from runstore.format import names
from runstore.query import blocking, compaction, levels, sealing
from runstore.query.compaction import compact
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace
from tests.query import scenes
from tests.query.scenes import workspace

__all__ = ["workspace"]


def finished(workspace: Workspace, run_id: str = "r", writers: int = 1) -> Run:
    experiment = workspace.experiment("e")
    runs = [experiment.start_logging(run_id=run_id) for _ in range(writers)]
    for run in reversed(runs):
        scenes.log_some(run, 3)
        run.complete()
    return runs[0]


def listed(run_path: Path) -> list[str]:
    return [entry.name for entry in files.listing(run_path)]


def test_every_finished_run_becomes_one_file_per_kind(workspace: Workspace) -> None:
    runs = [finished(workspace, f"r{n}", writers=n + 1) for n in range(3)]
    before = [scenes.points(run.path) for run in runs]
    seen: list[tuple[int, int]] = []
    done = compact(workspace.path, grace=0, progress=lambda one, of: seen.append((one, of)))
    assert [scenes.points(run.path) for run in runs] == before
    assert [len(listed(run.path)) for run in runs] == [4, 4, 4]  # facts, points, rows, record
    assert (done.runs, done.sealed, done.damaged) == (3, 3, [])
    assert done.bytes_after == sum(entry.stat().st_size for run in runs for entry in files.listing(run.path))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_second_time_there_is_nothing_to_do(workspace: Workspace) -> None:
    run = finished(workspace, writers=2)
    compact(workspace.path, grace=0)
    names_before = listed(run.path)
    done = compact(workspace.path, grace=0)
    assert (done.sealed, done.merged, done.removed, done.bytes_after) == (0, 0, 0, done.bytes_before)
    assert listed(run.path) == names_before


def test_replaced_files_stay_for_the_grace(workspace: Workspace) -> None:
    run = finished(workspace)
    sealing.seal_locked(run.path)
    run = finished(workspace)
    compact(workspace.path)
    assert len(inventory.scan(run.path).seals) == 3
    assert len(inventory.scan(run.path).active) == 1


def test_a_run_that_goes_on_keeps_its_journal(workspace: Workspace) -> None:
    run = workspace.experiment("e").start_logging()
    scenes.log_some(run, 3)
    before = listed(run.path)
    assert compact(workspace.path, grace=0).sealed == 0
    assert listed(run.path) == before
    scenes.log_some(run, 3, 3)
    run.complete()
    assert len(scenes.points(run.path)) == 6 * 4 + 4


def test_damage_in_one_run_is_told_and_does_not_stop_the_others(workspace: Workspace) -> None:
    one, other = finished(workspace, "a", writers=2), finished(workspace, "b")
    sealing.seal_locked(one.path)
    path = inventory.scan(one.path).segments("points")[0].path
    path.write_bytes(path.read_bytes()[:-1])
    bad = finished(workspace, "c")
    journal = inventory.scan(bad.path).points[0]
    journal.write_bytes(journal.read_bytes().replace(b"loss", b"lozz", 1))
    finished(workspace, "a")
    done = compact(workspace.path, grace=0)
    told = dict(done.damaged)
    assert set(told) == {
        one.path.relative_to(workspace.path).as_posix(),
        bad.path.relative_to(workspace.path).as_posix(),
    }
    assert "SHA-256" in told[one.path.relative_to(workspace.path).as_posix()]
    assert journal.name in told[bad.path.relative_to(workspace.path).as_posix()]
    assert not inventory.scan(other.path).points
    assert journal.exists()


def test_it_waits_for_a_sealer_at_work(workspace: Workspace) -> None:
    run = finished(workspace)
    held = lock.exclusive(sealing.exclusive_lock(workspace.path, run.path))
    held.__enter__()
    done: list[compaction.Compacted] = []
    thread = threading.Thread(target=lambda: done.append(compact(workspace.path)))
    thread.start()
    thread.join(0.3)
    assert not done and inventory.scan(run.path).points
    held.__exit__(None, None, None)
    thread.join(30)
    assert done[0].sealed == 1


def test_locks_of_the_dead_and_of_the_ended_go_those_of_the_living_stay(workspace: Workspace) -> None:
    experiment = workspace.experiment("e")
    scenes.die(lambda: scenes.log_some(experiment.start_logging(run_id="dead"), 1))
    alive = experiment.start_logging(run_id="alive")
    ended = experiment.start_logging(run_id="ended")
    held = inventory.scan(ended.path).locks[0]
    ended.complete()
    held.touch()
    dead = workspace.path / names.run_dir("dead")
    assert inventory.scan(dead).locks
    compact(workspace.path)
    assert [len(inventory.scan(path).locks) for path in (dead, alive.path, ended.path)] == [0, 1, 0]
    assert alive.status == "Running"
    alive.complete()


def test_the_state_of_a_dead_run_does_not_depend_on_its_lock(workspace: Workspace) -> None:
    from runstore.runs import state

    scenes.die(lambda: workspace.experiment("e").start_logging(run_id="dead"))
    path = workspace.path / names.run_dir("dead")
    before = state.fold(path).status, state.fold(path).error
    compact(workspace.path)
    assert (state.fold(path).status, state.fold(path).error) == before == ("Failed", "vanished")


def test_files_that_never_became_whole_go_after_a_day(workspace: Workspace) -> None:
    run = finished(workspace)
    places = [workspace.path, workspace.path / names.EXPERIMENTS, run.path]
    (workspace.path / names.BLOBS).mkdir()
    places.append(workspace.path / names.BLOBS)
    old = [place / ".thing.0123.tmp" for place in places]
    young = [place / ".thing.4567.tmp" for place in places]
    for path in old + young:
        path.touch()
    for path in old:
        os.utime(path, (1, 1))
    compact(workspace.path)
    assert [path.exists() for path in old] == [False] * 4
    assert [path.exists() for path in young] == [True] * 4


def test_an_empty_workspace_is_compact(workspace: Workspace) -> None:
    assert compact(workspace.path) == compaction.Compacted()


# ---- blocks


def blocks(workspace: Workspace) -> list[block.Block]:
    return block.active(workspace.path)


def test_runs_at_rest_go_into_a_block_and_their_directories_go(workspace: Workspace) -> None:
    runs = [finished(workspace, f"r{n}") for n in range(3)]
    before = [scenes.points(run.path) for run in runs]
    going_on = workspace.experiment("e").start_logging(run_id="on")
    seen: list[tuple[int, int]] = []
    done = compact(workspace.path, grace=0, enough=3, progress=lambda one, of: seen.append((one, of)))
    assert (done.runs, done.blocked, done.blocks, done.damaged) == (4, 3, 1, [])
    assert list(compaction.run_paths(workspace.path)) == [going_on.path]
    assert [scenes.points(run.path) for run in runs] == before
    assert (done.files_after, done.bytes_after) == compaction._measured(workspace.path)
    assert seen[-1] == (7, 7)
    going_on.complete()


def test_fewer_runs_stay_as_they_are(workspace: Workspace) -> None:
    for number in range(compaction.ENOUGH - 1):
        finished(workspace, f"r{number}")
    assert compact(workspace.path).blocked == 0
    finished(workspace, "one more")
    assert compact(workspace.path).blocked == compaction.ENOUGH


def test_files_that_a_block_has_stay_for_the_grace_and_go_with_the_next_compact(workspace: Workspace) -> None:
    runs = [finished(workspace, f"r{n}") for n in range(3)]
    compact(workspace.path, enough=3)
    assert all(run.path.exists() for run in runs)
    assert compact(workspace.path, enough=3).blocked == 0
    assert all(run.path.exists() for run in runs)
    assert compact(workspace.path, grace=0, enough=3).blocked == 0
    assert not any(run.path.exists() for run in runs)


def test_a_run_that_goes_on_after_it_was_put_into_a_block_is_whole(workspace: Workspace) -> None:
    finished(workspace)
    compact(workspace.path, grace=0, enough=1)
    run = finished(workspace)
    before = scenes.points(run.path)
    for _ in range(3):
        compact(workspace.path, grace=0, enough=1)
        assert scenes.points(run.path) == before
    assert len(before) == 2 * 14


def crowded(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """A few sealed runs, as many as are many here."""
    monkeypatch.setattr(compaction, "_SAMPLE", 256)
    monkeypatch.setattr(compaction, "MANY", 3)
    monkeypatch.setattr(levels, "ENOUGH", 3)
    runs = [finished(workspace, f"r{n}") for n in range(3)]
    for run in runs:
        sealing.seal_locked(run.path)
    return runs


def test_in_the_background_many_loose_runs_go_into_a_block(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = crowded(workspace, monkeypatch)
    assert compaction.background(workspace.path)
    assert [one.body["runs"] for one in blocks(workspace)] == [3]
    assert not compaction.background(workspace.path)
    assert compaction.background(workspace.path, grace=0)
    assert not any(run.path.exists() for run in runs)


def test_in_the_background_a_few_are_left_alone(workspace: Workspace) -> None:
    finished(workspace)
    assert not compaction.background(workspace.path)
    assert not (workspace.path / names.LOCKS).exists()


def test_in_the_background_nobody_is_waited_for(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    crowded(workspace, monkeypatch)
    with lock.exclusive(blocking.exclusive_lock(workspace.path)):
        assert not compaction.background(workspace.path, grace=-1)
    assert blocks(workspace) == []


def test_the_environment_switches_the_background_off(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    crowded(workspace, monkeypatch)
    monkeypatch.setenv("RUNSTORE_COMPACT", "0")
    assert not compaction.background(workspace.path)


def test_in_the_background_blocks_are_merged_a_little_at_a_time(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        finished(workspace, f"s{number}")
        compact(workspace.path, enough=1)
    crowded(workspace, monkeypatch)
    monkeypatch.setattr(levels, "WIDTH", 2)
    monkeypatch.setattr(levels, "FULL_RUNS", 2)
    assert compaction.background(workspace.path, grace=-1)
    assert sorted(one.body["runs"] for one in blocks(workspace)) == [1, 1, 1, 2, 2]


@pytest.mark.parametrize("name", [names.BLOCK_INDEX, names.BLOCK_MEMBERS])
def test_a_damaged_block_is_named_and_the_rest_goes_on(workspace: Workspace, name: str) -> None:
    kept = finished(workspace, "kept")
    compact(workspace.path, enough=1)
    other = finished(workspace, "other")
    path = blocks(workspace)[0].path / name
    data = bytearray(path.read_bytes())
    data[1] ^= 1
    path.write_bytes(data)
    done = compact(workspace.path, grace=0, enough=1)
    assert any(name in what for _, what in done.damaged)
    assert kept.path.exists()
    assert not inventory.scan(other.path).points
