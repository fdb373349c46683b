"""Loose runs become blocks that hold every byte of them; only then, and after a while, their files go."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.disk import block, files, inventory
from runstore.disk.ledger import Acknowledged
from runstore.errors import Damaged
from runstore.format import names
from runstore.query import blocking, loose, merging_blocks, sealing
from runstore.query.blocking import Blocked
from runstore.runs import state
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace
from tests.query import scenes
from tests.query.blocked import nobody
from tests.query.scenes import workspace

__all__ = ["workspace"]


def sealed(workspace: Workspace, run_id: str, count: int = 3) -> Run:
    run = workspace.experiment("e").start_logging(run_id=run_id, tags={"a": run_id})
    scenes.log_some(run, count)
    run.complete()
    sealing.seal_locked(run.path)
    return run


def gathered(workspace: Workspace, runs: list[Run], acknowledged: Acknowledged = nobody) -> Blocked:
    done = Blocked()
    found = [one for run in runs if (one := loose.loose(inventory.scan(run.path), acknowledged))]
    blocking.gather(workspace.path, found, acknowledged, done, lambda: None)
    assert done.trouble == []
    return done


def content(run_path: Path) -> dict[str, bytes]:
    found = inventory.scan(run_path)
    return {name: found.read(run_path / name) for name in sorted(found.names) if not name.endswith(".parquet")}


def test_a_block_holds_every_small_file_as_it_was(workspace: Workspace) -> None:
    runs = [sealed(workspace, f"r{n}") for n in range(3)]
    before = [{p.name: p.read_bytes() for p in run.path.iterdir() if p.suffix != ".parquet"} for run in runs]
    done = gathered(workspace, runs)
    assert (done.made, done.taken) == (1, [run.path for run in runs])
    assert all(blocking.sweep_run(workspace.path, run.path, 0) for run in runs)
    assert not any(run.path.exists() for run in runs)
    assert [content(run.path) for run in runs] == before


def test_runs_that_are_all_in_a_block_are_not_loose(workspace: Workspace) -> None:
    run = sealed(workspace, "r")
    gathered(workspace, [run])
    assert loose.loose(inventory.scan(run.path), nobody) is None


def test_files_stay_for_the_grace(workspace: Workspace) -> None:
    run = sealed(workspace, "r")
    there = files.names_in(run.path)
    gathered(workspace, [run])
    assert blocking.sweep_run(workspace.path, run.path, 600) == 0
    assert files.names_in(run.path) == there
    assert blocking.sweep_run(workspace.path, run.path, 0) == len(there)


def test_a_file_that_is_not_as_the_block_has_it_stays(workspace: Workspace) -> None:
    run = sealed(workspace, "r")
    gathered(workspace, [run])
    (run.path / "a1.jsonl").write_bytes(b"something else")
    blocking.sweep_run(workspace.path, run.path, 0)
    assert files.names_in(run.path) == ["a1.jsonl"]


@pytest.mark.parametrize("name", [names.BLOCK_MEMBERS, names.BLOCK_INDEX, names.block_rows("points", 0)])
def test_nothing_goes_while_the_block_is_damaged(workspace: Workspace, name: str) -> None:
    run = sealed(workspace, "r")
    gathered(workspace, [run])
    path = block.active(workspace.path)[0].path / name
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    there = files.names_in(run.path)
    with pytest.raises(Damaged):
        merging_blocks.trust(block.active(workspace.path)[0])
    done = Blocked()
    blocking.tidy(workspace.path, [run.path], 0, done)
    assert files.names_in(run.path) == there


def test_a_newer_file_stays_in_the_directory_and_goes_into_the_next_block(workspace: Workspace) -> None:
    from runstore.query.workspace import Workspace as Public

    run = sealed(workspace, "r")
    gathered(workspace, [run])
    blocking.sweep_run(workspace.path, run.path, 0)
    Public(workspace.path).get_run("r").set_tags({"b": 2})
    (edit,) = files.names_in(run.path)
    assert blocking.sweep_run(workspace.path, run.path, 0) == 0
    gathered(workspace, [run])
    assert blocking.sweep_run(workspace.path, run.path, 0) == 1
    assert not run.path.exists()
    assert edit in inventory.scan(run.path).held
    assert {key: value for key, (value, _) in state.fold(run.path).tags.items()} == {"a": "r", "b": 2}


def test_runs_that_different_remotes_have_lie_in_different_blocks(workspace: Workspace) -> None:
    runs = [sealed(workspace, f"r{n}") for n in range(6)]
    remotes = {run.id: frozenset("ab"[: n % 3]) for n, run in enumerate(runs)}
    gathered(workspace, runs, lambda path: next(remotes[run.id] for run in runs if run.path == path))
    there = block.active(workspace.path)
    assert len(there) == 3
    for one in there:
        assert {remotes[entry.run_id] for entry in one.entries()} == {frozenset(one.body["acknowledged"])}


def test_trouble_with_one_run_leaves_it_out_of_the_block(workspace: Workspace) -> None:
    good, bad = sealed(workspace, "good"), sealed(workspace, "bad")
    path = inventory.scan(bad.path).segments("points")[0].path
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    done = Blocked()
    found = [one for run in (bad, good) if (one := loose.loose(inventory.scan(run.path), nobody))]
    blocking.gather(workspace.path, found, nobody, done, lambda: None)
    assert done.taken == [good.path]
    assert [where for where, _ in done.trouble] == [bad.path.relative_to(workspace.path).as_posix()]


def test_what_never_became_a_block_goes(workspace: Workspace) -> None:
    directory = workspace.path / names.BLOCKS / names.temporary("block", "1")
    directory.mkdir(parents=True)
    (directory / names.BLOCK_MEMBERS).write_bytes(b"half")
    blocking.sweep_blocks(workspace.path, 600)
    assert files.names_in(workspace.path / names.BLOCKS) == []


def test_whatever_call_is_refused_nothing_is_lost_and_the_next_one_finishes(workspace: Workspace) -> None:
    runs = [sealed(workspace, f"r{n}") for n in range(2)]
    expected = [(content(run.path), scenes.points(run.path)) for run in runs]
    call, refused = 0, True
    while refused:
        call += 1
        done = Blocked()
        with scenes.refused_at(call) as calls:
            found = [one for run in runs if (one := loose.loose(inventory.scan(run.path), nobody))]
            blocking.gather(workspace.path, found, nobody, done, lambda: None)
            blocking.tidy(workspace.path, [run.path for run in runs], 600, done)
        refused = calls[0] >= call
        assert bool(done.trouble) == refused
        assert [(content(run.path), scenes.points(run.path)) for run in runs] == expected
        if block.active(workspace.path):
            break
    assert call > 10
    blocking.tidy(workspace.path, [run.path for run in runs], 0, done)
    assert [(content(run.path), scenes.points(run.path)) for run in runs] == expected
    assert not any(run.path.exists() for run in runs)
