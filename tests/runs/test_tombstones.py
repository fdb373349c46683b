"""What stays of a removed run."""

from __future__ import annotations

from pathlib import Path

from runstore.disk import files
from runstore.format import documents, names
from runstore.runs import state, tombstones
from runstore.runs.workspace import Workspace


def folded(path: Path, run_id: str = "r") -> state.RunState:
    workspace = Workspace(path)
    run = workspace.experiment("e").start_logging(run_id=run_id)
    run.log("loss", 1.0)
    run.complete()
    return state.fold(run.path)


def test_its_name_follows_from_the_runs_directory(tmp_path: Path) -> None:
    run = folded(tmp_path / "w")
    path = tombstones.path_of(run.path)
    assert path.parent == tmp_path / "w" / names.TOMBSTONES
    assert path.name == names.run_dir("r").removeprefix("runs/").replace("/", "") + ".json"
    assert names.is_tombstone(path.name) and not names.is_tombstone("x" + path.name)


def test_it_says_whose_it_is_and_what_was_there(tmp_path: Path) -> None:
    run = folded(tmp_path / "w")
    assert not tombstones.there(run.path)
    size = tombstones.publish(run)
    body = documents.parse(files.read(tombstones.path_of(run.path)), "it")
    writer = run.writers[0].writer
    assert (body["run"], body["experiment"], body["writers"]) == ("r", "e", [writer])
    assert body["ranges"] == [[writer, 1, 0, 0]]
    assert size == tombstones.path_of(run.path).stat().st_size
    assert tombstones.there(run.path)


def test_it_is_said_once(tmp_path: Path) -> None:
    run = folded(tmp_path / "w")
    size = tombstones.size(run)
    assert abs(tombstones.publish(run) - size) <= 2  # the process and the time are in it
    assert (tombstones.publish(run), tombstones.size(run)) == (0, 0)
    assert list(tombstones.every(tmp_path / "w")) == ["r"]


def test_a_damaged_one_hides_no_other(tmp_path: Path) -> None:
    for name in ("r", "s"):
        tombstones.publish(folded(tmp_path / "w", name))
    path = tombstones.path_of(tmp_path / "w" / names.run_dir("r"))
    path.write_bytes(path.read_bytes()[:-3])
    assert list(tombstones.every(tmp_path / "w")) == ["s"]
