"""Merging makes fewer files of the same points and facts; sweeping takes away only what nothing needs any more."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from runstore.disk import files, inventory
from runstore.errors import Damaged
from runstore.format import names
from runstore.query import merging, sealing, segments
from runstore.runs import state
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace
from tests.query import scenes
from tests.query.scenes import workspace

__all__ = ["workspace"]


def two_writers(workspace: Workspace, run_id: str = "r", count: int = 3) -> Run:
    """A finished run with two attempts, the first of them with two writers."""
    experiment = workspace.experiment("e")
    run = experiment.start_logging(run_id=run_id, tags={"a": "1"})
    joined = experiment.start_logging(run_id=run_id)
    for one in (joined, run):
        scenes.log_some(one, count)
        one.complete()
    again = experiment.start_logging(run_id=run_id, tags={"b": "2"})
    scenes.log_some(again, count)
    again.complete()
    return again


def told(run_path: Path) -> tuple[object, ...]:
    """What the facts say, whatever files they lie in."""
    run = state.fold(run_path)
    return (
        run.run_id,
        run.status,
        run.tags,
        run.points,
        [(w.writer, w.state, w.points) for w in run.writers],
        run.damaged,
    )


def file_kinds(run_path: Path) -> list[str]:
    return sorted(n.kind for e in files.listing(run_path) if (n := names.parse(e.name)))


def sealed_in_parts(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, run_id: str = "r") -> Run:
    """As ``two_writers``, one record for each journal and nothing merged."""
    run = two_writers(workspace, run_id)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "BATCH", 1)
        patch.setattr(merging, "merge", lambda path: 0)
        sealing.seal_locked(run.path)
    return run


def test_a_run_becomes_one_file_per_kind_with_the_same_points_and_facts(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = sealed_in_parts(workspace, monkeypatch)
    before = scenes.points(run.path), told(run.path)
    assert len(inventory.scan(run.path).active) == 3
    assert merging.merge(run.path) == 2 + 2 + 2
    found = inventory.scan(run.path)
    assert [len(found.segments(kind)) for kind in ("points", "rows")] == [1, 1]
    assert (len(found.active), len(found.facts)) == (1, 1)
    assert (scenes.points(run.path), told(run.path)) == before
    assert merging.merge(run.path) == 0


def test_what_was_replaced_goes_when_the_grace_is_over(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = sealed_in_parts(workspace, monkeypatch)
    before = scenes.points(run.path), told(run.path)
    merging.merge(run.path)
    assert merging.sweep(run.path, grace=600) == 0
    assert merging.sweep(run.path, grace=0) == 3 * 3 + 3
    assert file_kinds(run.path) == ["merged", "seal", "segment", "segment"]
    assert (scenes.points(run.path), told(run.path)) == before


def test_the_grace_is_counted_from_when_the_replacing_record_was_made(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = sealed_in_parts(workspace, monkeypatch)
    for entry in files.listing(run.path):
        os.utime(entry.path, (1, 1))
    merging.merge(run.path)
    assert merging.sweep(run.path, grace=60) == 0


def test_merged_facts_are_merged_again_with_those_of_a_later_attempt(workspace: Workspace) -> None:
    run = two_writers(workspace)
    sealing.seal_locked(run.path)
    again = workspace.experiment("e").start_logging(run_id="r", tags={"c": "3"})
    scenes.log_some(again, 2)
    again.complete()
    before = scenes.points(run.path), told(run.path)
    assert len(inventory.scan(run.path).facts) == 2
    sealing.seal_locked(run.path)
    assert len(inventory.scan(run.path).facts) == 1
    merging.sweep(run.path, grace=0)
    assert file_kinds(run.path) == ["merged", "seal", "segment", "segment"]
    assert (scenes.points(run.path), told(run.path)) == before
    assert [w.writer for w in state.fold(run.path).writers if w.attempt == 3]


def test_facts_without_points_are_merged_too(workspace: Workspace) -> None:
    experiment = workspace.experiment("e")
    for _ in range(2):
        run = experiment.start_logging(run_id="r")
        run.complete()
    before = told(run.path)
    sealing.seal_locked(run.path)
    merging.sweep(run.path, grace=0)
    assert file_kinds(run.path) == ["merged", "seal"]
    assert told(run.path) == before


def test_the_same_facts_make_the_same_file_in_every_copy(workspace: Workspace, tmp_path: Path) -> None:
    run = two_writers(workspace)
    copy = scenes.copied(run.path, tmp_path / "copy")
    for path in (run.path, copy):
        sealing.seal_locked(path)
    merged = [inventory.scan(path).merged[0].name for path in (run.path, copy)]
    assert merged[0] == merged[1]


def merged_elsewhere(workspace: Workspace, tmp_path: Path) -> Run:
    """A run whose facts were merged, and of which another copy, with an attempt more, has been taken in since."""
    run = two_writers(workspace)
    sealing.seal_locked(run.path)
    ((old, body),) = inventory.scan(run.path).active
    shutil.copytree(workspace.path, tmp_path / "there")
    again = Workspace(tmp_path / "there").experiment("e").start_logging(run_id="r", tags={"c": "3"})
    scenes.log_some(again, 2)
    again.complete()
    there = again.path
    sealing.seal_locked(there)
    covers = {(w, a): [(first, last)] for w, a, first, last in body["ranges"]}
    merged = body["merged_facts"]
    segments.publish(run.path, ("r", "e"), body["segments"], covers, {}, [old], merged)
    for name in set(files.names_in(there)) - set(files.names_in(run.path)):
        shutil.copy(there / name, run.path / name)
    assert len(inventory.scan(run.path).active) == 2
    return run


def test_of_two_merged_files_the_one_that_stands_for_the_other_is_kept(workspace: Workspace, tmp_path: Path) -> None:
    run = merged_elsewhere(workspace, tmp_path)
    before = scenes.points(run.path), told(run.path)
    sealing.seal_locked(run.path)
    merging.sweep(run.path, grace=0)
    assert len(inventory.scan(run.path).active) == 1
    assert (scenes.points(run.path), told(run.path)) == before


def test_merged_facts_that_are_not_whole_stay(workspace: Workspace, tmp_path: Path) -> None:
    run = two_writers(workspace)
    sealing.seal_locked(run.path)
    ((old, body),) = inventory.scan(run.path).active
    for _ in range(2):
        workspace.experiment("e").start_logging(run_id="r").complete()
    path = run.path / body["merged_facts"]["file"]
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(Damaged, match=path.name):
        merging.merge(run.path)
    assert [name for name, _ in inventory.scan(run.path).active] == [old]


def test_the_facts_of_a_dead_writer_stay_as_they_are(workspace: Workspace) -> None:
    experiment = workspace.experiment("e")
    scenes.die(lambda: scenes.log_some(experiment.start_logging(run_id="r"), 2))
    for _ in range(2):
        run = experiment.start_logging(run_id="r")
        run.complete()
    before = told(run.path)
    unclosed = (run.path / "a1.jsonl").read_bytes()
    sealing.seal_locked(run.path)
    merging.sweep(run.path, grace=0)
    assert [path.name[:6] for path in inventory.scan(run.path).facts] == ["facts-", "a1.jso"]
    assert (run.path / "a1.jsonl").read_bytes() == unclosed
    assert told(run.path) == before


def test_rows_are_numbered_through(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = sealed_in_parts(workspace, monkeypatch)
    merging.merge(run.path)
    (part,) = inventory.scan(run.path).segments("rows")
    series: dict[tuple[str, int], list[int]] = {}
    for row in pq.read_table(part.path).sort_by("seq").to_pylist():
        series.setdefault((row["writer"], row["attempt"]), []).append(row["row"])
    assert len(series) == 3
    assert all(numbers == list(range(len(numbers))) for numbers in series.values())


def test_records_that_overlap_are_merged_without_doubles(workspace: Workspace, tmp_path: Path) -> None:
    """Two machines sealed copies of one run, and the copies were put together."""
    scenes_run = workspace.experiment("e").start_logging(run_id="r")
    with pytest.MonkeyPatch.context() as patch:
        scenes.small_journals(patch)
        for start in range(0, 3000, 1000):
            scenes.log_some(scenes_run, 1000, start)
            scenes_run.flush()
        scenes_run.complete()
    run_path = scenes_run.path
    before = scenes.points(run_path)
    copy = scenes.copied(run_path, tmp_path / "copy")
    sealing.seal_locked(run_path)
    for path in inventory.scan(copy).points[2:]:
        path.unlink()
    sealing.seal_locked(copy)
    for entry in files.listing(copy):
        if not (run_path / entry.name).exists():
            shutil.copy2(entry.path, run_path)
    assert len(inventory.scan(run_path).active) == 2
    assert scenes.points(run_path) == before
    merging.merge(run_path)
    merging.sweep(run_path, grace=0)
    assert len(inventory.scan(run_path).active) == 1
    assert scenes.points(run_path) == before


def test_nothing_is_merged_out_of_a_damaged_segment(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = sealed_in_parts(workspace, monkeypatch)
    path = inventory.scan(run.path).segments("points")[1].path
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    listed = [entry.name for entry in files.listing(run.path)]
    with pytest.raises(Damaged, match=path.name):
        merging.merge(run.path)
    assert {e.name for e in files.listing(run.path) if not e.name.startswith("facts-")} == set(listed)


def test_nothing_is_swept_while_what_replaces_it_is_damaged(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = sealed_in_parts(workspace, monkeypatch)
    merging.merge(run.path)
    path = inventory.scan(run.path).segments("points")[0].path
    path.write_bytes(path.read_bytes()[:-1])
    listed = [entry.name for entry in files.listing(run.path)]
    with pytest.raises(Damaged):
        merging.sweep(run.path, grace=0)
    assert [entry.name for entry in files.listing(run.path)] == listed


def test_a_segment_no_record_names_goes_only_if_all_of_it_is_sealed_elsewhere(workspace: Workspace) -> None:
    run = two_writers(workspace)
    sealing.seal_locked(run.path)
    merging.sweep(run.path, grace=0)
    (part,) = inventory.scan(run.path).segments("points")
    spare = run.path / names.segment("points", "0" * 64)
    table = pq.read_table(part.path)
    pq.write_table(table.slice(0, 2), spare)
    foreign = run.path / names.segment("points", "1" * 64)
    pq.write_table(table.slice(0, 1).set_column(6, "writer", [["c" * 16]]), foreign)
    broken = run.path / names.segment("points", "2" * 64)
    broken.write_bytes(b"no parquet")
    assert merging.sweep(run.path, grace=600) == 0
    assert merging.sweep(run.path, grace=0) == 1
    assert (spare.exists(), foreign.exists(), broken.exists(), part.path.exists()) == (False, True, True, True)


def test_while_a_record_is_damaged_no_segment_counts_as_left_over(workspace: Workspace) -> None:
    run = two_writers(workspace)
    sealing.seal_locked(run.path)
    merging.sweep(run.path, grace=0)
    ((name, _),) = inventory.scan(run.path).seals
    (run.path / name).write_bytes(b"{}")
    listed = [entry.name for entry in files.listing(run.path)]
    assert merging.sweep(run.path, grace=0) == 0
    assert [entry.name for entry in files.listing(run.path)] == listed


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_death_at_any_file_call_of_merging_and_sweeping_loses_nothing(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    run = sealed_in_parts(workspace, monkeypatch)
    before = scenes.points(run.path), told(run.path)
    for call in itertools.count(1):
        copy, died = scenes.copied(run.path, tmp_path / str(call)), False
        with scenes.killed_at(call, after):
            try:
                merging.merge(copy)
                merging.sweep(copy, grace=0)
            except scenes.Killed:
                died = True
        assert (scenes.points(copy), told(copy)) == before
        merging.merge(copy)
        merging.sweep(copy, grace=0)
        assert (scenes.points(copy), told(copy)) == before
        if not died:
            break
    assert call > 30
