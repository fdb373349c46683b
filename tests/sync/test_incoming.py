"""Objects on their way in: there when they are whole and right, gone on with by who began, and not kept for ever."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.disk import files
from runstore.errors import Refused, Unreachable
from runstore.sync import incoming
from runstore.sync.incoming import GRACE, KEEP, Incoming

ME, OTHER = "00000001", "00000002"
DATA = b"some bytes"
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def there(tmp_path: Path) -> Incoming:
    return Incoming(tmp_path / "incoming")


def put(there: Incoming, data: bytes = DATA, who: str = ME, offset: int = 0, sha256: str = SHA256) -> bool:
    receiving = there.receive(sha256, len(DATA), who, offset)
    receiving.write(data)
    return receiving.finish()


def test_an_object_is_there_when_all_of_it_is(there: Incoming) -> None:
    assert not there.has(SHA256, len(DATA))
    assert put(there)
    assert there.has(SHA256, len(DATA))
    assert not there.has(SHA256, len(DATA) + 1)
    assert there.path(SHA256).read_bytes() == DATA


def test_who_began_goes_on(there: Incoming) -> None:
    assert not put(there, DATA[:4])
    assert (there.received(SHA256, ME), there.has(SHA256, len(DATA))) == (4, False)
    assert put(there, DATA[4:], offset=4)
    assert there.path(SHA256).read_bytes() == DATA


def test_nobody_goes_on_with_what_another_one_has_begun(there: Incoming) -> None:
    put(there, b"evil")
    assert there.received(SHA256, OTHER) == 0
    put(there, DATA[:4], OTHER)
    assert put(there, DATA[4:], OTHER, 4)
    assert there.path(SHA256).read_bytes() == DATA


def test_after_a_restart_what_has_come_is_read_again_and_gone_on_with(there: Incoming) -> None:
    put(there, DATA[:4])
    assert put(Incoming(there.directory), DATA[4:], offset=4)


def test_what_was_changed_on_the_disk_meanwhile_is_found_after_a_restart(there: Incoming) -> None:
    put(there, DATA[:4])
    (path,) = there.directory.iterdir()
    path.write_bytes(b"evil")
    with pytest.raises(Refused, match="SHA-256"):
        put(Incoming(there.directory), DATA[4:], offset=4)


def test_other_bytes_than_its_hash_are_not_kept(there: Incoming) -> None:
    with pytest.raises(Refused, match="SHA-256"):
        put(there, DATA.upper())
    assert list(there.directory.iterdir()) == []


def test_more_bytes_than_it_was_to_have_are_not_kept(there: Incoming) -> None:
    with pytest.raises(Refused, match="more than"):
        put(there, DATA + b"x")
    assert list(there.directory.iterdir()) == []


def test_where_what_is_here_does_not_reach_it_cannot_be_gone_on(there: Incoming) -> None:
    with pytest.raises(Unreachable, match="begin anew"):
        put(there, DATA[4:], offset=4)
    put(there, DATA[:4])
    with pytest.raises(Unreachable, match="4 bytes of it are here"):
        put(there, DATA[5:], offset=5)
    assert put(there)


def test_one_sender_sends_an_object_once_at_a_time(there: Incoming) -> None:
    first = there.receive(SHA256, len(DATA), ME)
    with pytest.raises(Unreachable, match="wait"):
        there.receive(SHA256, len(DATA), ME)
    first.stop(keep=False)
    assert put(there)


def test_it_can_be_begun_anew(there: Incoming) -> None:
    put(there, b"evil")
    assert put(there)


def test_no_more_waits_than_may(tmp_path: Path) -> None:
    there = Incoming(tmp_path, most=15)
    assert put(there)
    with pytest.raises(Refused, match="wait for their commits"):
        there.receive(hashlib.sha256(b"x" * 6).hexdigest(), 6, ME)


def test_no_more_comes_than_there_is_room_for(there: Incoming, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "room", lambda path: 1 << 20)
    with pytest.raises(Refused, match="full"):
        put(there)


def test_what_nobody_asked_about_for_a_day_goes(there: Incoming) -> None:
    put(there)
    there.sweep()
    assert there.has(SHA256, len(DATA))
    then = incoming.time.time() - KEEP - 1
    os.utime(there.path(SHA256), (then, then))
    assert (there.sweep(), there.has(SHA256, len(DATA))) == (1, False)


def test_what_was_committed_goes_at_once_and_if_somebody_was_told_of_it_a_while_later(there: Incoming) -> None:
    put(there)
    there.used([SHA256, "0" * 64])
    assert not there.path(SHA256).exists()
    put(there)
    assert there.has(SHA256, len(DATA))
    there.used([SHA256])
    assert there.sweep() == 0
    assert files.age(there.path(SHA256)) + 60 > KEEP - GRACE
    assert there.has(SHA256, len(DATA))  # somebody else has asked about it
    assert files.age(there.path(SHA256)) < KEEP - GRACE


@given(st.lists(st.binary(max_size=9), max_size=6))
def test_whatever_the_parts_the_whole_is_what_was_sent(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]
) -> None:
    there, data = Incoming(tmp_path_factory.mktemp("incoming")), b"".join(parts)
    sha256, at = hashlib.sha256(data).hexdigest(), 0
    for part in [*parts, b""]:
        if there.has(sha256, len(data)):
            break
        receiving = there.receive(sha256, len(data), ME, at)
        receiving.write(part)
        at += len(part)
        assert receiving.finish() == (at == len(data))
    assert there.path(sha256).read_bytes() == data


def test_an_object_of_a_test_directory_is_one(there: Incoming) -> None:
    put(there, DATA[:4])
    put(there, DATA, OTHER)
    assert all(incoming.is_ours(path.name) for path in there.directory.iterdir())
    assert not incoming.is_ours("odd")
