"""Documents: mended where a bit was changed, made anew where other data tell what they said, else named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import runstore
from runstore.format import documents, names
from runstore.query.repair import repair
from tests.query.damaging import change, damage, flip, original, place

__all__ = ["original", "place"]


def test_an_experiment_is_known_by_its_runs(place: Path) -> None:
    path = place / names.experiment_file("e")
    created = documents.parse(path.read_bytes(), "")["created"]
    path.write_bytes(b"?")
    done = repair(place)
    body = documents.parse(path.read_bytes(), "")
    assert done.whole and damage(place) == []
    assert body["experiment"] == "e" and body["created"] >= created


def test_an_experiment_without_runs_is_lost_with_its_name(place: Path) -> None:
    runstore.Experiment(runstore.Workspace(place), "empty")
    (place / names.experiment_file("empty")).write_bytes(b"?")
    done = repair(place)
    assert [told.path for told in done.lost] == [names.experiment_file("empty")] and damage(place) == []


@pytest.mark.parametrize("token", ["0123abcd", "e123abcd"])
def test_what_was_said_about_an_experiment_later_is_named_if_it_is_lost(place: Path, token: str) -> None:
    runstore.Experiment(runstore.Workspace(place), "e").tag("colour", "red")
    (path,) = (place / names.EXPERIMENTS).glob("*-e*.json")
    path.unlink()
    (place / names.experiment_event("e", 5, token)).write_bytes(b"?")
    done = repair(place)
    assert ["experiment 'e'" in told.what for told in done.lost] == [True] and damage(place) == []


@pytest.mark.parametrize("gone", [False, True])
def test_a_workspace_gets_another_id_where_nothing_tells_its_own(place: Path, gone: bool) -> None:
    path = place / names.WORKSPACE
    before = runstore.Workspace(place).id
    path.unlink()
    if not gone:
        path.write_bytes(b"?")
    done = repair(place)
    assert [told.path for told in done.lost] == [names.WORKSPACE] and damage(place) == []
    assert runstore.Workspace(place).id != before


def test_a_changed_bit_leaves_a_workspace_its_id(place: Path) -> None:
    before = runstore.Workspace(place).id
    flip(place / names.WORKSPACE, 60, 2)
    assert repair(place).whole and runstore.Workspace(place).id == before


def test_a_damaged_version_keeps_its_place_so_that_its_number_is_not_given_again(place: Path) -> None:
    (path,) = place.glob("models/*/v1.json")
    change(path, 40, b"\0\0\0\0")
    done = repair(place)
    assert [told.path for told in done.left] == [path.relative_to(place).as_posix()] and path.exists()
    run = runstore.Workspace(place).get_run("journals")
    with pytest.warns(UserWarning, match="v1.json"):
        assert run.register_model("m", "small2").version == 2


def test_a_damaged_alias_is_put_aside_and_named(place: Path) -> None:
    runstore.Workspace(place).get_run("sealed").register_model("m", "small1", aliases=["best"])
    (path,) = place.glob("models/*/e-*.json")
    path.write_bytes(b"?")
    done = repair(place)
    assert [told.path for told in done.lost] == [path.relative_to(place).as_posix()] and damage(place) == []


def test_an_index_is_made_anew(place: Path) -> None:
    path = place / names.BLOBS / names.index("0" * 64)
    path.write_bytes(b"?")
    done = repair(place)
    assert done.whole and not path.exists() and damage(place) == [] and done.aside == []


def test_a_removed_run_stays_removed_whatever_its_tombstone_has_become(place: Path) -> None:
    directory = names.run_dir("removed").split("/")
    path = place / names.tombstone("".join(directory[1:]))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"?")
    done = repair(place)
    assert [told.path for told in done.left] == [path.relative_to(place).as_posix()] and path.exists()


def test_a_tombstone_is_made_anew_from_the_children_of_its_run(place: Path) -> None:
    parent = runstore.start_run("e", run_id="parent-id", workspace=runstore.Workspace(place))
    parent.child_run("child").complete()
    parent.complete()
    shutil.rmtree(place / names.run_dir("parent-id"))
    path = place / names.tombstone("".join(names.run_dir("parent-id").split("/")[1:]))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"?")
    repair(place)
    assert documents.parse(path.read_bytes(), "")["run"] == "parent-id"
    assert path.relative_to(place).as_posix() not in {found.path for found in damage(place)}
