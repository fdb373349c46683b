"""Sealing moves points from journals to segments: none lost, none doubled, wherever it dies."""

from __future__ import annotations

import errno
import itertools
import os
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from runstore.disk import files, inventory, lock
from runstore.errors import Damaged
from runstore.query import live, sealing, segments
from runstore.runs.workspace import Workspace
from tests.query import scenes
from tests.query.scenes import workspace

__all__ = ["workspace"]


def kinds(run_path: Path) -> list[str]:
    """The files of a run without what varies in their names."""
    return sorted({re.sub("-[0-9a-f]+", "", entry.name) for entry in files.listing(run_path)})


def test_a_finished_run_is_sealed_whole_and_its_journals_go(workspace: Workspace) -> None:
    run = workspace.experiment("e").start_logging()
    scenes.log_some(run)
    run.complete()
    before = scenes.points(run.path)
    done = sealing.seal(workspace.path, run.path)
    assert (done.journals, done.records, done.finished, done.damaged) == (1, 1, True, [])
    assert kinds(run.path) == ["a1.jsonl", "points.parquet", "rows.parquet", "seal.json"]
    assert scenes.points(run.path) == before
    assert len(before) == 20 * 4 + 4 * 2


def test_sealing_again_does_nothing(workspace: Workspace) -> None:
    run = workspace.experiment("e").start_logging()
    scenes.log_some(run)
    run.complete()
    sealing.seal(workspace.path, run.path)
    listed = [entry.name for entry in files.listing(run.path)]
    assert sealing.seal(workspace.path, run.path) == sealing.Sealed(finished=True)
    assert [entry.name for entry in files.listing(run.path)] == listed


def test_a_segment_is_sorted_by_name_attempt_writer_and_number(workspace: Workspace) -> None:
    first = workspace.experiment("e").start_logging(run_id="r")
    second = workspace.experiment("e").start_logging(run_id="r")
    scenes.log_some(first)
    scenes.log_some(second)
    second.complete()
    first.complete()
    sealing.seal(workspace.path, first.path)
    (part,) = inventory.scan(first.path).segments("points")
    keys = [(r["name"], r["attempt"], r["writer"], r["seq"]) for r in pq.read_table(part.path).to_pylist()]
    assert keys == sorted(keys)


def test_the_journal_that_a_live_writer_is_writing_is_never_touched(workspace: Workspace) -> None:
    run = workspace.experiment("e").start_logging()
    scenes.log_some(run)
    run.flush()
    before = {entry.name: files.read(Path(entry.path)) for entry in files.listing(run.path)}
    assert sealing.seal(workspace.path, run.path) == sealing.Sealed()
    assert {entry.name: files.read(Path(entry.path)) for entry in files.listing(run.path)} == before
    run.complete()


def test_what_a_live_writer_has_closed_is_sealed_and_logging_goes_on(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenes.small_journals(monkeypatch)
    run = workspace.experiment("e").start_logging()
    for start in range(0, 3000, 1000):
        scenes.log_some(run, 1000, start)
        run.flush()
    before = scenes.points(run.path)
    done = sealing.seal(workspace.path, run.path)
    assert done.records == 1 and not done.finished
    assert len(inventory.scan(run.path).points) == 1
    assert scenes.points(run.path) == before
    scenes.log_some(run, 10, 3000)
    run.complete()
    sealing.seal(workspace.path, run.path)
    assert scenes.points(run.path)[: len(before)] == before
    assert not inventory.scan(run.path).points


def test_a_dead_writer_s_points_are_sealed_those_never_checked_included(workspace: Workspace) -> None:
    experiment = workspace.experiment("e")
    scenes.die(lambda: scenes.log_some(experiment.start_logging(run_id="r")))
    (run_path,) = (
        Path(e.path) for shard in files.listing(workspace.path / "runs") for e in files.listing(Path(shard.path))
    )
    before = scenes.points(run_path)
    assert len(before) == 88
    done = sealing.seal(workspace.path, run_path)
    assert done.finished
    assert not inventory.scan(run_path).points
    assert scenes.points(run_path) == before


def test_an_end_file_is_no_proof_that_the_writer_is_gone(workspace: Workspace) -> None:
    from runstore.format import documents, names

    run = workspace.experiment("e").start_logging()
    scenes.log_some(run)
    body = {"status": "Failed", "error": "SIGTERM", "time": 1}
    files.publish(run.path, names.end(1), documents.render(body))
    assert sealing.seal(workspace.path, run.path).journals == 0
    scenes.log_some(run, 5, 20)
    run.complete()
    assert len(scenes.points(run.path)) == 88 + 22


def test_a_damaged_journal_stays_and_the_others_are_sealed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenes.small_journals(monkeypatch)
    run = workspace.experiment("e").start_logging()
    for start in range(0, 3000, 1000):
        scenes.log_some(run, 1000, start)
        run.flush()
    run.complete()
    journals = inventory.scan(run.path).points
    assert len(journals) > 2
    bad = journals[1]
    data = bad.read_bytes().replace(b'"loss"', b'"lozz"', 1)
    bad.write_bytes(data)
    before = scenes.points(run.path)
    done = sealing.seal(workspace.path, run.path)
    assert {name for name, _ in done.damaged} == {bad.name}  # a range and, checked or not, the closing line
    assert inventory.scan(run.path).points == [bad]
    assert bad.read_bytes() == data
    assert scenes.points(run.path) == before


def test_an_unfinished_first_line_of_a_dead_writer_is_swept(workspace: Workspace) -> None:
    from runstore.format import names

    run = workspace.experiment("e").start_logging()
    scenes.log_some(run)
    run.complete()
    writer = inventory.scan(run.path).points[0].name[2:18]
    for number, data in ((7, b""), (8, b"\0" * 100), (9, b'{"runstore":1,"jour')):
        (run.path / names.points(writer, number)).write_bytes(data)
    assert sealing.seal(workspace.path, run.path).journals == 4
    assert not inventory.scan(run.path).points


def test_many_batches_of_a_finished_run_end_in_one_file_per_kind(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenes.small_journals(monkeypatch)
    monkeypatch.setattr(sealing, "BATCH", 1)
    run = workspace.experiment("e").start_logging()
    for start in range(0, 3000, 1000):
        scenes.log_some(run, 1000, start)
        run.flush()
    run.complete()
    before = scenes.points(run.path)
    assert sealing.seal(workspace.path, run.path).records > 2
    found = inventory.scan(run.path)
    assert [len(found.segments(kind)) for kind in ("points", "rows")] == [1, 1]
    assert scenes.points(run.path) == before


def test_the_index_of_a_row_counts_on_over_seals(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    scenes.small_journals(monkeypatch)
    run = workspace.experiment("e").start_logging()
    for start in range(0, 3000, 1000):
        scenes.log_some(run, 1000, start)
        run.flush()
        sealing.seal(workspace.path, run.path)
    rows = [row for part in inventory.scan(run.path).segments("rows") for row in pq.read_table(part.path).to_pylist()]
    rows.sort(key=lambda row: row["seq"])
    assert [row["row"] for row in rows] == list(range(len(rows)))
    assert len(rows) > 400
    run.complete()


def test_the_record_tells_what_it_covers_and_sums_up(workspace: Workspace) -> None:
    run = workspace.experiment("e").start_logging()
    for step, value in enumerate([3, 1.5, float("nan"), float("-inf"), True, "text", None, 2**70]):
        run.log("m", value, step=10 + step)
    run.complete()
    sealing.seal(workspace.path, run.path)
    found = inventory.scan(run.path)
    ((record, body),) = found.active
    (writer, attempt, first, last) = body["ranges"][0]
    assert (body["run"], body["experiment"], attempt, first, last) == (run.id, "e", 1, 0, 7)
    summary = found.summary(record)["m"]
    times = summary.pop("first_time"), summary.pop("last_time")
    assert summary.pop("first_key") == [1, times[0] // 1000, writer, 0]
    assert summary.pop("last_key") == [1, times[1] // 1000, writer, 7]
    assert summary == {
        "count": 8, "first": 3, "last": {"i": str(2**70)}, "min": 1.0, "max": float(2**70),
        "mean": (3 + 1.5 + 1 + 2.0**70) / 4, "finite": 4, "last_step": 17, "nan_count": 1, "inf_count": 1,
    }  # fmt: skip


def test_points_that_a_later_attempt_logged_again_are_not_summed_up(workspace: Workspace) -> None:
    experiment = workspace.experiment("e")
    for value, steps in ((1.0, range(10)), (2.0, range(5, 8))):
        run = experiment.start_logging(run_id="r")
        for step in steps:
            run.log("explicit", value, step=step)
            run.log("free", value)
        run.complete()
    sealing.seal(workspace.path, run.path)
    found = inventory.scan(run.path)
    ((record, _),) = found.active
    explicit, free = found.summary(record)["explicit"], found.summary(record)["free"]
    assert (explicit["count"], explicit["mean"], explicit["last_step"]) == (8, (5 * 1.0 + 3 * 2.0) / 8, 7)
    assert (free["count"], free["last"]) == (13, 2.0)


def test_a_segment_that_lacks_a_point_is_never_recorded(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = workspace.experiment("e").start_logging()
    scenes.log_some(run)
    run.complete()
    true = live.load

    def lossy(connection: live.DuckDBPyConnection, journals: object) -> None:
        true(connection, journals)  # type: ignore[arg-type]
        connection.execute("CREATE TEMP VIEW fewer AS SELECT * FROM live_points LIMIT 3")
        connection.execute("CREATE OR REPLACE TEMP TABLE fewer2 AS SELECT * FROM fewer")
        connection.execute("CREATE OR REPLACE TEMP VIEW live_points AS SELECT * FROM fewer2")

    monkeypatch.setattr(live, "load", lossy)
    before = scenes.points(run.path)
    with pytest.raises(Damaged, match="nothing was changed"):
        sealing.seal(workspace.path, run.path)
    assert scenes.points(run.path) == before
    assert not inventory.scan(run.path).seals


def test_only_one_process_seals_a_run(workspace: Workspace) -> None:
    run = workspace.experiment("e").start_logging()
    run.complete()
    with (
        lock.exclusive(sealing.exclusive_lock(workspace.path, run.path)),
        pytest.raises(lock.Busy),
    ):
        sealing.seal(workspace.path, run.path, timeout=0)


def test_a_sort_that_does_not_fit_in_memory_goes_to_disk(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MEMORY", "150MB")
    run = workspace.experiment("e").start_logging()
    for step in range(400_000):
        run.log("loss", step / 7, step=step)
    run.complete()
    assert sealing.seal(workspace.path, run.path).records == 1
    assert inventory.scan(run.path).segments("points")[0].entry["rows"] == 400_000


def test_long_lines_are_sealed_in_little_memory(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MEMORY", "150MB")
    run = workspace.experiment("e").start_logging()
    for step in range(1000):
        run.log("text", f"{step}" + "x" * 20_000)
    run.log_batch("many", [step / 7 for step in range(300_000)])
    run.complete()
    assert sealing.seal(workspace.path, run.path).finished
    assert inventory.scan(run.path).segments("points")[0].entry["rows"] == 301_000


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_death_at_any_file_call_loses_nothing_and_doubles_nothing(
    workspace: Workspace, tmp_path: Path, after: bool
) -> None:
    run = workspace.experiment("e").start_logging()
    scenes.log_some(run, 3)
    scenes.log_side(run, 2)
    run.complete()
    before = scenes.points(run.path)
    for call in itertools.count(1):
        copy, died = scenes.copied(run.path, tmp_path / str(call)), False
        with scenes.killed_at(call, after):
            try:
                sealing.seal_locked(copy)
            except scenes.Killed:
                died = True
        assert scenes.points(copy) == before
        sealing.seal_locked(copy)
        assert scenes.points(copy) == before
        assert not inventory.scan(copy).points + inventory.scan(copy).sides
        if not died:
            break
    assert call > 20


@pytest.mark.slow
def test_a_disk_full_at_any_call_costs_nothing(workspace: Workspace, tmp_path: Path) -> None:
    run = workspace.experiment("e").start_logging()
    scenes.log_some(run, 3)
    scenes.log_side(run, 2)
    run.complete()
    before = scenes.points(run.path)
    for call in itertools.count(1):
        copy, failed = scenes.copied(run.path, tmp_path / str(call)), False
        with scenes.refused_at(call):
            try:
                sealing.seal_locked(copy)
            except OSError:
                failed = True
        assert scenes.points(copy) == before
        assert not inventory.scan(copy).temporaries
        sealing.seal_locked(copy)
        assert scenes.points(copy) == before
        if not failed:
            break
    assert call > 8


def test_a_journal_given_up_after_a_failed_fsync_is_sealed_while_its_writer_lives(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = workspace.experiment("e").start_logging()
    scenes.log_some(run)
    run.flush()
    scenes.log_some(run, 10, 20)
    true = files.sync
    with monkeypatch.context() as patch:
        broken = [True]

        def sync(fd: int) -> None:
            if broken.pop() if broken else False:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            true(fd)

        patch.setattr(files, "sync", sync)
        run.flush()
    scenes.log_some(run, 10, 30)
    journals = inventory.scan(run.path).points
    assert len(journals) == 2
    before = scenes.points(run.path)
    assert sealing.seal_locked(run.path).journals == 0
    os.utime(journals[0], (1, 1))
    assert sealing.seal_locked(run.path).journals == 1
    assert inventory.scan(run.path).points == journals[1:]
    assert scenes.points(run.path) == before
    run.complete()
    sealing.seal_locked(run.path)
    assert scenes.points(run.path) == before


def test_a_writer_s_journals_are_sealed_in_their_order(workspace: Workspace) -> None:
    from tests.disk import build

    run_path = build.run_path(workspace.path)
    build.put_points(run_path, build.some_points(0, 5))
    build.put_points(run_path, build.some_points(5, 9), number=1, first=5, closed=False)
    build.put_points(run_path, build.some_points(9, 12), number=2, first=9)
    build.put_points(run_path, build.some_points(0, 4), number=10_000, writer=build.OTHER)
    assert sealing.seal_locked(run_path).journals == 2
    assert [path.name[-11:] for path in inventory.scan(run_path).points] == ["-0001.jsonl", "-0002.jsonl"]
