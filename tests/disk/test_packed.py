"""The index of packed content finds everything that was added, in few files, and is only a hint."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.disk import files, packed
from runstore.disk.packed import Index, Spot
from runstore.format import names

RUN, WRITER = "ab/0123456789abcdef", "f" * 16


def spot(number: int) -> Spot:
    return Spot(hashlib.sha256(b"%d" % number).hexdigest(), RUN, WRITER, number % 3, number, 20)


def index_files(workspace: Path) -> list[Path]:
    return [workspace / names.BLOBS / name for name in files.names_in(workspace / names.BLOBS)]


@given(st.binary(min_size=32, max_size=32), st.tuples(*[st.integers(0, 10**8 - 1)] * 3))
def test_a_line_says_what_it_was_made_of(digest: bytes, numbers: tuple[int, int, int]) -> None:
    one = Spot(digest.hex(), RUN, WRITER, *numbers)
    assert packed.parse(packed.line(one)) == one
    assert packed.parse(packed.line(one)[:-1]) is None


def test_what_was_added_is_found_and_nothing_else(tmp_path: Path) -> None:
    for first in range(0, 1000, 100):
        packed.add(tmp_path, map(spot, range(first, first + 100)))
    index = Index(tmp_path)
    assert [list(index.find(spot(n).sha256)) for n in range(1000)] == [[spot(n)] for n in range(1000)]
    assert not any(list(index.find(spot(n).sha256)) for n in range(1000, 1100))


def test_hashes_that_are_not_spread_are_found_as_well(tmp_path: Path) -> None:
    many = [Spot(f"{n:064x}", RUN, WRITER, 0, 7, 1) for n in [*range(50), 2**255, 2**256 - 1]]
    packed.add(tmp_path, many)
    index = Index(tmp_path)
    assert [next(index.find(one.sha256)) for one in many] == many
    assert list(index.find(f"{51:064x}")) == []


def test_files_stay_few_however_often_is_added(tmp_path: Path) -> None:
    for number in range(60):
        packed.add(tmp_path, [spot(number)])
    packed.add(tmp_path, map(spot, range(1000, 1500)))
    assert 1 <= len(index_files(tmp_path)) <= packed.MOST


def test_what_is_there_already_is_not_added_again(tmp_path: Path) -> None:
    packed.add(tmp_path, [spot(1)])
    assert not packed.add(tmp_path, [spot(1)._replace(number=7)])
    assert len(index_files(tmp_path)) == 1


def test_a_name_is_the_hash_of_the_bytes(tmp_path: Path) -> None:
    packed.add(tmp_path, map(spot, range(10)))
    (path,) = index_files(tmp_path)
    assert path.name == names.index(files.sha256(path))


@pytest.mark.parametrize("damage", [b"", b"x" * 500, os.urandom(4096)])
def test_a_damaged_index_finds_nothing(tmp_path: Path, damage: bytes) -> None:
    packed.add(tmp_path, [spot(1)])
    index_files(tmp_path)[0].write_bytes(damage)
    index = Index(tmp_path)
    assert list(index.find(spot(1).sha256)) == []


def test_a_rebuilt_index_holds_exactly_what_it_is_given(tmp_path: Path) -> None:
    packed.add(tmp_path, map(spot, range(10)))
    packed.rebuild(tmp_path, map(spot, range(5, 15)))
    index = Index(tmp_path)
    assert [n for n in range(20) if list(index.find(spot(n).sha256))] == list(range(5, 15))
    packed.rebuild(tmp_path, [])
    assert index_files(tmp_path) == []


def test_a_writer_sees_what_others_add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_FRESH_SECONDS", 0.0)
    index = Index(tmp_path)
    assert list(index.find(spot(1).sha256)) == []
    packed.add(tmp_path, [spot(1)])
    assert list(index.find(spot(1).sha256)) == [spot(1)]
