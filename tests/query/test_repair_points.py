"""Points and side records: what undamaged lines, pages and files hold gets into a segment that a record names."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from runstore.disk import inventory
from runstore.format import documents, names
from runstore.query.promises import Promises
from runstore.query.repair import repair
from runstore.query.repair_points import held, sound
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


@pytest.mark.parametrize("how", [b"", b"no document at all\n"])
def test_a_seal_record_is_made_again_from_its_segments(place: Path, original: Path, how: bytes) -> None:
    path = one(place, "sealed", "seal-*")
    path.write_bytes(how)
    done = repair(place)
    assert done.whole and damage(place) == [] and not path.exists()
    assert seen(place) == seen(original)
    (name, body), = inventory.scan(run_path(place, "sealed")).seals  # fmt: skip
    assert names.seal(hashlib.sha256((run_path(place, "sealed") / name).read_bytes()).hexdigest()) == name
    assert {entry["file"] for entry in body["segments"]} == {
        p.name for p in run_path(place, "sealed").glob("*.parquet")
    }


def test_where_a_merged_segment_is_damaged_those_it_replaced_count_again(place: Path, original: Path) -> None:
    found = inventory.scan(run_path(place, "merged"))
    ((_, body),) = found.active
    path = found.path / next(entry["file"] for entry in body["segments"] if entry["kind"] == "points")
    change(path, 100, bytes(500))
    done = repair(place)
    assert done.whole and damage(place) == []
    assert seen(place) == seen(original)


def test_a_damaged_record_that_another_one_replaced_just_goes(place: Path, original: Path) -> None:
    found = inventory.scan(run_path(place, "merged"))
    replaced = next(name for name, _ in found.seals if name not in dict(found.active))
    (found.path / replaced).write_bytes(b"?")
    assert repair(place).whole
    assert dict(inventory.scan(found.path).active) == dict(found.active) and seen(place) == seen(original)


def test_a_missing_segment_is_named_by_its_numbers_and_the_rest_counts(place: Path) -> None:
    path = one(place, "sealed", "points-*")
    path.unlink()
    repair(place)
    found = seen(place)
    assert damage(place) == [] and [key for key in found if key[:2] == ("metrics", "sealed")] == []
    assert [key for key in found if key[:2] == ("rows", "sealed")] != []
    assert (
        sum(b - a + 1 for pieces in Promises(run_path(place, "sealed")).lost.ranges.values() for a, b in pieces) == 51
    )


def test_a_record_of_another_run_is_put_aside(place: Path, original: Path) -> None:
    body = documents.parse(one(place, "sealed", "seal-*").read_bytes(), "")
    data = documents.render({**body, "segments": [], "ranges": []})
    (run_path(place, "many") / names.seal(hashlib.sha256(data).hexdigest())).write_bytes(data)
    assert repair(place).whole
    assert damage(place) == [] and seen(place) == seen(original)


def test_what_counts_is_told_from_what_can_not_count_any_more(place: Path) -> None:
    found = inventory.scan(run_path(place, "merged"))
    assert sound(found) == (found, {})
    ((name, body),) = found.active
    (found.path / body["segments"][0]["file"]).unlink()
    view, broken = sound(inventory.scan(found.path))
    assert set(broken) == {name} and {one for one, _ in view.active} == {one for one, _ in found.seals} - {name}


def test_what_is_held_does_not_count_what_is_damaged(place: Path) -> None:
    whole = held(Work.of(place, run_path(place, "sealed"), ()))
    change(one(place, "sealed", "points-*"), 100, bytes(50))
    assert held(Work.of(place, run_path(place, "sealed"), ())) == {} != whole
