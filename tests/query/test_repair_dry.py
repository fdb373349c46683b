"""A rehearsal tells exactly what a repair then does, and changes nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runstore.format import names
from runstore.query.repair import repair
from runstore.query.repair_aside import Repaired
from runstore.query.repair_dry import rehearse
from tests.query.damaging import change, one, original, place

__all__ = ["original", "place"]


def tree(place: Path) -> dict[Path, tuple[bytes, int]]:
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in place.rglob("*") if path.is_file()}


def hurt(place: Path) -> None:
    change(one(place, "sealed", "points-*"), 300, bytes(100))
    change(one(place, "journals", "p-*"), 300, bytes(100))
    change(one(place, "merged", "k-*"), 90, bytes(20))
    (place / names.experiment_file("e")).write_bytes(b"?")
    for path in (place / names.BLOBS).glob("*/*"):
        path.unlink()


@pytest.mark.parametrize("links", [True, False])
def test_it_tells_what_a_repair_would_do_and_changes_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    hurt(place)
    if not links:
        monkeypatch.setattr(os, "symlink", _forbidden)
    before = tree(place)

    told = rehearse(place)

    assert tree(place) == before
    done = repair(place)
    assert (told.saved, told.lost, told.left) == (done.saved, done.lost, done.left)
    assert sorted(told.aside) == sorted(done.aside) and told.place == ""


def _forbidden(source: Path, target: Path) -> None:
    raise OSError("not allowed")


def test_where_nothing_is_damaged_nothing_is_told(place: Path) -> None:
    assert rehearse(place) == Repaired()


def test_one_run_is_rehearsed_alone(place: Path) -> None:
    hurt(place)
    told = rehearse(place, "journals")
    assert {path.split("/")[2] for path, _ in told.aside if path.startswith(names.RUNS)} == {
        names.run_dir("journals").split("/")[2]
    }
