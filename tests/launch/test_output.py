"""Whatever a script prints reaches its log, and no fault of the log reaches the script."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runstore.disk import files
from runstore.disk.held import Shared
from runstore.launch import output
from runstore.launch.output import HELD, Output, _Pipe
from runstore.launch.ranks import Ranks
from tests.launch.scripts import running, start, until

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Disk:
    """Takes what is written to one log, as long as there is room."""

    def __init__(self, log: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room = 1 << 40
        self.refusals = 0
        self._log, self._write = log, files.write
        monkeypatch.setattr(files, "write", self.write)

    def write(self, fd: int, data: bytes | memoryview) -> int:
        """Write as much as there is room for.

        Raises:
            OSError: there is none.
        """
        if fd != self._log:
            return self._write(fd, data)
        if self.room == 0:
            self.refusals += 1
            raise FULL
        done = self._write(fd, data[: self.room])
        self.room -= done
        return done


class Printed:
    """A pipe that the test prints into, with its output."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        pipe, self.into = os.pipe()
        self.path, self.log = path, files.create(path, append=True)
        self.disk = Disk(self.log, monkeypatch)
        self.output = Output([(pipe, self.log)])
        self.output.start()
        os.close(pipe)

    def stop(self) -> bytes:
        """End it; what the log has."""
        os.close(self.into)
        self.into = -1
        assert self.output.stop()
        return self.path.read_bytes()


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Printed]:
    one = Printed(tmp_path / "log", monkeypatch)
    yield one
    if one.into >= 0:
        os.close(one.into)
        one.output.stop()
    os.close(one.log)


@pytest.mark.parametrize(
    "data", [b"", b"no newline", b"\n", b"\0\0\0", bytes(range(256)) * 300, b"\xff\xfe", b"x" * 3_000_000]
)
def test_every_byte_is_kept_as_it_was_printed(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "data").write_bytes(data)
    with running(tmp_path, "sys.stdout.buffer.write(pathlib.Path('data').read_bytes())") as script:
        until(lambda: script.ranks.poll() == [0])
        assert script.output.stop()
        assert script.read() == data
        assert script.output.lost == 0


def test_a_burst_of_100_mb_is_kept_whole(tmp_path: Path) -> None:
    with running(tmp_path, "for n in range(100): os.write(1, bytes([n]) * 1_000_000)") as script:
        until(lambda: script.ranks.poll() == [0])
        assert script.output.stop()
        assert os.path.getsize(script.paths[0]) == 100_000_000
        with open(script.paths[0], "rb") as log:
            assert all(set(log.read(1_000_000)) == {n} for n in range(100))


def test_each_rank_has_its_own_log(tmp_path: Path) -> None:
    with running(tmp_path, "print('a')", "print('b')") as script:
        assert script.output.stop(60)
        assert (script.read(0), script.read(1)) == (b"a\n", b"b\n")


def test_a_line_is_there_while_the_script_runs(tmp_path: Path) -> None:
    with running(tmp_path, "print('first')\ntime.sleep(600)") as script:
        until(lambda: script.read() == b"first\n")
        assert script.ranks.poll() == [None]


def test_a_script_may_close_its_output(tmp_path: Path) -> None:
    with running(tmp_path, "print('last')\nos.close(1)\nos.close(2)\nborn('on')\ntime.sleep(600)") as script:
        assert script.output.stop(60)
        until((tmp_path / "on").exists)
        assert script.read() == b"last\n"
        assert script.ranks.poll() == [None]


def test_who_keeps_a_pipe_open_is_not_waited_for_for_ever(printed: Printed) -> None:
    os.write(printed.into, b"before")
    until(lambda: printed.path.read_bytes() == b"before")
    assert not printed.output.stop(0.05)
    os.write(printed.into, b"after")
    os.close(printed.into)
    printed.into = -1
    assert printed.output.stop()
    assert printed.path.read_bytes() == b"before"


def test_a_full_disk_takes_it_later(printed: Printed) -> None:
    printed.disk.room = 3
    os.write(printed.into, b"one two ")
    until(lambda: printed.disk.refusals)
    assert printed.output.problem is not None
    os.write(printed.into, b"three")
    printed.disk.room = 1 << 20
    until(lambda: printed.output.retry() or printed.path.read_bytes().startswith(b"one two "))
    assert printed.stop() == b"one two three"
    assert (printed.output.lost, printed.output.problem) == (0, None)


def test_a_full_disk_stops_no_script_and_what_is_lost_is_counted(printed: Printed) -> None:
    printed.disk.room = 0
    for _ in range(2 * HELD // 65536):
        os.write(printed.into, b"x" * 65536)  # would wait for ever if nobody read
    until(lambda: printed.output.lost == HELD)
    assert printed.stop() == b""
    assert (printed.output.lost, printed.output.losses) == (2 * HELD, [2 * HELD])


def test_the_log_says_where_something_is_missing(printed: Printed) -> None:
    printed.disk.room = 0
    for _ in range(HELD // 65536 + 1):
        os.write(printed.into, b"x" * 65536)
    until(lambda: printed.output.lost == 65536)
    printed.disk.room = 1 << 30
    os.write(printed.into, b"again\n")
    log = printed.stop()
    gap = b"\n[65536 bytes that were printed here could not be kept]\n"
    lost_too = b"\n[65542 bytes that were printed here could not be kept]\n"
    assert log in (b"x" * HELD + gap + b"again\n", b"x" * HELD + lost_too)
    assert printed.output.lost in (65536, 65542)


def test_a_script_on_a_disk_that_is_really_full_ends_as_ever(tmp_path: Path) -> None:
    full = "/dev/full"
    if not os.path.exists(full):
        return
    script = Ranks([start("for _ in range(100): os.write(1, bytes(100_000))\nsys.exit(3)")], tmp_path, "m-full")
    log = os.open(full, os.O_WRONLY)
    one = Output([(script.outputs[0], log)])
    one.start()
    script.start()
    until(lambda: script.poll() == [3])
    assert one.stop()
    script.close()
    os.close(log)
    assert one.lost == 10_000_000


def test_a_log_that_was_closed_harms_nobody(tmp_path: Path) -> None:
    pipe, into = os.pipe()
    log = files.create(tmp_path / "log")
    one = Output([(pipe, log)])
    one.start()
    os.close(log)
    os.write(into, b"nobody reads this")
    os.close(into)
    assert one.stop()
    os.close(pipe)
    assert one.lost == 17
    assert one.problem is not None


def test_a_system_that_can_not_share_what_is_held_keeps_all_the_same(
    printed: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(held: Shared, pipe: int) -> int:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(Shared, "take", refuse)
    os.write(printed.into, b"one ")  # may be taken by the call that waits already
    until(lambda: printed.path.read_bytes() == b"one ")
    os.write(printed.into, b"two")
    assert printed.stop() == b"one two"
    assert printed.output.lost == 0


def test_one_that_was_never_started_can_be_stopped(tmp_path: Path) -> None:
    assert Output([]).stop()
    assert Output([(99, 98)]).stop(0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.binary(min_size=1, max_size=40), st.integers(0, 60)), max_size=12))
def test_what_is_kept_and_what_is_lost_are_all_that_was_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[bytes, int]]
) -> None:
    """With any room at any time. What is kept is what was printed, in its order, with gaps that say their size."""
    monkeypatch.setattr(output, "HELD", 50)
    monkeypatch.setattr(output, "RETRY", 0.0)
    (tmp_path / "log").unlink(missing_ok=True)
    log = files.create(tmp_path / "log", append=True)
    with monkeypatch.context() as patch:
        disk = Disk(log, patch)
        read, into = os.pipe()
        pipe = _Pipe(read, log)
        for data, room in steps:
            disk.room = room
            os.write(into, data)
            pipe._keep(pipe._take())
        disk.room = 1 << 20
        pipe.stop(0)
    for fd in (log, read, into):
        os.close(fd)
    kept = b"".join(_without_gaps((tmp_path / "log").read_bytes()))
    assert len(kept) + pipe.lost == sum(len(data) for data, _ in steps)


def _without_gaps(log: bytes) -> Iterator[bytes]:
    while log:
        before, found, rest = log.partition(b" bytes that were printed here could not be kept]\n")
        yield before.rpartition(b"\n[")[0] if found else before
        log = rest
