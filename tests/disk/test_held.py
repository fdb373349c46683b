"""Bytes on their way are held in their order, and whoever takes over finds each exactly once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runstore.disk import files
from runstore.disk import held as module
from runstore.disk.capabilities import CAN
from runstore.disk.held import InMemory, Shared, held

SPLICE = hasattr(os, "splice")


class Way:
    """A pipe, a log, and what is held between them."""

    def __init__(self, path: Path, shared: bool) -> None:
        path.unlink(missing_ok=True)
        self.pipe, self.into = os.pipe()
        self.path, self.log = path, files.create(path, append=True)
        files.write_all(self.log, b"before ")
        self.held = Shared(self.log) if shared and SPLICE else InMemory()

    def take(self, data: bytes) -> int:
        """Put bytes into the pipe and take them."""
        os.write(self.into, data)
        return self.held.take(self.pipe)

    def write(self, count: int) -> None:
        """Let the log take some."""
        done = files.write(self.log, self.held.first()[:count])
        self.held.taken(done)

    def close(self) -> None:
        """Leave nothing open."""
        self.held.close()
        for fd in (self.pipe, self.into, self.log):
            if fd >= 0:
                os.close(fd)


@pytest.fixture(params=[False, True])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    one = Way(tmp_path / "log", request.param)
    yield one
    one.close()


def test_what_is_taken_is_held_until_the_log_takes_it(way: Way) -> None:
    assert (way.take(b"one "), way.take(b"two ")) == (4, 4)
    assert way.held.first() == b"one two "
    way.write(6)
    assert (len(way.held), way.held.first()) == (2, b"o ")
    way.write(9)
    assert (len(way.held), way.held.first()) == (0, b"")
    assert way.path.read_bytes() == b"before one two "


def test_the_end_of_a_pipe_is_told(way: Way) -> None:
    os.close(way.into)
    way.into = -1
    assert way.held.take(way.pipe) == 0


def test_the_last_bytes_can_be_dropped_and_others_come_in_their_place(way: Way) -> None:
    way.take(b"one two")
    way.held.drop(3)
    way.take(b"three")
    assert way.held.first() == b"one three"


def test_memory_is_given_back(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ROOM", 10)
    for number in range(20):
        way.take(b"%07d" % number)
        way.write(7)
    assert way.path.read_bytes() == b"before " + b"".join(b"%07d" % number for number in range(20))
    if way.held.fd >= 0:
        way.take(b"x")
        assert os.fstat(way.held.fd).st_blocks <= 2 * os.sysconf("SC_PAGESIZE") // 512


def test_they_are_shared_where_the_system_can(tmp_path: Path) -> None:
    log = files.create(tmp_path / "log")
    one = held(log)
    assert isinstance(one, Shared if CAN.splice else InMemory)
    one.close()
    os.close(log)
    assert isinstance(held(log), InMemory)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("take"), st.binary(min_size=1, max_size=20)),
            st.tuples(st.sampled_from(["write", "drop", "unsaid"]), st.integers(0, 20)),
            st.tuples(st.just("note"), st.binary(min_size=1, max_size=5)),
        ),
        max_size=15,
    )
)
def test_whoever_takes_over_goes_on_exactly_there(tmp_path: Path, steps: list[tuple[str, bytes | int]]) -> None:
    """At whatever moment: "unsaid" is a write after which this process is killed before it knows of it."""
    if not SPLICE:
        return
    way = Way(tmp_path / "log", shared=True)
    expected = bytearray(b"before ")
    waiting = bytearray()
    for step, what in steps:
        if isinstance(what, bytes) and step == "take":
            way.take(what)
            waiting += what
        elif isinstance(what, bytes):
            files.write_all(way.log, what)
            way.held.noted(len(what))
            expected += what
        elif step == "drop":
            count = min(what, len(waiting))
            way.held.drop(count)
            del waiting[len(waiting) - count :]
        else:
            done = files.write(way.log, way.held.first()[:what])
            expected += waiting[:done]
            del waiting[:done]
            if step == "unsaid":
                way.held = Shared(way.log, way.held.fd)
            else:
                way.held.taken(done)
        other = Shared(way.log, way.held.fd)
        assert other.first() == way.held.first() == bytes(waiting)
        assert way.path.read_bytes() == bytes(expected)
    way.close()
