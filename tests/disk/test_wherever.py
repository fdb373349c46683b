"""A file of a run is found by its path in the run's directory, or in the block that holds it."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.disk import block, files, wherever
from runstore.errors import Damaged
from runstore.format import names
from tests.query import blocked

LARGE = "repeats " * 500


@pytest.fixture
def facts(workspace: Path) -> Path:
    """The facts of a run that lies in a block only, and of another one that doesn't."""
    for run_id in ("kept", "loose"):
        with runstore.start_run("x", run_id=run_id, params={"note": LARGE}, workspace=workspace) as run:
            run.complete()
    path = workspace / names.run_dir("kept") / "a1.jsonl"
    path.with_name("k-1.pack").write_bytes(b"packed")
    blocked.put(workspace, [path.parent])
    return path


def test_what_lies_in_a_block_is_there_and_read(facts: Path) -> None:
    assert wherever.there(facts) and not facts.exists()
    data = wherever.read(facts)
    assert (LARGE.encode() in data, wherever.size(facts)) == (True, len(data))
    with wherever.opened(facts) as window:
        assert window.read(0, len(data)) == data


def test_of_a_file_kept_as_it_is_only_its_own_bytes_are_seen(facts: Path) -> None:
    with wherever.opened(facts.with_name("k-1.pack")) as window:
        assert (window.read(0, 100), window.read(2, 4), window.read(9, 12)) == (b"packed", b"ck", b"")


def test_a_file_of_the_directory_is_read_first(facts: Path) -> None:
    facts.parent.mkdir()
    facts.write_bytes(b"newer")
    assert (wherever.read(facts), wherever.size(facts)) == (b"newer", 5)
    assert wherever.listed(facts.parent) == ["a1.jsonl", "k-1.pack"]


def test_what_is_nowhere_is_missing(facts: Path) -> None:
    for path in (facts.with_name("nope"), facts.parents[3] / "x", Path("/x")):
        assert not wherever.there(path)
        with pytest.raises(FileNotFoundError):
            wherever.read(path)
        with pytest.raises(FileNotFoundError), wherever.opened(path):
            pass
        with pytest.raises(FileNotFoundError):
            wherever.size(path)


def test_every_run_is_named_once_in_the_order_of_directories(facts: Path, workspace: Path) -> None:
    kept, loose = (workspace / names.run_dir(run_id) for run_id in ("kept", "loose"))
    assert list(wherever.runs(workspace)) == sorted([kept, loose])
    kept.mkdir()  # edited since
    assert list(wherever.runs(workspace)) == sorted([kept, loose])


def test_what_a_damaged_index_tells_of_is_not_there(facts: Path, workspace: Path) -> None:
    (one,) = block.active(workspace)
    (one.path / names.BLOCK_INDEX).write_bytes(bytes(4096))
    wherever._holding.cache_clear()
    assert not wherever.there(facts)
    with pytest.raises(Damaged):
        wherever.read(facts)
    assert list(wherever.runs(workspace)) == [workspace / names.run_dir("loose")]


def test_of_a_removed_run_only_its_files_by_their_names_are_found(facts: Path, workspace: Path) -> None:
    tombstone = workspace / names.tombstone(block.key(facts.parent))
    files.make_dirs(tombstone.parent)
    tombstone.write_bytes(b"")
    assert block.holding(workspace, block.key(facts.parent)) == []
    assert wherever.there(facts)  # others may use what it has
