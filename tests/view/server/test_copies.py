"""A large file is copied once for all who ask for parts of it, and no more lies there than was agreed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from runstore.errors import Damaged
from runstore.view.server.copies import Copies


@dataclass
class File:
    """One that counts how often it was copied."""

    sha256: str | None
    data: bytes = b"data"
    saved: list[Path] = field(default_factory=list)

    def save(self, path: Path) -> None:
        self.saved.append(path)
        if self.data == b"damaged":
            path.write_bytes(b"dam")
            raise Damaged("damaged")
        path.write_bytes(self.data)


def there(directory: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in directory.rglob("*") if path.is_file())


def test_it_is_copied_once_however_often_it_is_asked_for(tmp_path: Path) -> None:
    copies, file = Copies(tmp_path), File("a")
    for _ in range(3):
        path, left = copies.take(file)
        assert path.read_bytes() == b"data"
        left()
    assert len(file.saved) == 1


def test_who_comes_while_it_is_copied_waits_for_that(tmp_path: Path) -> None:
    copies, begun, free = Copies(tmp_path), threading.Event(), threading.Event()

    class Slow(File):
        def save(self, path: Path) -> None:
            begun.set()
            assert free.wait(30)
            super().save(path)

    file, found = Slow("a"), []
    asking = [threading.Thread(target=lambda: found.append(copies.take(file)[0].read_bytes())) for _ in range(3)]
    for one in asking:
        one.start()
    assert begun.wait(30)
    free.set()
    for one in asking:
        one.join()
    assert (found, len(file.saved)) == ([b"data"] * 3, 1)


def test_what_may_be_another_tomorrow_is_kept_for_nobody(tmp_path: Path) -> None:
    copies, file = Copies(tmp_path), File(None)
    first, left = copies.take(file)
    second, left_too = copies.take(file)
    assert first != second
    left()
    left_too()
    assert there(tmp_path) == []


def test_what_was_used_longest_ago_goes_first_but_not_what_is_read(tmp_path: Path) -> None:
    copies = Copies(tmp_path, kept=8)
    _, left = copies.take(File("read", b"read"))
    for name in ("1111", "2222", "3333", "4444"):
        copies.take(File(name, name.encode()))[1]()
    assert there(tmp_path) == [b"3333", b"4444", b"read"]
    left()
    assert there(tmp_path) == [b"3333", b"4444"]


def test_the_last_one_stays_whatever_its_size(tmp_path: Path) -> None:
    copies = Copies(tmp_path, kept=1)
    copies.take(File("a", b"a" * 100))[1]()
    copies.take(File("b", b"b" * 100))[1]()
    assert there(tmp_path) == [b"b" * 100]


def test_of_what_is_damaged_nothing_is_left_and_the_next_one_asks_anew(tmp_path: Path) -> None:
    copies, file = Copies(tmp_path), File("a", b"damaged")
    with pytest.raises(Damaged):
        copies.take(file)
    assert [*tmp_path.iterdir()] == []
    file.data = b"whole"
    assert copies.take(file)[0].read_bytes() == b"whole"
