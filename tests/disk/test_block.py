"""A run that lies in a block is read as it was in its directory; a file of its directory wins over the block's."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest

import runstore
from runstore.disk import block, files, inventory
from runstore.errors import Damaged
from runstore.format import blocks, documents, names
from runstore.format.blocks import Entry, Where
from runstore.query import compaction
from runstore.runs import state


def put(workspace: Path, runs: Sequence[Path], replaces: Sequence[str] = ()) -> str:
    """Lay runs, each with one segment of its own, into a block by hand; give its name."""
    data, places, kept = b"", [], {}
    directory = workspace / names.BLOCKS / ".new.tmp"
    files.make_dirs(directory)
    for number, run_path in enumerate(runs):
        folded, entry = state.fold(run_path), Entry("", "")
        entry.run_id, entry.experiment = folded.run_id, folded.experiment
        for name in files.names_in(run_path):
            content = files.read(run_path / name)
            if name.endswith(".parquet"):
                entry.segments[name] = names.block_rows("points", number)
                files.publish(directory, entry.segments[name], content)
                kept[entry.segments[name]] = {"kind": "points", "sha256": digest(content), "size": len(content)}
            else:
                entry.files[name], stored = blocks.pack(content, len(data), deflate=True)
                data += stored
        places.append((block.key(run_path), Where(len(data), len(entry.render()))))
        data += entry.render()
    index = blocks.render(places)
    files.publish(directory, names.BLOCK_MEMBERS, data)
    files.publish(directory, names.BLOCK_INDEX, index)
    record = documents.render({"runstore": 1, "replaces": list(replaces), "files": kept, "runs": len(runs)})
    files.publish(directory, names.BLOCK_RECORD, record)
    directory.rename(workspace / names.block(digest(record)))
    block.forget(workspace)
    return digest(record)[:24]


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def run(workspace: Path) -> runstore.Run:
    with runstore.start_run("x", params={"lr": 0.5}, workspace=workspace) as run:
        for step in range(10):
            run.log("loss", step / 3, step=step)
    compaction.compact(workspace, grace=0)
    return run


def leave(run_path: Path) -> None:
    """What a sweep does: the directory goes."""
    for name in files.names_in(run_path):
        files.unlink(run_path / name)
    assert files.remove_dir(run_path)


def test_a_run_that_lies_in_a_block_only_folds_as_it_did(workspace: Path, run: runstore.Run) -> None:
    before = state.fold(run.path)
    put(workspace, [run.path])
    leave(run.path)
    after = state.fold(run.path)
    assert (after.run_id, after.status, after.params, after.points) == (run.id, "Completed", before.params, 10)
    assert (after.damaged, after.settled, after.started, after.ended) == ([], True, before.started, before.ended)
    assert after.inventory.names == before.inventory.names


def test_a_file_of_the_directory_adds_to_what_a_block_holds(workspace: Path, run: runstore.Run) -> None:
    put(workspace, [run.path])
    leave(run.path)
    run.tag("late", "yes")
    again = state.fold(run.path)
    assert again.tags["late"][0] == "yes"
    assert again.params == {"lr": 0.5}
    assert len(files.names_in(run.path)) == 1


def test_a_run_in_a_block_is_resumed_in_its_next_attempt(workspace: Path, run: runstore.Run) -> None:
    put(workspace, [run.path])
    leave(run.path)
    with runstore.start_run("x", run_id=run.id, workspace=workspace) as again:
        again.log("loss", 7.0, step=10)
    found = state.fold(run.path)
    assert [attempt.number for attempt in found.attempts] == [1, 2]
    assert found.points == 11


def test_a_segment_of_a_run_is_the_rows_in_the_blocks_file(workspace: Path, run: runstore.Run) -> None:
    name = put(workspace, [run.path])
    own = inventory.scan(run.path).segments("points")[0]
    assert (own.path.parent, own.run_id) == (run.path, "")
    leave(run.path)
    (found,) = inventory.scan(run.path).segments("points")
    assert found.path == workspace / names.BLOCKS / name / "points-0000.parquet"
    assert (found.run_id, found.name) == (run.id, own.name)
    assert found.entry["sha256"] == digest(files.read(found.path))


def test_a_block_that_another_replaces_does_not_count(workspace: Path, run: runstore.Run) -> None:
    first = put(workspace, [run.path])
    second = put(workspace, [run.path], replaces=[first])
    assert [one.name for one in block.active(workspace)] == [second]
    assert {one.name for one in block.every(workspace)} == {first, second}


def test_a_block_with_a_damaged_record_is_told_and_does_not_count(workspace: Path, run: runstore.Run) -> None:
    name = put(workspace, [run.path])
    path = workspace / names.BLOCKS / name / names.BLOCK_RECORD
    path.write_bytes(files.read(path).replace(b"runs", b"ruin"))
    block.forget(workspace)
    block._known.clear()
    assert block.active(workspace) == []
    assert [where for where, _ in block.damaged(workspace)] == [f"blocks/{name}"]


def test_a_damaged_index_is_damage_of_the_runs_that_are_looked_for(workspace: Path, run: runstore.Run) -> None:
    name = put(workspace, [run.path])
    path = workspace / names.BLOCKS / name / names.BLOCK_INDEX
    path.write_bytes(b"\0" + files.read(path)[1:])
    with pytest.raises(Damaged):
        block.holding(workspace, block.key(run.path))
    assert any("index.bin" in text for text in state.fold(run.path).damaged)


def test_a_new_run_is_not_looked_for_in_every_entry(workspace: Path, run: runstore.Run) -> None:
    put(workspace, [run.path])
    assert block.holding(workspace, "0" * 18) == []
    assert [entry.run_id for _, entry in block.holding(workspace, block.key(run.path))] == [run.id]
    assert [entry.run_id for one in block.active(workspace) for entry in one.entries()] == [run.id]
    assert block.active(workspace)[0].keys() == [block.key(run.path)]
