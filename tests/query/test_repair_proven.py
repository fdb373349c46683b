"""A changed byte in a file that is named by its hash is found by a checksum in it, and proven by the hash."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.query.repair import repair
from tests.query.damaging import change, damage, flip, one, original, place, seen

__all__ = ["original", "place"]


@pytest.mark.parametrize(("pattern", "at"), [("points-*", 3), ("rows-*", 5), ("seal-*", 7), ("points-*", 9)])
def test_whatever_bit_of_a_segment_or_a_record_was_changed_it_is_put_right(
    place: Path, original: Path, pattern: str, at: int
) -> None:
    path = one(place, "sealed", pattern)
    right = path.read_bytes()
    flip(path, at * len(right) // 10, 32)
    done = repair(place)
    assert done.whole and path.read_bytes() == right and damage(place) == []
    assert seen(place) == seen(original)


def test_journals_are_put_right_where_one_bit_was_changed(place: Path) -> None:
    path = one(place, "many", "p-*")
    right = path.read_bytes()
    flip(path, 150)
    assert repair(place).whole and path.read_bytes() == right


def test_what_was_there_is_kept(place: Path) -> None:
    path = one(place, "sealed", "points-*")
    flip(path, 100, 8)
    wrong = path.read_bytes()
    done = repair(place)
    assert (place / done.place / path.relative_to(place)).read_bytes() == wrong


def test_more_than_one_changed_byte_is_not_guessed_at(place: Path) -> None:
    path = one(place, "sealed", "points-*")
    right = path.read_bytes()
    change(path, 100, bytes(40))
    repair(place)
    assert not path.exists() or path.read_bytes() == right
