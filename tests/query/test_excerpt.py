"""A workspace of some runs: nothing is damaged, every view says the same of them, every file is there."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.format import names
from runstore.query import check, compaction, excerpt, references, sealing
from runstore.query.models import Model
from runstore.query.views import VIEWS
from runstore.runs import environments, models
from tests.query import blocked, scenes

NUMBERED = "number"  # counts the runs there are


@pytest.fixture
def full(ws: runstore.Workspace, tmp_path: Path) -> runstore.Workspace:
    """Two runs with a bit of everything and what they share, in two experiments, one ended, one not."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "train.py").write_text("print(1)")
    for number, experiment in enumerate(("d", "e")):
        run = ws.experiment(experiment).start_logging(
            run_id=f"r{number}", params={"lr": 0.1}, snapshot_directory=source
        )
        scenes.log_some(run, 8)
        scenes.log_side(run)
        run.tag("stage", "x")
        (tmp_path / "shared").write_text("the same in both")
        (tmp_path / "large").write_bytes(bytes([number]) * (300_000))
        run.upload_file("outputs/shared.txt", tmp_path / "shared")
        run.upload_file("outputs/large.bin", tmp_path / "large")
        with run.capture():
            print("printed", flush=True)
        run.flush()
        if number == 0:
            run.complete()
            sealing.seal(ws.path, run.path)
    return ws


def answers(ws: runstore.Workspace, run_ids: list[str]) -> dict[str, list[Any]]:
    found = {}
    for view, columns in VIEWS.items():
        if "run_id" in columns:
            kept = ", ".join(f'"{column}"' for column in columns if column not in (NUMBERED, "params", "last"))
            listed = ", ".join(f"'{run_id}'" for run_id in run_ids)
            found[view] = sorted(map(repr, ws.sql(f"select {kept} from {view} where run_id in ({listed})").fetchall()))
    fields = "select run_id, params.lr, last.loss, last.acc from runs order by run_id"
    return found | {"fields": [row for row in ws.sql(fields).fetchall() if row[0] in run_ids]}


def exported(ws: runstore.Workspace, place: Path, *run_ids: str) -> runstore.Workspace:
    """An export, checked; the workspace it came from is out of reach meanwhile."""
    done = ws.export(place / "out", list(run_ids))
    assert done.missing == []
    found = runstore.Workspace(done.path, create=False)
    assert [one for one in check.check(found.path) if one.severity == check.DAMAGE] == []
    return found


@pytest.mark.parametrize("run_ids", [("r0",), ("r1",), ("r0", "r1")])
def test_every_view_says_the_same_of_the_runs_in_it(
    full: runstore.Workspace, tmp_path: Path, run_ids: tuple[str, ...]
) -> None:
    found = exported(full, tmp_path, *run_ids)
    assert [row[0] for row in found.sql("select run_id from runs order by 1").fetchall()] == [*run_ids]
    assert answers(found, [*run_ids]) == answers(full, [*run_ids])
    assert len(found.sql("select * from experiments").fetchall()) == len(run_ids)


@pytest.mark.parametrize("run_id", ["r0", "r1"])
def test_content_that_lies_in_the_pack_of_another_run_comes_along(
    full: runstore.Workspace, tmp_path: Path, run_id: str
) -> None:
    wanted = {name: full.get_run(run_id).read_file(name) for name in full.get_run(run_id).get_file_names()}
    found = exported(full, tmp_path, run_id)
    shutil.rmtree(full.path)
    run = found.get_run(run_id)
    assert {name: run.read_file(name) for name in run.get_file_names()} == wanted
    run.restore_snapshot(path=tmp_path / "restored")
    counted = references.count(found.path)
    assert (counted.missing, counted.doubts) == ([], [])


def test_content_comes_along_whose_pack_was_replaced(full: runstore.Workspace, tmp_path: Path) -> None:
    full.get_run("r1").complete()
    full.get_run("r0").remove_files("outputs/shared.txt")
    for path in full.path.rglob("*.pack"):
        assert path.exists()
    references.sweep(full.path, grace=0, young=-10)
    references.sweep(full.path, grace=0, young=-10)
    found = exported(full, tmp_path, "r1")
    shutil.rmtree(full.path)
    assert found.get_run("r1").read_file("outputs/shared.txt") == b"the same in both"


def test_nothing_of_other_runs_is_in_it(full: runstore.Workspace, tmp_path: Path) -> None:
    found = exported(full, tmp_path, "r1")
    assert not (found.path / names.run_dir("r0")).exists()
    assert not (found.path / names.experiment_file("d")).exists()


def test_compacted_runs_and_edits_come_along(full: runstore.Workspace, tmp_path: Path) -> None:
    full.get_run("r1").complete()
    full.get_run("r1").tag("later", "yes")
    compaction.compact(full.path, grace=0)
    full.get_run("r1").tag("latest", "yes")
    assert answers(exported(full, tmp_path, "r1"), ["r1"]) == answers(full, ["r1"])


def test_an_export_can_be_logged_to_compacted_and_exported_again(full: runstore.Workspace, tmp_path: Path) -> None:
    found = exported(full, tmp_path, "r0")
    with runstore.start_run("d", run_id="r0", workspace=found) as run:
        run.log("loss", 5.0, step=99)
    compaction.compact(found.path, grace=0)
    again = exported(found, tmp_path / "again", "r0")
    assert again.sql("select attempts, last.loss from runs").fetchall() == [(2, 5.0)]


def test_models_that_the_runs_registered_come_with_all_their_versions(full: runstore.Workspace, tmp_path: Path) -> None:
    first = full.get_run("r0").register_model("m", "outputs/shared.txt")
    first.set_alias("best")
    Model.register(full, tmp_path / "large", "m", aliases=["best"])
    Model.register(full, tmp_path / "large", "other")
    found = exported(full, tmp_path, "r0")
    assert [(one.name, one.version, one.aliases) for one in models.every(found.path)] == [
        ("m", 1, []), ("m", 2, ["best"]),
    ]  # fmt: skip
    assert Model(found, "m:1").download(tmp_path / "got").read_text() == "the same in both"


def test_the_environment_that_a_run_names_comes_along(ws: runstore.Workspace, tmp_path: Path) -> None:
    for name in ("named", "other"):
        environments.register(ws.path, name, {"name": name})
    run = ws.experiment("e").start_logging(run_id="r")
    run._live().record("definition", {"environment": {"name": "named"}})
    run.complete()
    found = exported(ws, tmp_path, "r")
    assert [one[0] for one in environments.newest(found.path)] == ["named"]


def test_a_job_that_waits_stays_where_it_is(ws: runstore.Workspace, tmp_path: Path) -> None:
    run = ws.experiment("e").start_logging(run_id="r")
    run.complete()
    (run.path / names.JOB).write_text("secret")
    (run.path / "unknown.txt").write_text("secret")
    found = exported(ws, tmp_path, "r")
    assert [path for path in found.path.rglob("*") if path.is_file() and b"secret" in path.read_bytes()] == []


def test_content_that_is_gone_is_named_and_the_rest_is_there(full: runstore.Workspace, tmp_path: Path) -> None:
    (fact,) = [one for one in references.count(full.path).stored.values() if one.offset < 0][:1]
    fact.path.unlink()
    with warnings.catch_warnings(record=True, action="always") as said:
        done = full.export(tmp_path / "out")
    assert len(done.missing) == 1 and done.missing[0].endswith("outputs/large.bin")
    assert any("left out" in str(one.message) for one in said)
    assert len(runstore.Workspace(done.path, create=False).sql("select * from runs").fetchall()) == 2


def test_files_that_are_sealed_while_they_are_copied_lose_nothing(
    ws: runstore.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ws.experiment("e").start_logging(run_id="r")
    scenes.log_some(run, 10)
    real, left = excerpt._copy, [3, 6, 9]

    def copy(source: Path, target: Path, copied: dict[str, Any]) -> None:
        if len(copied) in left:
            left.remove(len(copied))
            scenes.log_some(run, 2) if left else run.complete()
            run.flush()
            compaction.compact(ws.path, grace=0)
            sealing.seal(ws.path, run.path)
        real(source, target, copied)

    monkeypatch.setattr(excerpt, "_copy", copy)
    found = exported(ws, tmp_path, "r")
    known = set(ws.sql("select writer, seq from metrics").fetchall())
    held = found.sql("select writer, seq from metrics").fetchall()
    assert len(held) == len(set(held)) >= 10 * 4
    assert set(held) <= known


def files_of(place: Path) -> dict[str, bytes]:
    return {one.relative_to(place).as_posix(): one.read_bytes() for one in place.rglob("*") if one.is_file()}


def test_runs_in_a_block_come_out_as_the_files_they_were(full: runstore.Workspace, tmp_path: Path) -> None:
    full.get_run("r1").complete()
    compaction.compact(full.path, grace=0)
    before = exported(full, tmp_path / "before", "r0", "r1")
    blocked.compacted(full.path)
    assert not full.get_run("r0").path.exists()
    found = exported(full, tmp_path / "after", "r0", "r1")
    assert files_of(found.path / names.RUNS) == files_of(before.path / names.RUNS)
    assert answers(found, ["r0", "r1"]) == answers(full, ["r0", "r1"])


def test_a_run_that_has_a_part_in_a_block_comes_out_whole(full: runstore.Workspace, tmp_path: Path) -> None:
    full.get_run("r1").complete()
    blocked.compacted(full.path)
    with full.experiment("d").start_logging(run_id="r0") as again:
        again.log("loss", 0.25, step=100)
    full.get_run("r1").tag("stage", "later")
    found = exported(full, tmp_path, "r0", "r1")
    assert answers(found, ["r0", "r1"]) == answers(full, ["r0", "r1"])


def test_a_run_that_goes_into_a_block_while_it_is_copied_comes_out_whole(
    full: runstore.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy(source: Path, target: Path, copied: dict[str, tuple[int, int]]) -> None:
        if not (full.path / names.BLOCKS).exists():
            blocked.compacted(full.path)
        own(source, target, copied)

    full.get_run("r1").complete()
    own = excerpt._copy
    monkeypatch.setattr(excerpt, "_copy", copy)
    found = exported(full, tmp_path, "r0")
    assert answers(found, ["r0"]) == answers(full, ["r0"])
