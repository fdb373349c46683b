"""A file is taken whole or not at all, or the rest of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from runstore.errors import Damaged
from runstore.query import taking
from runstore.query.taking import Taker


@pytest.fixture
def there(tmp_path: Path) -> Path:
    path = tmp_path / "there" / "f"
    path.parent.mkdir()
    path.write_bytes(b"abc")
    return path


def test_a_file_is_copied_with_its_time_and_counted(there: Path, tmp_path: Path) -> None:
    taker, target = Taker(there.parent), tmp_path / "here" / "f"
    taker.grown(there, target)
    assert (target.read_bytes(), target.stat().st_mtime_ns) == (b"abc", there.stat().st_mtime_ns)
    taker.grown(there, target)
    assert (taker.done.files, taker.done.bytes) == (1, 3)


def test_the_rest_of_a_file_is_taken_and_what_is_longer_here_stays(there: Path, tmp_path: Path) -> None:
    taker, target = Taker(there.parent), tmp_path / "f"
    for before, after in ((b"a", b"abc"), (b"abcd", b"abcd")):
        target.write_bytes(before)
        taker.grown(there, target)
        assert target.read_bytes() == after
    assert taker.done.refused == []


def test_other_bytes_are_refused_and_named(there: Path, tmp_path: Path) -> None:
    taker, target = Taker(there.parent), tmp_path / "f"
    target.write_bytes(b"xbc")
    taker.grown(there, target)
    assert (target.read_bytes(), [what for what, _ in taker.done.refused]) == (b"xbc", ["f"])


@pytest.mark.parametrize("dry", [False, True])
def test_what_does_not_match_its_hash_leaves_nothing(there: Path, tmp_path: Path, dry: bool) -> None:
    taker, target = Taker(there.parent, dry), tmp_path / "here" / "f"
    with pytest.raises(Damaged):
        taker.copy(there, target, sha256="0" * 64)
    assert not target.parent.exists() or list(target.parent.iterdir()) == []
    taker.copy(there, target, sha256=hashlib.sha256(b"abc").hexdigest())
    assert (taker.done.files, target.exists()) == (1, not dry)


def test_a_name_that_is_taken_is_never_replaced_unasked(there: Path, tmp_path: Path) -> None:
    target = tmp_path / "f"
    target.write_bytes(b"x")
    with pytest.raises(FileExistsError):
        Taker(there.parent).put(target, b"y")
    assert (target.read_bytes(), sorted(path.name for path in tmp_path.iterdir() if path.is_file())) == (b"x", ["f"])


@pytest.mark.parametrize(
    ("theirs", "ours", "found"),
    [
        (b"ab", b"ab", taking.SAME),
        (b"ab", b"a", taking.LONGER),
        (b"", b"a", taking.SHORTER),
        (b"b", b"a", taking.OTHER),
    ],
)
def test_how_two_files_stand_to_each_other(tmp_path: Path, theirs: bytes, ours: bytes, found: str) -> None:
    (tmp_path / "t").write_bytes(theirs), (tmp_path / "o").write_bytes(ours)
    assert taking.relation(tmp_path / "t", tmp_path / "o") == found
