"""What lies beside the points is sealed with them, and never counted among them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from runstore.disk import files, inventory
from runstore.format import documents, names
from runstore.query import merging, sealing
from runstore.query.check import NOTE, check
from runstore.query.compaction import compact
from runstore.runs import state
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace
from tests.query import scenes
from tests.query.scenes import workspace

__all__ = ["workspace"]


def segments(run_path: Path) -> list[str]:
    """The kinds of a run's sealed files."""
    return sorted(name.partition("-")[0] for name in files.names_in(run_path) if name.endswith(".parquet"))


def test_a_finished_run_with_system_metrics_adds_one_file(workspace: Workspace) -> None:
    run = workspace.experiment("e").start_logging()
    run.log("loss", 1.0, step=0)
    for number in range(3):
        run._live().side().system({"cpu.percent": float(number)})
    run.complete()
    before = scenes.points(run.path)
    sealing.seal(workspace.path, run.path)
    assert segments(run.path) == ["points", "system"]
    assert not inventory.scan(run.path).sides
    assert scenes.points(run.path) == before


def test_every_kind_gets_its_segment_and_each_number_keeps_its_place(workspace: Workspace) -> None:
    run = workspace.experiment("e").start_logging()
    scenes.log_some(run, 5)
    scenes.log_side(run, 5)
    run.complete()
    before = scenes.points(run.path)
    sealing.seal(workspace.path, run.path)
    assert segments(run.path) == ["logs", "points", "rows", "system"]
    assert scenes.points(run.path) == before
    assert check(workspace.path) == []


def test_a_run_with_nothing_but_a_side_is_sealed_and_has_no_points(workspace: Workspace) -> None:
    run = workspace.experiment("e").start_logging()
    scenes.log_side(run, 3)
    run.complete()
    before = scenes.points(run.path)
    sealing.seal(workspace.path, run.path)
    assert segments(run.path) == ["logs", "system"]
    found = state.fold(run.path)
    assert (found.points, len(found.writers), scenes.points(run.path)) == (0, 1, before)


def test_the_record_covers_the_side_under_its_own_id_and_sums_up_points_only(workspace: Workspace) -> None:
    run = workspace.experiment("e").start_logging()
    run.log("loss", 1.0, step=0)
    scenes.log_side(run, 2)
    writer = run._live().identity.writer
    run.complete()
    sealing.seal(workspace.path, run.path)
    ((name, body),) = inventory.scan(run.path).active
    assert body["ranges"] == [[writer, 1, 0, 0], [names.side(writer), 1, 0, 9]]
    assert set(documents.parse(files.read(run.path / name), name)["summary"]) == {"loss"}
    assert set(inventory.scan(run.path).lasts[name]) == {"loss"}


def test_a_segment_of_logs_is_sorted_and_keeps_marks_apart_from_lines(workspace: Workspace) -> None:
    run = workspace.experiment("e").start_logging()
    scenes.log_side(run, 3)
    run.complete()
    sealing.seal(workspace.path, run.path)
    (part,) = inventory.scan(run.path).segments("logs")
    rows = pq.read_table(part.path).to_pylist()
    assert [(r["name"], r["line"], r["mark"]) for r in rows] == [
        *(("run.log", line, None) for line in range(6)),
        *(("std_log.txt", number, number * 100) for number in range(3)),
    ]
    assert [rows[0][column] for column in ("level", "logger", "text", "exception")] == [
        "INFO", "a.b", "line 0\nof two", None,
    ]  # fmt: skip
    assert (rows[1]["text"], rows[1]["exception"]) == ("x\0y0", "Traceback ...")


def test_closed_side_journals_of_a_running_run_are_sealed_and_logging_goes_on(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenes.small_journals(monkeypatch, 500)
    run = workspace.experiment("e").start_logging()
    for start in range(0, 3000, 500):
        scenes.log_side(run, 500, start)
        run.flush()
    assert len(inventory.scan(run.path).sides) > 1
    before = scenes.points(run.path)
    done = sealing.seal(workspace.path, run.path)
    assert (done.finished, done.records > 0, len(inventory.scan(run.path).sides)) == (False, True, 1)
    assert scenes.points(run.path) == before
    scenes.log_side(run, 1)
    run.complete()
    assert len(scenes.points(run.path)) == len(before) + 5


def test_the_side_of_a_dead_writer_is_sealed_what_was_never_checked_included(workspace: Workspace) -> None:
    def log() -> None:
        run = workspace.experiment("e").start_logging(run_id="r")
        run.log("loss", 1.0, step=0)
        scenes.log_side(run, 4)

    scenes.die(log)
    run_path = workspace.path / names.run_dir("r")
    before = scenes.points(run_path)
    assert sealing.seal(workspace.path, run_path).finished
    assert scenes.points(run_path) == before
    assert not inventory.scan(run_path).sides
    assert {finding.severity for finding in check(workspace.path)} <= {NOTE}


def _two_writers(workspace: Workspace) -> Run:
    runs = [workspace.experiment("e").start_logging(run_id="r") for _ in range(2)]
    for run in reversed(runs):
        scenes.log_some(run, 3)
        scenes.log_side(run, 3)
        run.complete()
    return runs[0]


@pytest.mark.parametrize("smaller", [lambda w, r: compact(w.path, grace=0), lambda w, r: sealing.seal(w.path, r.path)])
def test_sides_of_several_writers_become_one_file_per_kind(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, smaller: Callable[[Workspace, Run], object]
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 1)
    run = _two_writers(workspace)
    before = scenes.points(run.path)
    smaller(workspace, run)
    found = inventory.scan(run.path)
    assert [len(found.segments(kind)) for kind in ("points", "rows", "system", "logs")] == [1, 1, 1, 1]
    assert scenes.points(run.path) == before
    merging.sweep(run.path, grace=0)
    assert scenes.points(run.path) == before
    assert segments(run.path) == ["logs", "points", "rows", "system"]
    assert check(workspace.path) == []
