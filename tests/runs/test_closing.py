"""Journals that were left get their closing line, or a copy where their file has failed."""

from __future__ import annotations

import errno
from pathlib import Path
from threading import Lock

import pytest

from runstore.disk import files
from runstore.disk.append import AppendFile
from runstore.errors import Damaged
from runstore.format import journal, lines, names
from runstore.runs import closing
from runstore.runs.closing import Detached, Left, Place
from runstore.runs.faults import Faults

WRITER = "0" * 16


class Bench:
    """A place, and a journal of three points that was left."""

    def __init__(self, directory: Path) -> None:
        self.closed: list[tuple[int, int]] = []
        self.faults = Faults("run r")
        self.place = Place(
            lambda number: directory / names.points(WRITER, number),
            lambda number, first: lines.header(lines.POINTS, "r", "e", WRITER, 1, number, first),
            False,
            rotate=True,
        )
        self.left = Left(self.place, self.faults, Lock(), lambda: 1, lambda d, size: self.closed.append((d.end, size)))
        file = AppendFile(self.place.path(0), False, self.place.header(0, 0))
        for step in range(3):
            file.store(0, lines.point("a", 1.0, step, 5))
        self.left.journals.append(Detached(file, 0, 0, 3, 0, (0, 0)))

    def read(self, number: int) -> journal.Journal:
        return journal.read(files.read(self.place.path(number)))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def refuse(*_: object) -> None:
    raise OSError(errno.EIO, "Input/output error")


def test_a_left_journal_is_closed_and_told(bench: Bench) -> None:
    assert bench.left.finish()
    found = bench.read(0)
    assert (found.closed, found.next) == (True, 3)
    assert bench.closed == [(3, len(found.data))]
    assert bench.left.journals == []


def test_a_journal_whose_size_can_not_be_asked_has_one_closing_line(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, written = files.write_all, [0]

    def write(fd: int, data: bytes) -> None:
        real(fd, data)
        written[0] += 1

    def read(fd: int, start: int, end: int) -> bytes:
        return refuse() or b"" if written[0] else ask(fd, start, end)

    ask = files.read_at
    with monkeypatch.context() as patch:
        patch.setattr(files, "write_all", write)
        patch.setattr(files, "read_at", read)
        bench.left.finish()
    bench.left.finish()
    assert bench.read(0).data.count(lines.END) == 1
    assert (bench.read(0).closed, bench.left.journals) == (True, [])


def test_a_failed_sync_is_final_and_its_points_go_to_a_copy(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = files.sync, [0]

    def once(fd: int) -> None:
        calls[0] += 1
        if calls[0] == 1:
            refuse()
        real(fd)

    monkeypatch.setattr(files, "sync", once)
    assert bench.left.finish()
    copied = bench.read(1)
    assert (copied.closed, copied.first, copied.next) == (True, 0, 3)


def test_while_the_disk_refuses_everything_is_kept_for_another_try(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing.Faults, "early", lambda self: False)
    with monkeypatch.context() as patch:
        patch.setattr(files, "sync", refuse)
        assert not bench.left.finish()
    assert not bench.place.path(1).exists()
    assert bench.left.finish()
    assert bench.read(1).next == 3


def test_what_the_file_system_has_given_up_is_counted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.left.journals[0].file.failed = True
    monkeypatch.setattr(files, "read_at", lambda fd, start, end: b"\0" * (end - start))
    bench.left.finish()
    assert bench.faults.dropped == 3
    assert bench.left.journals == []


def test_giving_up_leaves_an_unclosed_journal_that_can_be_read(bench: Bench) -> None:
    bench.left.give_up()
    found = bench.read(0)
    assert (found.closed, found.next, found.damage) == (False, 3, [])


def test_what_a_journal_holds_ends_where_nothing_was_stored(bench: Bench) -> None:
    (detached,) = bench.left.journals
    files.write_all(detached.file.fd, bytes(100) + b"[9]\n")
    assert closing.held(detached.file, 0).count(b"\n") == 3
    bench.left.abandon()


@pytest.mark.parametrize(
    ("kept", "extra"),
    [
        (b"", 0),
        (b'["a",1.0,0,5]\n', 0),
        (b'[null,{"a":1,"b":2},0,5]\n[null,{"a":1},0,5]\n', 1),
        (b'["a",{"list":[1,2,3]},0,5]\n["a",{"row":{"x":[1,{"list":[1,2]}]}},0,5]\n', 2),
    ],
)
def test_extra_numbers_are_those_beyond_one_a_line(kept: bytes, extra: int) -> None:
    assert closing.extra(kept) == extra


def test_only_whole_lines_of_items_are_copied(bench: Bench) -> None:
    (detached,) = bench.left.journals
    data = closing.unsynced(detached.file, 0, detached.file.size(0))
    assert data.count(b"\n") == 3
    assert data.startswith(b"[")
    with pytest.raises(Damaged):
        closing.unsynced(detached.file, 0, 10**6)
    bench.left.abandon()
