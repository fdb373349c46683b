"""A run is described with all that it needs elsewhere, and with what keeps it from being whole."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.disk.capabilities import CAN
from runstore.query import compaction
from runstore.runs import seal
from runstore.sync import describe
from tests.query import scenes, unions


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Workspace:
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    return runstore.Workspace(tmp_path / "ws")


def kinds(seen: describe.Described) -> list[str]:
    return sorted(one.kind for one in seen.files)


def test_a_sealed_run_is_complete(ws: runstore.Workspace) -> None:
    unions.logged(ws, "r0", small=b"few", large=b"many" * 100_000)
    compaction.compact(ws.path, grace=0)
    seen = describe.run(ws.path, ws.get_run("r0").path)
    assert seen.complete and kinds(seen) == ["facts", "pack", "points", "rows", "seal"]
    assert [one.kind for one in seen.content] == ["blob"] and seen.content[0].size == 400_000


def test_the_same_is_told_of_a_run_in_a_block(ws: runstore.Workspace) -> None:
    unions.logged(ws, "r0", small=b"few")
    compaction.compact(ws.path, grace=0)
    before = describe.run(ws.path, ws.get_run("r0").path)
    for _ in range(2):
        compaction.compact(ws.path, grace=0, enough=1)
    assert describe.run(ws.path, ws.get_run("r0").path).files == before.files


def test_points_in_journals_are_counted_as_not_sealed(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", run_id="r", workspace=ws) as run:
        scenes.log_some(run, 2)
        run.flush()
        seen = describe.run(ws.path, run.path)
        assert seen.unsealed == 10 and not seen.complete


def test_facts_of_a_live_run_are_told_up_to_their_last_line(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", run_id="r", workspace=ws, params={"a": 1}) as run:
        run.flush()
        (facts,) = [one for one in describe.run(ws.path, run.path).files if one.kind == "facts"]
        data = (run.path / facts.name).read_bytes()[: facts.size]
        assert data.endswith(b"\n") and b'"a"' in data and b"\0" not in data
        assert facts.spans[0][1] == 0 and facts.version == facts.spans[0][0]


def test_damage_is_told_and_hides_nothing_else(ws: runstore.Workspace) -> None:
    unions.logged(ws, "r0")
    compaction.compact(ws.path, grace=0)
    run_path = ws.get_run("r0").path
    (run_path / "facts-none.jsonl").write_bytes(b"")
    (segment,) = run_path.glob("points-*.parquet")
    segment.unlink()
    seen = describe.run(ws.path, run_path)
    assert any("missing" in one for one in seen.trouble) and "facts" in kinds(seen) and "seal" not in kinds(seen)


def test_content_in_another_runs_pack_is_to_be_sent_as_a_blob(ws: runstore.Workspace) -> None:
    unions.logged(ws, "r0", small=b"few")
    unions.logged(ws, "r1", small=b"few")
    seen = describe.run(ws.path, ws.get_run("r1").path)
    assert [one.path for one in seen.content] == [*seen.packed] and len(seen.packed) == 1


def test_the_lock_of_a_writer_that_died_travels(ws: runstore.Workspace) -> None:
    if not CAN.fork:
        return
    scenes.die(lambda: runstore.start_run("e", run_id="r", workspace=ws).log("x", 1))
    (lock,) = [one for one in describe.run(ws.path, ws.get_run("r").path).files if one.kind == "lock"]
    assert lock.modified > 0 and lock.size == 0


def test_documents_outside_of_runs_are_told_but_those_that_are_known(ws: runstore.Workspace) -> None:
    unions.logged(ws, "r0", m=b"weights")
    ws.experiment("e").tag("k", "v")
    found = [*describe.outside(ws.path)]
    assert sorted(one.path.partition("/")[0] for one in found) == ["experiments", "experiments"]
    assert [*describe.outside(ws.path, {one.key for one in found})] == []
