"""Several blocks become one that has what they had, but for removed runs; they count no more, and go later."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from runstore.disk import block, block_rows, files, inventory
from runstore.disk.block import Block
from runstore.errors import Damaged
from runstore.format import names
from runstore.query import blocking, merging_blocks, sealing
from runstore.query.blocking import Blocked
from runstore.query.check import check
from runstore.query.workspace import Workspace as Public
from runstore.runs import state, tombstones
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace
from tests.query import scenes
from tests.query.scenes import workspace
from tests.query.test_blocking import content, gathered, sealed

__all__ = ["workspace"]


def in_blocks(workspace: Workspace, groups: Iterable[str]) -> list[Run]:
    """Runs, each named by a letter, in a block for each group."""
    runs = []
    for group in groups:
        own = [sealed(workspace, run_id, 2 + ord(run_id) % 5) for run_id in group]
        gathered(workspace, own)
        runs += own
    swept(workspace, runs)
    return runs


def swept(workspace: Workspace, runs: Iterable[Run]) -> None:
    for run in runs:
        blocking.sweep_run(workspace.path, run.path, 0)


def merged(workspace: Workspace) -> Block:
    merging_blocks.merge(workspace.path, block.active(workspace.path), 1)
    (one,) = block.active(workspace.path)
    return one


def damage(workspace: Workspace) -> list[str]:
    return [str(found) for found in check(workspace.path) if found.severity == "damage"]


def test_the_one_block_has_what_the_others_had(workspace: Workspace) -> None:
    runs = in_blocks(workspace, ["ade", "bf", "c"])
    before = [(content(run.path), scenes.points(run.path)) for run in runs]
    old = {one.name for one in block.active(workspace.path)}
    one = merged(workspace)
    assert (one.body["level"], one.body["runs"], set(one.body["replaces"])) == (1, 6, old)
    assert [entry.run_id for entry in one.entries()] == list("abcdef")
    assert [(content(run.path), scenes.points(run.path)) for run in runs] == before
    assert blocking.sweep_blocks(workspace.path, 0) == 3
    assert [(content(run.path), scenes.points(run.path)) for run in runs] == before
    assert files.names_in(workspace.path / names.BLOCKS) == [one.name]
    assert damage(workspace) == []


def test_replaced_blocks_stay_for_the_grace(workspace: Workspace) -> None:
    in_blocks(workspace, ["a", "b"])
    merged(workspace)
    assert blocking.sweep_blocks(workspace.path, 600) == 0
    assert len(block.every(workspace.path)) == 3


def test_what_was_replaced_before_does_not_count_again_when_its_successor_goes(workspace: Workspace) -> None:
    in_blocks(workspace, ["a", "b"])
    first = {one.name for one in block.every(workspace.path)}
    merged(workspace)
    in_blocks(workspace, ["c"])
    assert first < set(merged(workspace).body["replaces"])


def test_nothing_is_merged_or_removed_while_a_block_is_damaged(workspace: Workspace) -> None:
    in_blocks(workspace, ["a", "b"])
    path = block.active(workspace.path)[0].path / names.BLOCK_MEMBERS
    data = bytearray(path.read_bytes())
    data[3] ^= 1
    path.write_bytes(data)
    with pytest.raises(Damaged, match="SHA-256"):
        merging_blocks.merge(workspace.path, block.active(workspace.path), 1)
    assert len(block.active(workspace.path)) == 2


def test_a_removed_run_is_left_out(workspace: Workspace) -> None:
    runs = in_blocks(workspace, ["ab", "cd"])
    tombstones.publish(state.fold(runs[1].path))
    rows = sum(len(scenes.points(run.path)) for run in runs if run.id != "b")
    one = merged(workspace)
    assert [entry.run_id for entry in one.entries()] == list("acd")
    assert sum(entry["rows"] for kind in ("points", "rows") for _, entry in one.rows(kind)) == rows


def test_of_a_removed_run_with_content_that_others_may_use_that_stays(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100)
    run = workspace.experiment("e").start_logging(run_id="p")
    run.upload_file("file", tmp_path / "file")
    scenes.log_some(run, 2)
    run.complete()
    sealing.seal_locked(run.path)
    gathered(workspace, [run])
    in_blocks(workspace, ["b"])
    swept(workspace, [run])
    tombstones.publish(state.fold(run.path))
    (kept,) = (entry for entry in merged(workspace).entries() if entry.run_id == "p")
    assert {name[0] for name in kept.files} == {"a", "k"}
    assert kept.segments == {}
    merging_blocks.merge(workspace.path, block.active(workspace.path), 1, drop={block.key(run.path)})
    assert [entry.run_id for entry in block.active(workspace.path)[0].entries()] == ["b"]


def test_a_block_of_which_half_was_removed_is_made_anew(workspace: Workspace) -> None:
    runs = in_blocks(workspace, ["abcd"])
    done = Blocked()
    for run in runs[:2]:
        tombstones.publish(state.fold(run.path))
        blocking.rise(workspace.path, done, lambda count: None, lambda: None)
    assert (done.made, done.merged, done.trouble) == (1, 1, [])
    assert [entry.run_id for entry in block.active(workspace.path)[0].entries()] == ["c", "d"]


def test_where_every_run_was_removed_nothing_of_them_comes_back(workspace: Workspace) -> None:
    runs = in_blocks(workspace, ["a", "b"])
    for run in runs:
        tombstones.publish(state.fold(run.path))
    one = merged(workspace)
    assert list(one.entries()) == []
    done = Blocked()
    blocking.rise(workspace.path, done, lambda count: None, lambda: None)
    assert done.made == 0


def test_both_parts_of_a_run_in_two_blocks_go_in(workspace: Workspace) -> None:
    run, other = in_blocks(workspace, ["ab"])
    Public(workspace.path).get_run("a").set_tags({"later": 1})
    gathered(workspace, [run])
    swept(workspace, [run])
    before = [(content(one.path), scenes.points(one.path)) for one in (run, other)]
    one = merged(workspace)
    blocking.sweep_blocks(workspace.path, 0)
    assert [(content(one.path), scenes.points(one.path)) for one in (run, other)] == before
    assert len(next(one.entries()).files) == 3
    assert not run.path.exists()


def test_a_run_whose_points_two_blocks_have_goes_back_to_its_directory(workspace: Workspace) -> None:
    run, other = in_blocks(workspace, ["ab"])
    again = workspace.experiment("e").start_logging(run_id="a")
    scenes.log_some(again, 3)
    again.complete()
    sealing.seal(workspace.path, run.path)
    before = [scenes.points(one.path) for one in (run, other)]
    gathered(workspace, [run])
    swept(workspace, [run])
    assert [scenes.points(one.path) for one in (run, other)] == before
    assert [entry.run_id for entry in merged(workspace).entries()] == ["b"]
    blocking.sweep_blocks(workspace.path, 0)
    assert run.path.exists()
    assert [scenes.points(one.path) for one in (run, other)] == before
    assert damage(workspace) == []


def test_the_same_run_in_two_blocks_counts_once(workspace: Workspace, tmp_path: Path) -> None:
    """As after two compactions on machines whose locks don't know of each other."""
    run = sealed(workspace, "a")
    gathered(workspace, [run])
    (first,) = block.active(workspace.path)
    aside = tmp_path / "aside"
    first.path.rename(aside)
    block.forget(workspace.path)
    gathered(workspace, [run])
    aside.rename(first.path)
    block.forget(workspace.path)
    swept(workspace, [run])
    expected = Public(workspace.path).sql("select count(*), count(distinct (writer, seq)) from metrics").fetchall()
    assert len(block.active(workspace.path)) == 2
    assert expected == [(3 * 4 + 1, 3 * 4 + 1)]
    before = content(run.path), scenes.points(run.path)
    one = merged(workspace)
    assert (content(run.path), scenes.points(run.path)) == before
    assert sum(entry["rows"] for _, entry in one.rows("points")) == 3 * 4 + 1


def test_blocks_that_different_remotes_have_are_never_made_one(workspace: Workspace) -> None:
    runs = [sealed(workspace, run_id) for run_id in "ab"]
    gathered(workspace, runs, lambda run_path: frozenset({run_path.name}))
    with pytest.raises(ValueError, match="unpack"):
        merging_blocks.merge(workspace.path, block.active(workspace.path), 1)


def test_files_of_several_blocks_are_read_one_after_the_other(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(block_rows, "FULL", 100)
    monkeypatch.setattr(block_rows, "HEAVY", 100)
    monkeypatch.setattr(block_rows, "_READ", 3)
    runs = in_blocks(workspace, ["ace", "bdf"])
    before = [scenes.points(run.path) for run in runs]
    assert len(merged(workspace).rows("points")) == 6
    assert [scenes.points(run.path) for run in runs] == before


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_call_nothing_is_lost_and_the_next_one_finishes(workspace: Workspace, after: bool) -> None:
    run, *others = in_blocks(workspace, ["ac", "b"])
    again = workspace.experiment("e").start_logging(run_id="a")
    again.log("loss", 1.0)
    again.complete()
    sealing.seal(workspace.path, run.path)
    gathered(workspace, [run])
    swept(workspace, [run])
    expected = [scenes.points(one.path) for one in (run, *others)]
    call = 0
    while True:
        call += 1
        try:
            with scenes.killed_at(call, after):
                merging_blocks.merge(workspace.path, block.active(workspace.path), 1)
                blocking.sweep_blocks(workspace.path, 0)
            break
        except scenes.Killed:
            block.forget(workspace.path)
        if call % 7 == 0:
            assert [scenes.points(one.path) for one in (run, *others)] == expected
        if len(block.active(workspace.path)) == 1:
            break
    blocking.sweep_blocks(workspace.path, 0)
    assert [scenes.points(one.path) for one in (run, *others)] == expected
    assert len(files.names_in(workspace.path / names.BLOCKS)) == 1
    assert inventory.scan(run.path).damaged == []
