"""What every storage of a lake has to do, whichever it is."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator

import pytest

from runstore.errors import Refused, RemoteError
from runstore.sync.lake.storage import SMALL, Storage
from runstore.sync.lake.troubles import Missing


def what_was_put_is_there(place: Storage) -> None:
    assert place.size("a/b.bin") is None
    place.put("a/b.bin", [b"first, ", b"", b"second"], 13)
    assert place.size("a/b.bin") == 13
    assert b"".join(place.read("a/b.bin")) == b"first, second"
    place.put("a/b.bin", [b"other"], 5)
    assert b"".join(place.read("a/b.bin")) == b"other"
    place.put("a/empty", [], 0)
    assert (place.size("a/empty"), [*place.read("a/empty")]) == (0, [])


def any_range_can_be_read(place: Storage) -> None:
    place.put("a", [bytes(range(100))], 100)
    assert b"".join(place.read("a", 10)) == bytes(range(10, 100))
    assert b"".join(place.read("a", 10, 5)) == bytes(range(10, 15))
    assert b"".join(place.read("a", 99, 1)) == b"c"
    assert b"".join(place.read("a", 10, 0)) == b""


def large_files_go_in_parts(place: Storage) -> None:
    chunk = hashlib.sha256(b"seed").digest() * (1 << 15)
    place.put("large", (chunk for _ in range(SMALL // len(chunk) + 3)), SMALL + 3 * len(chunk))
    assert place.size("large") == SMALL + 3 * len(chunk)
    assert hashlib.sha256(b"".join(place.read("large"))).digest() == hashlib.sha256(chunk * 19).digest()
    assert b"".join(place.read("large", len(chunk) - 1, SMALL + 1)) == (chunk * 19)[len(chunk) - 1 :][: SMALL + 1]


def only_one_creates(place: Storage) -> None:
    assert place.create("c", b"one") is True
    assert place.create("c", b"one") is True  # the answer to the first was lost
    assert place.create("c", b"two") is False
    assert b"".join(place.read("c")) == b"one"
    won: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: won.append(n) if place.create("r", b"%d" % n) else None) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert b"".join(place.read("r")) == b"%d" % won[0] and len(won) == 1


def names_are_listed_below_a_directory(place: Storage) -> None:
    for name in ("d/1", "d/2", "d/e/3", "dd/4", "5"):
        place.put(name, [b"x"], 1)
    assert sorted(one.name for one in place.names("d")) == ["d/1", "d/2", "d/e/3"]
    assert sorted(one.name for one in place.names("d", "d/1")) == ["d/2", "d/e/3"]
    assert sorted(one.name for one in place.names("")) == ["5", "d/1", "d/2", "d/e/3", "dd/4"]
    assert [*place.names("none")] == []
    assert {one.size for one in place.names("d")} == {1}


def what_is_not_there_is_missing(place: Storage) -> None:
    with pytest.raises(Missing, match="none: nothing is there"):
        b"".join(place.read("none"))
    with pytest.raises(Missing, match="none: nothing is there"):
        b"".join(place.read("none", 3, 4))
    place.put("gone", [b"x"], 1)
    place.delete("gone")
    place.delete("gone")
    assert place.size("gone") is None


def a_sender_that_breaks_off_leaves_nothing(place: Storage) -> None:
    def broken(size: int) -> Iterator[bytes]:
        yield bytes(size)
        raise Refused("the file has changed")

    for size in (10, SMALL + 1):
        with pytest.raises(RemoteError, match=r"^the file has changed$"):
            place.put("broken", broken(size), size)
        assert place.size("broken") is None
    assert [*place.names("")] == []


EVERY = [
    what_was_put_is_there, any_range_can_be_read, large_files_go_in_parts, only_one_creates,
    names_are_listed_below_a_directory, what_is_not_there_is_missing, a_sender_that_breaks_off_leaves_nothing,
]  # fmt: skip
