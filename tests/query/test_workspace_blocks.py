"""Whatever is asked of runs, the answer is the same when they lie in a block, and after something was said since."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runstore
from runstore.disk import block, files
from runstore.query import compaction
from runstore.query.check import check
from runstore.query.views import VIEWS
from tests.query import blocked, scenes

RUNS = ("first", "second", "a-child", "resumed", "gone")


@pytest.fixture
def full(ws: runstore.Workspace, tmp_path: Path) -> runstore.Workspace:
    """A bit of everything that runs can have, sealed."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "train.py").write_text("print(1)")
    for number, run_id in enumerate(RUNS):
        run = ws.experiment("e").start_logging(
            run_id=run_id, parent_id="first" if run_id == "a-child" else None, snapshot_directory=source,
            params={"lr": number / 10, "seed": number % 2},
        )  # fmt: skip
        _fill(run, number)
    with ws.experiment("e").start_logging(run_id="resumed") as again:
        again.log("loss", 0.125, step=4)
        again.upload_file("outputs/own", io.BytesIO(b"another version"), overwrite=True)
        again.use_artifact("first", "outputs/own")
    ws.delete("gone")
    compaction.compact(ws.path, grace=0, enough=100)
    return ws


def _fill(run: Any, number: int) -> None:
    scenes.log_some(run, 8 + number)
    scenes.log_side(run)
    run.log("final", number / 3, step=20)
    run.log_image("picture", image=np.array([[0, 255], [number, 9]], dtype=np.uint8))
    run.upload_file("outputs/shared", io.BytesIO(b"the same in all"))
    run.upload_file("outputs/own", io.BytesIO(b"own %d" % number))
    run.upload_file("outputs/large", io.BytesIO(bytes([number]) * 300_000))
    run.set_tags({"stage": f"s{number}"})
    run.add_properties({"p": str(number)})
    run.note("a note")
    run.attach_log("system_logs/tool.log", b"one\ntwo\n").wait(10)
    with run.capture():
        print("printed", number, flush=True)
    if number == 0:
        run.register_model("m", "outputs")
    run.complete()


def answers(ws: runstore.Workspace, to: Path) -> dict[str, str]:
    """What the public calls say, each as text."""
    found: dict[str, Any] = {
        view: sorted(repr(plain(row)) for row in ws.sql(f"select * from {view}").fetchall()) for view in VIEWS
    }
    found["fields"] = ws.sql("select run_id, params.lr, last.final from runs order by 1").fetchall()
    found["runs"] = ws.runs("lr < 0.3", sort="final", desc=True).fetchall()
    found["leaderboard"] = ws.leaderboard("final", "max", columns=["lr"]).fetchall()
    found["pivot"] = sorted(map(repr, ws.pivot(params="lr").fetchall()))
    found["pivot columns"] = ws.pivot(params="*").columns
    found["curves"] = sorted(map(repr, ws.curves(["loss", "acc"], points=4).fetchall()))
    found["groups"] = ws.groups("final", "seed").fetchall()
    found["compare"] = ws.compare(["first", "second", "resumed"])
    found["diff"] = ws.diff("first", "resumed")
    found["deleted"], found["experiments"] = ws.deleted(), ws.experiments["e"].get_tags()
    found["as of"] = sorted(map(repr, ws.sql("select run_id, name, value from metrics", as_of="2100-01-01").fetchall()))
    for run in ws.experiment("e").get_runs(include_children=True):
        found |= {f"{run.id} {name}": said for name, said in of_run(run, to / run.id).items()}
    for path in sorted(Path(ws.models["m"].download(to / "model")).rglob("*")):
        found[f"model {path.name}"] = path.is_file() and path.read_bytes()
    return {name: repr(plain(said)) for name, said in found.items()}


def plain(said: Any) -> Any:
    """As it is, but dicts in the order of keys."""
    if isinstance(said, dict):
        return [(key, plain(said[key])) for key in sorted(said)]
    return [plain(one) for one in said] if isinstance(said, list | tuple) else said


def of_run(run: Any, to: Path) -> dict[str, Any]:
    details = run.get_details()
    with zipfile.ZipFile(run.restore_snapshot(path=to)) as zipped:
        source = {name: zipped.read(name) for name in zipped.namelist()}
    logs = {Path(path).name: Path(path).read_bytes() for path in run.get_all_logs(to / "logs")}
    return {
        "details": {key: details[key] for key in details if key != "logFiles"},
        "said": (run.status, run.params, run.tags, run.properties, run.get_tags(), run.notes, run.name, run.number),
        "metrics": (run.get_metrics(), run.history().fetchall()),
        "files": {name: run.read_file(name) for name in run.get_file_names()},
        "versions": [one.read() for one in run.versions("outputs/own")],
        "used": [(one.run_id, one.read()) for one in run.inputs],
        "family": (run.parent_id, [child.id for child in run.get_children()]),
        "source": (source, run.get_snapshot_id(), run.provenance),
        "logs": logs,
    }


def asked(ws: runstore.Workspace, to: Path) -> dict[str, str]:
    shutil.rmtree(to, ignore_errors=True)
    return answers(ws, to)


def differing(one: dict[str, str], other: dict[str, str]) -> dict[str, tuple[str, str | None]]:
    return {name: (said, other.get(name)) for name, said in one.items() if said != other.get(name)}


def test_every_answer_is_the_same_in_a_block_and_after_it_is_merged(full: runstore.Workspace, tmp_path: Path) -> None:
    before = asked(full, tmp_path / "to")
    blocked.compacted(full.path)
    there = {run_id: files.names_in(full.get_run(run_id).path) for run_id in RUNS if run_id != "gone"}
    assert not any(there.values())
    assert differing(before, asked(full, tmp_path / "to")) == {}


@pytest.mark.slow
@pytest.mark.parametrize("edit", ["tag", "resume", "remove"])
def test_every_answer_is_as_without_a_block_after_an_edit(full: runstore.Workspace, tmp_path: Path, edit: str) -> None:
    twin = tmp_path / "twin"
    shutil.copytree(full.path, twin)
    blocked.compacted(full.path)
    edited(full, edit)
    run = full.get_run("second")
    for path in run.path.iterdir():  # the same edit, byte for byte, where there is no block
        shutil.copy2(path, twin / run.path.relative_to(full.path))
    found = asked(full, tmp_path / "to")
    assert differing(asked(runstore.Workspace(twin), tmp_path / "to"), found) == {}
    for _ in range(2):
        compaction.compact(full.path, grace=0, enough=1)
    assert (files.names_in(run.path), len(block.active(full.path))) == ([], 2)
    assert differing(found, asked(full, tmp_path / "to")) == {}
    assert [one for one in check(full.path) if one.severity == "damage"] == []


def edited(ws: runstore.Workspace, edit: str) -> None:
    run = ws.get_run("second")
    if edit == "tag":
        run.set_tags({"stage": "later", "more": "1"})
        run.archive()
    elif edit == "remove":
        run.remove_files(["outputs/large"])
    else:
        with ws.experiment("e").start_logging(run_id="second") as again:
            again.log("final", 9.0, step=21)
            again.upload_file("outputs/own", io.BytesIO(b"the newest"), overwrite=True)


def test_a_run_in_a_block_is_deleted_restored_and_removed(full: runstore.Workspace) -> None:
    blocked.compacted(full.path)
    full.delete("second")
    assert {one.run_id for one in full.deleted()} == {"second", "gone"}
    assert "second" not in {row[0] for row in full.sql("select run_id from runs").fetchall()}
    assert full.restore(["second", "gone"]) == ["gone", "second"]
    assert full.get_run("second").read_file("outputs/own") == b"own 1"
