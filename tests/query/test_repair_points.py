"""Points and side records: what undamaged lines, pages and files hold gets into a segment that a record names."""

from __future__ import annotations

from pathlib import Path

from runstore.disk import inventory
from runstore.query.repair import repair
from runstore.query.repair_points import held
from runstore.query.repair_work import Work
from tests.query.damaging import change, damage, one, original, place, run_path, seen

__all__ = ["original", "place"]


def test_a_damaged_journal_is_sealed_as_far_as_it_can_be_believed(place: Path) -> None:
    path = one(place, "open", "p-????????????????-0000*")
    data = path.read_bytes()
    change(path, len(data) // 2, b"\0\0\0")
    before = seen(place)
    done = repair(place)
    after = seen(place)
    assert {key: after.get(key) for key in before} == before
    assert not path.exists() and len(inventory.scan(run_path(place, "open")).seals) == 1
    assert damage(place) == [] and done.aside[0][0].endswith(path.name)


def test_a_header_line_of_points_is_made_again_from_what_else_is_known(place: Path, original: Path) -> None:
    path = one(place, "many", "p-*")
    change(path, 0, b"##########")
    assert repair(place).whole
    assert seen(place) == seen(original)


def test_what_is_held_does_not_count_what_is_damaged(place: Path) -> None:
    whole = held(Work.of(place, run_path(place, "sealed"), ()))
    change(one(place, "sealed", "points-*"), 100, bytes(50))
    assert held(Work.of(place, run_path(place, "sealed"), ())) == {} != whole
