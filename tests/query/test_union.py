"""Two workspaces are merged as sets are: in any order, any number of times, and nothing is lost or there twice."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings

import runstore
from runstore.disk import block
from runstore.errors import UsageError
from runstore.format import documents, names
from runstore.query import compaction, references, removing, union
from runstore.query.check import check
from runstore.runs import seal, state
from tests.query import blocked, unions

Op = tuple[str, str, int]


@pytest.fixture
def other(ws: runstore.Workspace, tmp_path: Path) -> runstore.Workspace:
    return runstore.Workspace(tmp_path / "other")


@pytest.mark.slow
@settings(deadline=None, max_examples=10)
@given(unions.ops, unions.ops, unions.ops)
def test_the_order_of_merging_does_not_matter_and_again_changes_no_byte(
    before: list[Op], here: list[Op], there: list[Op]
) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as directory:
        patch.setattr(seal, "request", lambda workspace, run_dir: None)
        a = runstore.Workspace(Path(directory, "a"))
        unions.done(a, before, "s")
        b = unions.copied(a, Path(directory, "b"))
        unions.done(a, here, "a"), unions.done(b, there, "b")
        ab, ba = unions.copied(a, Path(directory, "ab")), unions.copied(b, Path(directory, "ba"))
        kept = unions.content(b.path)
        assert ab.merge(b).refused == ba.merge(a).refused == []
        assert unions.content(b.path) == kept
        assert unions.answers(ab) == unions.answers(ba)
        assert [one for path in (ab.path, ba.path) for one in check(path) if one.severity != "note"] == []
        once_each = "select count(*) = count(distinct (run_id, writer, seq)) from metrics"  # where files overlap
        assert ab.sql(once_each).fetchall() == ba.sql(once_each).fetchall() == [(True,)]
        once = unions.content(ab.path)
        assert (ab.merge(b).files, ab.merge(ba).refused) == (0, [])
        assert ab.merge(ba).files == 0
        ab.merge(b)
        assert {name: data for name, data in unions.content(ab.path).items() if name in once} == once
        assert unions.answers(ab) == unions.answers(ba)


def test_everything_comes_along_and_says_how_much(ws: runstore.Workspace, other: runstore.Workspace) -> None:
    unions.logged(other, "r0", small=b"small", large=bytes(300_000))
    expected, dry = unions.answers(other), ws.merge(other, dry_run=True)
    assert unions.answers(ws)["runs"] == []
    done = ws.merge(other.path)
    assert (done.runs, done.files, done.refused) == (1, dry.files, [])
    assert done.bytes == dry.bytes
    assert unions.answers(ws) == expected
    assert (ws.get_run("r0").read_file("small"), ws.get_run("r0").read_file("large")) == (b"small", bytes(300_000))
    assert check(ws.path) == []


def test_a_workspace_is_not_merged_with_itself(ws: runstore.Workspace) -> None:
    with pytest.raises(UsageError, match="this workspace itself"):
        ws.merge(ws.path)


def test_the_later_word_wins_and_both_stay(ws: runstore.Workspace, other: runstore.Workspace) -> None:
    unions.logged(ws, "r0")
    other.merge(ws)
    ws.get_run("r0").set_tags({"k": "first"})
    other.get_run("r0").set_tags({"k": "second"})
    ws.merge(other), other.merge(ws)
    assert ws.get_run("r0").tags == other.get_run("r0").tags == {"k": "second"}


def test_an_experiment_made_in_both_was_made_when_the_first_one_was(
    ws: runstore.Workspace, other: runstore.Workspace
) -> None:
    ws.experiment("e"), other.experiment("e")
    created = ws.sql("select created from experiments").fetchall()
    ws.merge(other), other.merge(ws)
    assert ws.sql("select created from experiments").fetchall() == created
    assert other.sql("select created from experiments").fetchall() == created


def test_two_models_of_one_name_are_refused_and_named_and_the_rest_goes_on(
    ws: runstore.Workspace, other: runstore.Workspace
) -> None:
    for one, run_id in ((ws, "r0"), (other, "r1")):
        unions.logged(one, run_id, m=run_id.encode()).register_model("net", "m")
        one.get_run(run_id).register_model(f"own-{run_id}", "m")
    done = ws.merge(other)
    assert [why for _, why in done.refused] == ["'net' has another version of this number here; nothing was taken"]
    rows = ws.sql("select name, version, run_id from models order by name").fetchall()
    assert rows == [("net", 1, "r0"), ("own-r0", 1, "r0"), ("own-r1", 1, "r1")]


def test_a_blob_that_is_damaged_there_is_refused(ws: runstore.Workspace, other: runstore.Workspace) -> None:
    unions.logged(other, "r0", large=bytes(300_000))
    (blob,) = (path for path in (other.path / names.BLOBS).rglob("*") if path.stat().st_size == 300_000)
    blob.write_bytes(b"x" * 300_000)
    done = ws.merge(other)
    assert [what.split("/")[0] for what, _ in done.refused] == ["blobs"]
    assert len(ws.sql("select * from runs").fetchall()) == 1


def test_a_damaged_document_is_refused(ws: runstore.Workspace, other: runstore.Workspace) -> None:
    other.experiment("e")
    path = other.path / names.experiment_file("e")
    path.write_bytes(documents.render({"experiment": "e", "created": 1}).replace(b"1}", b"2}"))
    assert [what for what, _ in ws.merge(other).refused] == [names.experiment_file("e")]


def removed(ws: runstore.Workspace, run_id: str) -> None:
    ws.delete(run_id)
    run = state.fold(ws.path / names.run_dir(run_id))
    needed = removing.needed(references.count(ws.path), run)
    assert removing.remove(ws.path, run, needed, grace=0, before=time.time() + 60) is not None


def test_what_was_removed_for_good_does_not_come_back_and_what_others_use_of_it_comes(
    ws: runstore.Workspace, other: runstore.Workspace
) -> None:
    unions.logged(other, "r0", f=b"shared")
    ws.merge(other)
    removed(ws, "r0")
    unions.logged(other, "r1", g=b"shared")
    other.delete("r0")
    done = ws.merge(other)
    assert (done.refused, ws.sql("select run_id from runs").fetchall(), ws.deleted()) == ([], [("r1",)], [])
    assert ws.get_run("r1").read_file("g") == b"shared"
    assert (check(ws.path), ws.merge(other).files) == ([], 0)
    assert other.merge(ws).refused == []
    assert unions.answers(other) == unions.answers(ws)


def test_a_run_that_only_one_has_removed_is_left_and_named_in_both_directions(
    ws: runstore.Workspace, other: runstore.Workspace
) -> None:
    unions.logged(other, "r0")
    ws.merge(other)
    removed(ws, "r0")
    (here,), (there,) = ws.merge(other).refused, other.merge(ws).refused
    assert "r0 was removed for good here" in here[1]
    assert "not deleted here" in there[1]
    assert other.sql("select count(*) from runs").fetchall() == [(1,)]


def blocks(ws: runstore.Workspace, to: Path) -> runstore.Workspace:
    """The same with everything in blocks."""
    made = unions.copied(ws, to)
    blocked.compacted(made.path)
    return made


def sealed(ws: runstore.Workspace) -> runstore.Workspace:
    compaction.compact(ws.path, grace=0)
    return ws


def runs_of(ws: runstore.Workspace) -> dict[str, bytes]:
    return unions.content(ws.path / names.RUNS)


def test_what_lies_in_blocks_there_is_taken_as_the_files_that_it_was(
    ws: runstore.Workspace, other: runstore.Workspace, tmp_path: Path
) -> None:
    unions.logged(other, "r0", small=b"small", large=bytes(300_000))
    unions.logged(other, "r1")
    in_blocks = blocks(sealed(other), tmp_path / "blocks")
    assert runs_of(in_blocks) == {}
    kept = unions.content(in_blocks.path)
    dry, done = ws.merge(in_blocks, dry_run=True), ws.merge(in_blocks)
    assert (done.runs, done.files, done.bytes, done.refused) == (2, dry.files, dry.bytes, [])
    assert (runs_of(ws), unions.content(in_blocks.path)) == (runs_of(other), kept)
    assert (unions.answers(ws), check(ws.path)) == (unions.answers(other), [])
    assert ws.get_run("r0").read_file("small") == b"small"
    assert [ws.merge(one).files for one in (in_blocks, other)] == [0, 0]


def test_to_what_lies_in_blocks_here_only_the_rest_is_added(
    ws: runstore.Workspace, other: runstore.Workspace, tmp_path: Path
) -> None:
    unions.logged(ws, "r0", small=b"small")
    unions.logged(ws, "r1")
    here, there = blocks(sealed(ws), tmp_path / "here"), unions.copied(ws, tmp_path / "there")
    assert (here.merge(there).files, runs_of(here)) == (0, {})
    unions.logged(there, "r0", 5, more=b"more")
    there.get_run("r1").note("later")
    twin = unions.copied(ws, tmp_path / "twin")
    assert (here.merge(there).refused, twin.merge(there).refused) == ([], [])
    assert unions.answers(here) == unions.answers(twin) == unions.answers(there)
    assert {"r0", "r1"} == {str(row[0]) for row in here.sql("select run_id from runs").fetchall()}
    assert here.get_run("r0").read_file("more") == b"more"
    blocked.compacted(there.path)
    assert (here.merge(there).files, unions.answers(here)) == (0, unions.answers(there))


def test_blocks_that_both_have_are_not_looked_into(
    ws: runstore.Workspace, other: runstore.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        unions.logged(other, f"r{number}")
    here, there = blocks(other, tmp_path / "here"), tmp_path / "there"
    there = unions.copied(here, there)
    there.get_run("r1").note("later")
    seen: list[str] = []
    own = union.taking_runs.run
    monkeypatch.setattr(union.taking_runs, "run", lambda taker, *both: (seen.append(both[0].name), own(taker, *both)))
    assert here.merge(there).runs == 1
    assert seen == [there.get_run("r1").path.name]


def test_a_run_in_a_block_that_was_removed_there_is_removed_here_where_it_is_deleted(
    ws: runstore.Workspace, other: runstore.Workspace, tmp_path: Path
) -> None:
    for number in range(2):
        unions.logged(other, f"r{number}", f=b"shared by both")
    here, there = blocks(other, tmp_path / "here"), blocks(other, tmp_path / "there")
    there.delete("r0")
    removed(there, "r0")
    assert [why for _, why in here.merge(there).refused if "is not deleted here" in why]
    here.delete("r0")
    assert here.merge(there).refused == []
    assert {row[0] for row in here.sql("select run_id from runs").fetchall()} == {"r1"}
    assert (here.get_run("r1").read_file("f"), there.get_run("r1").read_file("f")) == (b"shared by both",) * 2


def test_a_damaged_block_there_is_refused_and_the_rest_goes_on(
    ws: runstore.Workspace, other: runstore.Workspace, tmp_path: Path
) -> None:
    unions.logged(other, "r0")
    there = blocks(other, tmp_path / "there")
    (one,) = block.active(there.path)
    unions.logged(there, "r1")
    points = one.path / "points-0000.parquet"
    points.write_bytes(points.read_bytes()[:-1] + b"?")
    done = ws.merge(there)
    assert (done.runs, len(done.refused)) == (2, 1)
    assert {row[0] for row in ws.sql("select run_id from metrics").fetchall()} == {"r1"}
