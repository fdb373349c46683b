"""What nobody needs goes, to the byte as told; everything else stays, also where it ends in the middle."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk import block, packed, wherever
from runstore.disk.capabilities import CAN
from runstore.errors import RunNotFound, StoreError
from runstore.format import names
from runstore.query import collecting, compaction, references
from runstore.query.check import DAMAGE, check
from runstore.runs import dedup, tombstones
from tests.crash import seam
from tests.query import blocked, collectable

DAY = collectable.DAY


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    dedup.forget()
    monkeypatch.setattr(packed, "_FRESH_SECONDS", 0.0)


def damage(ws: runstore.Workspace) -> list[Any]:
    return [finding for finding in check(ws.path) if finding.severity == DAMAGE]


def test_what_is_told_is_what_goes_and_frees_exactly_that(ws: runstore.Workspace) -> None:
    stays = collectable.filled(ws)
    before, said = collectable.tree(ws.path), collectable.answers(ws)
    told = collecting.plan(ws.path, grace=0)
    assert collectable.tree(ws.path) == before
    done = collecting.collect(ws.path, grace=0)
    after = collectable.tree(ws.path)
    assert done.bytes == sum(before.values()) - sum(after.values())
    assert {part.run_id: part.bytes for part in told.parts if part.kind == "run"} == {
        part.run_id: part.bytes for part in done.parts if part.kind == "run"
    }
    assert {part.kind for part in told.parts} <= {part.kind for part in done.parts}
    assert (done.kept, done.trouble, told.trouble) == ([], [], [])
    collectable.whole(ws, stays)
    assert collectable.answers(ws) == said
    (note,) = check(ws.path)  # what is left of a pack was written again; the old one stays for who reads it
    assert (note.severity, note.path.endswith(".pack")) == ("note", True)


def test_a_second_time_finds_nothing(ws: runstore.Workspace) -> None:
    collectable.filled(ws)
    collecting.collect(ws.path, grace=0, young=0)
    collectable.age(ws.path)
    collecting.collect(ws.path, grace=0, young=0)  # a pack that another has replaced goes when nobody reads it any more
    assert collecting.plan(ws.path, grace=0, young=0).parts == []
    assert collecting.collect(ws.path, grace=0, young=0).parts == []


def test_a_deleted_run_stays_for_a_week_and_can_be_restored(ws: runstore.Workspace) -> None:
    collectable.ended(ws, "a", {})
    ws.delete("a")
    done = collecting.collect(ws.path)
    assert done.kept == [("run a", "can be restored for 7.0 more days")]
    assert ws.restore("a") == ["a"]


def test_a_removed_run_leaves_a_tombstone_and_never_comes_back(ws: runstore.Workspace) -> None:
    run = collectable.ended(ws, "a", {})
    (writer,) = ws.sql("select writer from writers").fetchall()[0]
    ws.delete("a")
    collectable.age(ws.path)
    collecting.collect(ws.path, grace=0)
    assert not run.path.exists()
    body = tombstones.every(ws.path)["a"]
    assert (body["run"], body["experiment"], body["ranges"]) == ("a", "e", [[writer, 1, 0, 19]])
    assert body["deleted"] < body["removed"]
    assert ws.deleted() == []
    for call in (ws.restore, ws.get_run, ws.delete):
        with pytest.raises(RunNotFound, match="a was deleted and removed"):
            call("a")
    with pytest.raises(StoreError, match="give the new run another id"):
        runstore.start_run("e", run_id="a", workspace=ws)
    assert check(ws.path) == []


def test_a_question_as_of_a_time_when_it_was_there_names_what_was_removed(ws: runstore.Workspace) -> None:
    before = datetime.now(UTC)
    collectable.ended(ws, "a", {})
    between = datetime.now(UTC)
    ws.delete("a")
    collecting.collect(ws.path, grace=0)
    with pytest.warns(UserWarning, match="run a was there then and has been removed since"):
        assert ws.sql("select run_id from runs", as_of=between).fetchall() == []
    assert ws.sql("select run_id from runs", as_of=before).fetchall() == []


def test_a_damaged_tombstone_is_found(ws: runstore.Workspace) -> None:
    collectable.ended(ws, "a", {}).delete()
    collecting.collect(ws.path, grace=0)
    (path,) = (ws.path / names.TOMBSTONES).iterdir()
    path.write_bytes(path.read_bytes().replace(b'"a"', b'"b"'))
    (found,) = check(ws.path)
    assert (found.path, found.severity) == (f"tombstones/{path.name}", DAMAGE)


def test_a_run_that_a_process_may_log_into_stays(ws: runstore.Workspace) -> None:
    run = runstore.start_run("e", run_id="a", workspace=ws)
    ws.get_run("a").cancel()
    ws.delete("a")
    assert [why for _, why in collecting.collect(ws.path, grace=0).kept] == ["a process that logs into it may be alive"]
    assert run.path.exists()
    run.complete()
    collecting.collect(ws.path, grace=0)
    assert not run.path.exists()


def test_what_somebody_has_just_found_in_a_pack_stays(ws: runstore.Workspace) -> None:
    collectable.ended(ws, "a", {"f": b"content"}).delete()
    done = collecting.collect(ws.path, grace=0)
    assert done.kept[-1][0] == "run a"
    assert check(ws.path) != [] and damage(ws) == []
    assert ws.deleted() == []
    found = dedup.find(ws.path, *_sha(b"content"))
    run = collectable.ended(ws, "b", {"g": b"content"})
    assert found is None or run.read_file("g") == b"content"
    collectable.age(ws.path)
    collecting.collect(ws.path, grace=0)
    assert not (ws.path / names.run_dir("a")).exists()
    assert run.read_file("g") == b"content"
    assert check(ws.path) == []


def _sha(content: bytes) -> tuple[str, int]:
    import hashlib

    return hashlib.sha256(content).hexdigest(), len(content)


def test_while_something_is_damaged_content_stays_and_is_told(ws: runstore.Workspace) -> None:
    collectable.filled(ws)
    path = ws.path / names.run_dir("stays-2") / "a9-00000000000000aa.jsonl"
    path.write_bytes(b'{"runstore":1,"journal":"facts"}\n[1\n[2]\n')
    content = [one for one in collectable.tree(ws.path) if one.startswith("blobs/") and "index" not in one]
    told, done = collecting.plan(ws.path, grace=0), collecting.collect(ws.path, grace=0)
    assert told.trouble and done.trouble
    assert {one for one in collectable.tree(ws.path) if one.startswith("blobs/")} >= {
        one for one in content if not one.endswith(".tmp")
    }
    assert (ws.path / names.run_dir("gone-1")).exists()


def test_a_job_of_a_run_that_has_ended_goes(ws: runstore.Workspace) -> None:
    run = collectable.ended(ws, "a", {})
    (run.path / names.JOB).write_text("{}")
    collecting.collect(ws.path)
    assert (run.path / names.JOB).exists()
    collectable.age(run.path)
    assert [part.kind for part in collecting.collect(ws.path).parts] == ["job"]


# ---- interrupted


@pytest.mark.slow
def test_killed_anywhere_it_leaves_a_correct_workspace_and_the_next_call_finishes(
    ws: runstore.Workspace, tmp_path: Path
) -> None:
    interrupted(ws, tmp_path, 34)


@pytest.mark.slow
def test_killed_anywhere_where_runs_lie_in_a_block_it_leaves_a_correct_workspace(
    ws: runstore.Workspace, tmp_path: Path
) -> None:
    interrupted(ws, tmp_path, 16, blocked.compacted)


@pytest.mark.soak
def test_killed_at_a_hundred_points(ws: runstore.Workspace, tmp_path: Path) -> None:
    interrupted(ws, tmp_path, 100)


def interrupted(
    ws: runstore.Workspace, tmp_path: Path, tries: int, compact: Callable[[Path], object] = compaction.compact
) -> None:
    """Kill it before or during the Nth call of the file system, N at random; look; let it finish; look again."""
    if not CAN.fork:
        return
    import shutil

    stays = collectable.filled(ws, compact)
    said = collectable.answers(ws)
    kept = tmp_path / "kept"
    shutil.copytree(ws.path, kept)
    calls = length(kept, tmp_path / "count")
    dice = random.Random(5)
    for number in sorted(dice.sample(range(1, calls + 1), min(tries, calls))):
        shutil.rmtree(ws.path)
        shutil.copytree(kept, ws.path)
        act = dice.choice([seam.die_before, seam.die_during])
        assert killed(ws.path, number, act) == -signal.SIGKILL
        collectable.whole(ws, stays)
        assert collectable.answers(ws) == said, number
        assert damage(ws) == [], number
        collectable.age(ws.path)
        collecting.collect(ws.path, grace=0)
        collectable.whole(ws, stays)
        assert not [run_id for run_id in ("gone-1", "gone-2", "gone-3") if (ws.path / names.run_dir(run_id)).exists()]
        assert damage(ws) == [], number


def length(source: Path, place: Path) -> int:
    """How many calls a whole collection takes."""
    import shutil

    shutil.copytree(source, place)
    forgotten()
    with seam.acting(0, seam.die_before) as made:
        collecting.collect(place, grace=0)
    return len(made)


def forgotten() -> None:
    """What this process knows of blocks is what a new one knows: nothing."""
    block._known.clear()
    block._counting.clear()
    wherever._holding.cache_clear()


def killed(path: Path, number: int, act: seam.Act) -> int:
    """Collect in a child that dies at that call; gives its end."""
    child = os.fork()
    if child == 0:
        forgotten()
        with seam.acting(number, act):
            collecting.collect(path, grace=0)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# ---- beside others

WRITER = """
import io, sys, runstore
ws = runstore.Workspace(sys.argv[1])
for number in range(3):
    with runstore.start_run("busy", run_id=f"{sys.argv[2]}-{number}", workspace=ws) as run:
        for step in range(300):
            run.log("loss", step, step=step)
        run.upload_file("f", io.BytesIO(b"shared with one"))
        run.upload_file("own", io.BytesIO(run.id.encode()))
        doomed = run.id
    if number == 0:
        ws.delete(doomed)
"""


def test_ten_writers_log_and_delete_while_it_runs_and_lose_nothing(ws: runstore.Workspace) -> None:
    stays = collectable.filled(ws)
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(ws.path), f"w{n}"]) for n in range(10)]
    while any(one.poll() is None for one in writers):
        assert collecting.collect(ws.path, grace=0).trouble == []
    assert [one.returncode for one in writers] == [0] * 10
    collectable.age(ws.path)
    collecting.collect(ws.path, grace=0)
    busy = {f"w{n}-{number}" for n in range(10) for number in (1, 2)}
    collectable.whole(ws, stays | busy)
    counted = ws.sql("select run_id, count(*) from metrics where run_id like 'w%' group by 1").fetchall()
    assert dict(counted) == dict.fromkeys(busy, 300)
    for run_id in busy:
        assert ws.get_run(run_id).read_file("f") == b"shared with one"
        assert ws.get_run(run_id).read_file("own") == run_id.encode()
    assert damage(ws) == []
    assert references.count(ws.path).missing == []
