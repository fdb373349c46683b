"""One run removed: in an order in which nothing is lost that others use, and nothing comes back by halves."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import runstore
from runstore.errors import Damaged
from runstore.format import names
from runstore.query import compaction, listing, references, removing
from runstore.query.check import check
from runstore.runs import tombstones
from tests.query import collectable


def remove(ws: runstore.Workspace, run_id: str, young: float = 0) -> int | None:
    counted = references.count(ws.path, lambda run: run.run_id == run_id)
    (run,) = counted.leaving
    return removing.remove(ws.path, run, removing.needed(counted, run), 0, time.time() - young)


def test_content_that_others_use_becomes_a_blob_before_the_pack_goes(ws: runstore.Workspace) -> None:
    collectable.ended(ws, "a", {"f": b"shared", "g": b"own"}).delete()
    other = collectable.ended(ws, "b", {"f": b"shared"})
    collectable.age(ws.path)
    before = sum(collectable.tree(ws.path).values())
    freed = remove(ws, "a")
    assert freed == before - sum(collectable.tree(ws.path).values())
    blobs = [path for path in collectable.tree(ws.path) if path.startswith("blobs/") and "index" not in path]
    assert len(blobs) == 1
    assert other.read_file("f") == b"shared"


def test_a_run_that_is_not_deleted_any_more_stays(ws: runstore.Workspace) -> None:
    run = collectable.ended(ws, "a", {})
    assert remove(ws, "a") is None
    assert run.path.exists()


def test_damaged_content_that_others_use_keeps_the_run(ws: runstore.Workspace) -> None:
    run = collectable.ended(ws, "a", {"f": b"shared content"})
    collectable.ended(ws, "b", {"f": b"shared content"})
    run.delete()
    (pack,) = run.path.glob("k-*")
    pack.write_bytes(pack.read_bytes().replace(b"shared content", b"shared cOntent"))
    with pytest.raises(Damaged):
        remove(ws, "a")
    assert ws.restore("a") == ["a"]


@pytest.mark.parametrize("sealed", [False, True])
def test_what_says_that_it_is_deleted_goes_last(
    ws: runstore.Workspace, sealed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = collectable.ended(ws, "a", {})
    run.delete()
    ws.restore("a")
    ws.delete("a")
    if sealed:
        compaction.compact(ws.path, grace=0)
        ws.restore("a")
        ws.delete("a")
    real = removing.gone
    seen: list[list[str]] = []

    def gone(path: Path) -> int:
        seen.append([found.run_id for found in listing.runs(ws.path)])
        return real(path)

    monkeypatch.setattr(removing, "gone", gone)
    remove(ws, "a")
    assert len(seen) > 3
    assert [one for one in seen if one] == []


def test_what_nobody_knows_in_its_directory_goes_as_well(ws: runstore.Workspace) -> None:
    run = collectable.ended(ws, "a", {})
    (run.path / "own" / "deep").mkdir(parents=True)
    (run.path / "own" / "deep" / "file").write_text("mine")
    run.delete()
    remove(ws, "a")
    assert not run.path.exists()


def test_a_silent_writer_that_nobody_can_ask_holds_it_for_a_day(ws: runstore.Workspace) -> None:
    collectable.ended(ws, "a", {}).delete()
    (run,) = listing.every(ws.path)
    run.writers[0].settled = False
    assert removing.waits(run, 0) == "a process that logs into it may be alive"
    collectable.age(ws.path)
    assert removing.waits(run, 0) == ""
    assert removing.waits(run, 1e9).startswith("can be restored for ")


def test_from_the_tombstone_on_it_counts_for_nothing(ws: runstore.Workspace) -> None:
    run = collectable.ended(ws, "a", {"f": b"own"})
    run.delete()
    (found,) = listing.every(ws.path)
    tombstones.publish(found)
    assert references.count(ws.path).users == {}
    assert (ws.path / names.run_dir("a")).exists()
    assert [finding.what for finding in check(ws.path)] == ["of a run that was removed; `gc` takes what is left of it"]
