"""References are counted exactly, and sweeping removes exactly what nothing refers to."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk import files, pack, packed
from runstore.disk.packed import Index
from runstore.errors import Damaged
from runstore.format import names
from runstore.query import indexing, references
from runstore.query.check import DAMAGE, check
from runstore.query.references import Swept
from runstore.runs import dedup


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    dedup.forget()
    monkeypatch.setattr(packed, "_FRESH_SECONDS", 0.0)


def ended(ws: runstore.Workspace, contents: dict[str, bytes]) -> Any:
    """A run with these artifacts; ones of 256 KiB lie loose."""
    run = ws.experiment("e").start_logging()
    for name, data in contents.items():
        run.upload_file(name, io.BytesIO(data))
    run.complete()
    return run


def held(ws: runstore.Workspace) -> list[str]:
    """The hash of every piece that is stored, in a pack or loose."""
    return sorted(one.sha256 for one in references.count(ws.path).stored.values())


def digests(*contents: bytes) -> list[str]:
    return sorted(hashlib.sha256(data).hexdigest() for data in contents)


def packed_bytes(ws: runstore.Workspace) -> int:
    return sum(path.stat().st_size for path in ws.path.rglob("k-*.pack"))


def sweep(ws: runstore.Workspace) -> Swept:
    return references.sweep(ws.path, grace=0, young=0)


def what(ws: runstore.Workspace) -> list[str]:
    return [finding.what for finding in check(ws.path)]


LARGE = os.urandom(pack.SMALL)


def test_each_piece_knows_who_refers_to_it(ws: runstore.Workspace) -> None:
    one = ended(ws, {"a": b"shared", "b": b"own", "large": LARGE})
    other = ended(ws, {"c": b"shared", "d": LARGE})
    count = references.count(ws.path)
    users = {stored.sha256: sorted(count.of(stored)) for stored in count.stored.values()}
    assert users == {
        digests(b"shared")[0]: sorted([f"{one.id}: a", f"{other.id}: c"]),
        digests(b"own")[0]: [f"{one.id}: b"],
        digests(LARGE)[0]: sorted([f"{one.id}: large", f"{other.id}: d"]),
    }
    assert (count.unreferenced, count.missing, count.doubts) == ([], [], [])


def test_older_versions_and_models_and_snapshots_refer_too(ws: runstore.Workspace, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("pass")
    run = ws.experiment("e").start_logging()
    run.upload_file("a", io.BytesIO(b"first"))
    run.upload_file("a", io.BytesIO(b"second"), overwrite=True)
    run.upload_file("m", io.BytesIO(b"model"))
    run.register_model("m", "m")
    run.take_snapshot(tmp_path / "src")
    run.remove_files("m")
    run.complete()
    assert references.count(ws.path).unreferenced == []
    assert sweep(ws) == Swept()
    assert check(ws.path) == []


def test_nothing_is_swept_where_everything_is_used(ws: runstore.Workspace) -> None:
    ended(ws, {"a": b"a", "large": LARGE})
    assert sweep(ws) == Swept()


def test_what_was_removed_is_a_note_and_goes_when_it_is_swept(ws: runstore.Workspace) -> None:
    run = ended(ws, {"a": b"gone", "b": b"stays", "large": LARGE})
    run.remove_files(["a", "large"])
    assert len(what(ws)) == 2
    assert all("nothing refers to" in one for one in what(ws))
    before = packed_bytes(ws)
    done = sweep(ws)
    assert (done.blobs, done.packs, done.rewritten) == (1, 1, 1)
    assert done.bytes == len(LARGE) + before - packed_bytes(ws)
    assert held(ws) == digests(b"stays")
    assert packed_bytes(ws) == len(pack.frame("0" * 64, 5)) + len(b"stays\n")
    assert run.read_file("b") == b"stays"
    assert check(ws.path) == []
    assert sweep(ws) == Swept()


def test_a_pack_of_which_nothing_is_used_goes_as_a_whole(ws: runstore.Workspace) -> None:
    run = ended(ws, {"a": b"a", "b": b"b"})
    run.remove_files(["a", "b"])
    assert sweep(ws).packs == 1
    assert list(ws.path.rglob("k-*.pack")) == []
    assert check(ws.path) == []


def test_other_runs_find_what_they_share_in_the_pack_that_replaced_it(ws: runstore.Workspace) -> None:
    one = ended(ws, {"a": b"dead", "b": b"shared", "c": b"dead too"})
    other = ended(ws, {"x": b"shared"})
    one.remove_files(["a", "b", "c"])
    sweep(ws)
    assert held(ws) == digests(b"shared")
    assert other.read_file("x") == b"shared"
    assert check(ws.path) == []


def test_a_pack_can_be_replaced_again_and_again(ws: runstore.Workspace) -> None:
    contents = {f"{number}": b"content %d" % number for number in range(6)}
    run = ended(ws, contents)
    for number in range(5):
        run.remove_files(f"{number}")
        sweep(ws)
        assert run.read_file("5") == b"content 5"
    assert held(ws) == digests(b"content 5")
    assert check(ws.path) == []


def test_a_replaced_pack_stays_for_its_readers(ws: runstore.Workspace) -> None:
    run = ended(ws, {"a": b"gone", "b": b"stays"})
    run.remove_files("a")
    assert references.sweep(ws.path, grace=600, young=0).rewritten == 1
    assert len(list(ws.path.rglob("k-*.pack"))) == 2
    assert run.read_file("b") == b"stays"
    assert references.sweep(ws.path, grace=600, young=0) == Swept()
    assert sweep(ws).packs == 1
    assert held(ws) == digests(b"stays")
    assert check(ws.path) == []


def test_what_is_touched_while_references_are_counted_stays(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ended(ws, {"a": b"gone", "b": b"stays", "large": LARGE})
    run.remove_files(["a", "large"])
    true = references.count

    def slow(path: Path) -> references.References:
        found = true(path)
        for one in found.stored.values():
            os.utime(one.path, (time.time() + 1, time.time() + 1))
        return found

    monkeypatch.setattr(references, "count", slow)
    assert sweep(ws) == Swept()


def test_what_was_left_behind_and_found_again_has_a_place_too(ws: runstore.Workspace) -> None:
    run = ended(ws, {"a": b"left behind", "b": b"stays", "c": b"gone"})
    run.remove_files(["a", "c"])
    assert references.sweep(ws.path, grace=600, young=0).rewritten == 1
    other = ended(ws, {"again": b"left behind"})  # this process still knows the old pack
    assert list(other.path.glob("k-*.pack")) == []
    assert other.read_file("again") == b"left behind"
    assert sweep(ws).rewritten == 1
    assert held(ws) == digests(b"left behind", b"stays")
    assert (other.read_file("again"), run.read_file("b")) == (b"left behind", b"stays")
    assert check(ws.path) == []
    run.remove_files("b")
    sweep(ws)
    assert held(ws) == digests(b"left behind")
    assert other.read_file("again") == b"left behind"
    assert check(ws.path) == []


def test_what_is_young_or_was_just_found_stored_stays(ws: runstore.Workspace) -> None:
    run = ended(ws, {"a": b"gone", "b": b"stays", "large": LARGE})
    run.remove_files(["a", "large"])
    assert references.sweep(ws.path, grace=0, young=3600) == Swept()
    for path in [*ws.path.rglob("k-*.pack"), ws.path / names.blob(digests(LARGE)[0])]:
        os.utime(path, (1, 1))
    dedup.forget()
    dedup._touched.clear()
    indexing.index(ws.path, run.path)
    live = ws.experiment("e").start_logging()
    piece, blob = live._put(b"gone"), live._put(io.BytesIO(LARGE))  # found stored; no fact says so yet
    assert piece["pack"][3] == run.id
    assert references.sweep(ws.path, grace=0, young=3600) == Swept()
    live.complete()
    assert {*digests(b"gone"), blob["sha256"]} <= {*held(ws)}


def test_packs_of_a_live_run_are_left_alone(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    run.upload_file("a", io.BytesIO(b"a"))
    run.remove_files("a")
    assert sweep(ws) == Swept()
    run.upload_file("b", io.BytesIO(b"a"))
    assert run.read_file("b") == b"a"
    run.complete()
    assert check(ws.path) == []


def test_equal_pieces_of_writers_that_lived_together_become_one(ws: runstore.Workspace) -> None:
    runs = [ws.experiment("e").start_logging() for _ in range(3)]
    for number, run in enumerate(runs):
        run.upload_file("own", io.BytesIO(b"%d" % number))
        run.upload_file("same", io.BytesIO(b"same"))
    for run in runs:
        run.complete()
    assert len(held(ws)) == 6
    assert sweep(ws).rewritten == 2
    assert held(ws) == digests(b"0", b"1", b"2", b"same")
    assert [run.read_file("same") for run in runs] == [b"same"] * 3
    assert check(ws.path) == []
    (same,) = (one for one in references.count(ws.path).stored.values() if one.size == 4)
    (owner,) = (run for run in runs if run.path == same.path.parent)
    owner.remove_files(["own", "same"])
    sweep(ws)
    assert [run.read_file("same") for run in runs if run is not owner] == [b"same"] * 2
    assert check(ws.path) == []


def test_nothing_is_swept_while_something_is_damaged(ws: runstore.Workspace) -> None:
    run = ended(ws, {"a": b"a", "large": LARGE})
    run.remove_files(["a", "large"])
    (journal,) = run.path.glob("a1.jsonl")
    data = bytearray(journal.read_bytes())
    data[200] ^= 1
    journal.write_bytes(data)
    with pytest.raises(Damaged, match="nothing is swept"):
        sweep(ws)
    assert len(held(ws)) == 2


def test_the_index_holds_what_is_left(ws: runstore.Workspace) -> None:
    run = ended(ws, {"a": b"gone", "b": b"stays"})
    indexing.index(ws.path, run.path)
    run.remove_files("a")
    sweep(ws)
    index = Index(ws.path)
    assert list(index.find(digests(b"gone")[0])) == []
    (spot,) = index.find(digests(b"stays")[0])
    assert (ws.path / spot.path).exists()
    dedup.forget()
    assert ended(ws, {"c": b"stays"}).read_file("c") == b"stays"
    assert held(ws) == digests(b"stays")


def test_a_removed_run_s_pieces_that_came_back_are_stored_again(ws: runstore.Workspace) -> None:
    run = ended(ws, {"a": b"data"})
    run.remove_files("a")
    sweep(ws)
    other = ended(ws, {"b": b"data"})
    assert other.read_file("b") == b"data"
    assert check(ws.path) == []


MANY = """
import io, sys, runstore
with runstore.Workspace(sys.argv[1]).experiment("e").start_logging(run_id=sys.argv[2]) as run:
    for number in range(int(sys.argv[3]), int(sys.argv[4])):
        run.upload_file(f"out/{number}.txt", io.BytesIO(b"content %d" % number))
"""


@pytest.mark.slow
def test_ten_thousand_artifacts_half_of_them_equal_are_stored_once(ws: runstore.Workspace, tmp_path: Path) -> None:
    for run_id, first, end in (("one", 0, 2500), ("two", 2500, 5000)):
        program = [sys.executable, "-c", MANY, str(ws.path), run_id, str(first), str(end)]
        subprocess.run(program, check=True)
    indexing.index(ws.path, ws.get_run("one").path)
    indexing.index(ws.path, ws.get_run("two").path)
    with ws.experiment("e").start_logging(run_id="three") as run:
        for number in range(5000):
            run.upload_file(f"out/{number}.txt", io.BytesIO(b"content %d" % number))

    contents = [b"content %d" % number for number in range(5000)]
    assert held(ws) == digests(*contents)
    assert [finding for finding in check(ws.path) if finding.severity == DAMAGE] == []
    assert ws.sql("select count(*), count(distinct sha256) from artifacts").fetchall() == [(10_000, 5000)]
    assert len(ws.get_run("three").get_file_names()) == 5000 + ("user_logs/std_log.txt" in run.get_file_names())
    ws.get_run("three").download_files("out", tmp_path)
    assert all((tmp_path / "out" / f"{n}.txt").read_bytes() == contents[n] for n in range(5000))

    ws.get_run("three").remove_files([f"out/{number}.txt" for number in range(5000)])
    assert sweep(ws) == Swept()  # the other two runs refer to all of it
    ws.get_run("two").remove_files([f"out/{number}.txt" for number in range(2500, 5000)])
    sweep(ws)
    assert held(ws) == digests(*contents[:2500])
    assert packed_bytes(ws) == sum(len(pack.frame("0" * 64, len(data)) + data) + 1 for data in contents[:2500])
    assert ws.get_run("one").read_file("out/2499.txt") == contents[2499]
    assert check(ws.path) == []


def test_what_is_touched_while_it_is_taken_away_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "blob"
    path.write_bytes(b"data")
    os.utime(path, (1, 1))
    true = os.rename

    def touched(source: Path, target: Path) -> None:
        os.utime(source)
        true(source, target)

    monkeypatch.setattr(os, "rename", touched)
    assert not references.remove(path, time.time() - 3600)
    assert files.names_in(tmp_path) == ["blob"]


@pytest.mark.parametrize("number", range(22))
def test_a_sweep_that_dies_anywhere_has_lost_nothing_and_the_next_one_ends_it(
    ws: runstore.Workspace, number: int
) -> None:
    runs = [ws.experiment("e").start_logging() for _ in range(2)]
    for run in runs:
        for name, data in {"same": b"same", "gone": run.id.encode(), "own": b"own " + run.id.encode()}.items():
            run.upload_file(name, io.BytesIO(data))
    runs[0].upload_file("large", io.BytesIO(LARGE))
    for run in runs:
        run.complete()
    runs[0].remove_files(["gone", "large"])
    runs[1].remove_files("gone")
    calls = [0]

    def dying(true: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            calls[0] += 1
            if calls[0] > number:
                raise KeyboardInterrupt
            return true(*arguments, **named)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((files, "create"), (files, "reveal"), (files, "unlink"), (os, "rename")):
            patch.setattr(module, name, dying(getattr(module, name)))
        with suppress(KeyboardInterrupt):
            sweep(ws)
    for _ in ("as it was left", "swept again"):
        assert [finding for finding in check(ws.path) if finding.severity == DAMAGE] == []
        for run in runs:
            assert (run.read_file("same"), run.read_file("own")) == (b"same", b"own " + run.id.encode())
        sweep(ws)
    assert held(ws) == digests(b"same", *(b"own " + run.id.encode() for run in runs))
