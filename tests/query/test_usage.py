"""Every byte of a workspace is counted once, for whom it is."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk import pack, packed
from runstore.format import names
from runstore.query import compaction
from runstore.runs import dedup, state, tombstones
from tests.query import blocked

LARGE = os.urandom(pack.SMALL)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    dedup.forget()
    monkeypatch.setattr(packed, "_FRESH_SECONDS", 0.0)


def ended(ws: runstore.Workspace, run_id: str, contents: dict[str, bytes], experiment: str = "e") -> Any:
    run = runstore.start_run(experiment, run_id=run_id, workspace=ws)
    run.log("loss", 0.5, step=0)
    run.log_row("table", x=1)
    for name, data in contents.items():
        run.upload_file(name, io.BytesIO(data))
    run.complete()
    return run


def tree(path: Path) -> int:
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())


def used(ws: runstore.Workspace) -> dict[str, Any]:
    return {one.run_id: one for one in ws.usage().runs}


@pytest.mark.parametrize("sealed", [False, True])
def test_all_of_it_adds_up_to_the_bytes_of_the_files(ws: runstore.Workspace, sealed: bool, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("pass")
    first = ended(ws, "a", {"f": b"shared", "g": b"own", "large": LARGE})
    ended(ws, "b", {"f": b"shared", "large": LARGE}, "other")
    first.register_model("m", "g")
    run = runstore.start_run("e", workspace=ws, snapshot_directory=tmp_path / "src")
    run.complete()
    ws.delete(run)
    (ws.path / "odd").write_text("whose?")
    (first.path / "odd").mkdir()
    (first.path / "odd" / "file").write_text("whose?")
    if sealed:
        compaction.compact(ws.path)
    found = ws.usage()
    assert found.bytes == tree(ws.path)
    assert sum(one.bytes for one in found.experiments().values()) + found.rest.bytes == found.bytes
    assert sum(one.files for one in [*found.runs, found.rest]) == sum(p.is_file() for p in ws.path.rglob("*"))


def test_kinds_are_told_apart(ws: runstore.Workspace, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("pass")
    run = ended(ws, "a", {"f": b"file"})
    run.remove_files("f")
    other = runstore.start_run("e", run_id="b", workspace=ws)
    other.upload_file("f", io.BytesIO(b"twelve bytes"))
    other.take_snapshot(tmp_path)
    other.complete()
    compaction.compact(ws.path)
    found = used(ws)
    sizes = {
        kind: sum(path.stat().st_size for path in run.path.glob(f"{kind}-*.parquet")) for kind in ("points", "rows")
    }
    assert {kind: found["a"].kinds[kind] for kind in sizes} == sizes
    assert found["a"].kinds["unused"] == 4
    assert found["b"].kinds["snapshots"] > 0
    assert found["b"].kinds["artifacts"] >= 12 + len(pack.frame("0" * 64, 12)) + 1


def test_shared_content_is_counted_once_for_the_run_that_holds_it(ws: runstore.Workspace) -> None:
    ended(ws, "a", {"f": b"shared"})
    ended(ws, "b", {"f": b"shared", "g": b"shared"})
    found = used(ws)
    assert (found["a"].shared, found["a"].elsewhere) == (6, {})
    assert (found["b"].kinds.get("artifacts", 0), found["b"].shared, found["b"].elsewhere) == (0, 0, {"a": 6})


def test_loose_content_is_the_first_users(ws: runstore.Workspace) -> None:
    first = ended(ws, "z", {"large": LARGE})
    ended(ws, "b", {"large": LARGE})
    assert used(ws)["z"].kinds["artifacts"] == len(LARGE)
    assert used(ws)["b"].elsewhere == {"z": len(LARGE)}
    first.register_model("m", "large")
    first.remove_files("large")
    assert used(ws)["b"].kinds["artifacts"] == len(LARGE)
    ws.get_run("b").remove_files("large")
    assert ws.usage().rest.kinds["models"] > len(LARGE)


def test_deleted_runs_and_unreadable_ones_count(ws: runstore.Workspace) -> None:
    ended(ws, "a", {}).delete()
    ended(ws, "b", {})
    for path in (ws.path / names.run_dir("b")).iterdir():
        path.write_bytes(b"nothing of this format\n")
    (deleted,) = (one for one in ws.usage().runs if one.deleted)
    assert deleted.run_id == "a"
    assert ws.usage().bytes == tree(ws.path)


def test_runs_in_a_block_take_what_they_took_and_all_of_it_adds_up(ws: runstore.Workspace) -> None:
    for number, run_id in enumerate("abc"):
        run = ended(ws, run_id, {"f": b"shared", "own": run_id.encode() * 50})
        for _ in range(number):
            run.tag("k", "v")
    compaction.compact(ws.path, grace=0)
    before = used(ws)
    blocked.put(ws.path)
    found = ws.usage()
    assert found.bytes == tree(ws.path)
    for run_id, was in before.items():
        now = used(ws)[run_id]
        assert (now.kinds["artifacts"], now.shared, now.elsewhere) == (
            was.kinds["artifacts"],
            was.shared,
            was.elsewhere,
        )
        assert 0 < now.kinds["facts"] <= was.kinds["facts"]
    points = sum(path.stat().st_size for path in ws.path.rglob("points-*.parquet"))
    assert abs(sum(one.kinds["points"] for one in found.runs) - points) <= len(found.runs)
    assert sum(one.files for one in [*found.runs, found.rest]) == sum(p.is_file() for p in ws.path.rglob("*"))


def test_what_a_block_still_has_of_a_removed_run_is_unused(ws: runstore.Workspace) -> None:
    ended(ws, "a", {"own": b"0" * 5000}).delete()
    blocked.put(ws.path)
    ended(ws, "b", {})
    before = ws.usage().rest.kinds.get("unused", 0)
    tombstones.publish(state.fold(ws.path / names.run_dir("a")))
    found = ws.usage()
    assert ([one.run_id for one in found.runs], found.bytes) == (["b"], tree(ws.path))
    assert found.rest.kinds["unused"] > before + 5000
