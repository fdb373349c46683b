"""Which runs can go into a block: those at rest, undamaged and not deleted, with what of them lies in none yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.disk import files, inventory
from runstore.format import names
from runstore.query import compaction, loose, merging, sealing
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace
from tests.query import scenes
from tests.query.blocked import nobody
from tests.query.scenes import workspace

__all__ = ["workspace"]


@pytest.fixture
def run(workspace: Workspace) -> Run:
    """A run that can go into a block."""
    run = workspace.experiment("e").start_logging(run_id="r", tags={"a": 1})
    scenes.log_some(run, 3)
    run.complete()
    sealing.seal_locked(run.path)
    return run


def test_a_sealed_run_can_go(run: Run) -> None:
    one = loose.loose(inventory.scan(run.path), nobody)
    assert one is not None
    assert (one.run_id, one.path, one.acknowledged) == ("r", run.path, frozenset())
    assert one.size == sum(entry.stat().st_size for entry in files.listing(run.path))


def test_what_goes_is_every_small_file_as_it_is_and_the_rows(run: Run) -> None:
    one = loose.loose(inventory.scan(run.path), nobody)
    assert one is not None
    found = loose.contents(one, nobody)
    assert found is not None
    _, pieces, parts = found
    small = {name: member.content(stored, name) for name, member, stored in pieces}
    rows = {part.name: sum(batch.num_rows for batch in part.batches) for part in parts}
    assert small.keys() | rows.keys() == set(files.names_in(run.path))
    assert all((run.path / name).read_bytes() == data for name, data in small.items())
    assert sorted(rows.values()) == [1, 3 * 4 + 1]


def test_what_was_replaced_stays_behind(run: Run, workspace: Workspace) -> None:
    again = workspace.experiment("e").start_logging(run_id="r")
    scenes.log_some(again, 2)
    again.complete()
    sealing.seal_locked(run.path)
    before = set(loose.fresh(inventory.scan(run.path)))
    merging.sweep(run.path, grace=0)
    assert before == set(files.names_in(run.path))


def test_packs_and_raw_logs_are_not_deflated(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"y" * 5000)
    again = workspace.experiment("e").start_logging(run_id="s")
    again.upload_file("x", tmp_path / "x")
    again.complete()
    (again.path / names.log("a" * 16, 0)).write_bytes(b"z" * 5000)
    one = loose.loose(inventory.scan(again.path), nobody)
    assert one is not None
    found = loose.contents(one, nobody)
    assert found is not None
    assert {name[0]: member.deflated for name, member, _ in found[1]} == {"a": True, "k": False, "o": False}


def left(path: Path, name: str) -> None:
    (path / name).write_bytes(b"")


@pytest.mark.parametrize(
    "name",
    [names.points("a" * 16, 0), names.side("p-" + "a" * 16) + "-0000.jsonl", names.spool("a" * 16, 0), names.JOB,
     names.lock("a" * 16), ".x.tmp", "what.is.this", names.segment("points", "f" * 64), names.seal("f" * 64)],
)  # fmt: skip
def test_a_run_with_something_left_over_stays(run: Run, name: str) -> None:
    left(run.path, name)
    assert loose.loose(inventory.scan(run.path), nobody) is None


def test_a_run_that_goes_on_stays_and_so_does_one_that_waits(workspace: Workspace) -> None:
    run = workspace.experiment("e").start_logging(run_id="r")
    assert loose.loose(inventory.scan(run.path), nobody) is None
    run.complete()
    assert loose.loose(inventory.scan(run.path), nobody) is not None


def test_a_deleted_run_stays(run: Run, workspace: Workspace) -> None:
    from runstore.query.workspace import Workspace as Public

    Public(workspace.path).delete("r")
    assert loose.loose(inventory.scan(run.path), nobody) is None


def test_a_damaged_run_stays(run: Run) -> None:
    (journal,) = run.path.glob("a1.jsonl")
    journal.write_bytes(journal.read_bytes().replace(b'"a":1', b'"a":2'))
    assert loose.loose(inventory.scan(run.path), nobody) is None


def test_a_killed_run_can_go_when_its_lock_is_gone(workspace: Workspace) -> None:
    scenes.die(lambda: workspace.experiment("e").start_logging(run_id="dead"))
    path = workspace.path / names.run_dir("dead")
    assert loose.loose(inventory.scan(path), nobody) is None
    compaction.sweep_locks(path)
    assert loose.loose(inventory.scan(path), nobody) is not None


def test_a_large_run_stays(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(loose, "MOST_FILES", 100)
        assert loose.loose(inventory.scan(run.path), nobody) is None
    with monkeypatch.context() as patch:
        patch.setattr(loose, "MOST_ROWS", 100)
        assert loose.loose(inventory.scan(run.path), nobody) is None
    assert loose.loose(inventory.scan(run.path), nobody) is not None


def test_a_run_that_began_again_meanwhile_gives_nothing(run: Run, workspace: Workspace) -> None:
    one = loose.loose(inventory.scan(run.path), nobody)
    again = workspace.experiment("e").start_logging(run_id="r")
    assert one is not None and loose.contents(one, nobody) is None
    again.complete()


def test_who_has_acknowledged_a_run_is_asked_of_its_directory(run: Run) -> None:
    one = loose.loose(inventory.scan(run.path), lambda path: frozenset({path.name}))
    assert one is not None and one.acknowledged == {run.path.name}
    assert loose.contents(one, nobody) is None
