"""A stream of journals: rotated, checked, and exact about what it kept. (Faults of every kind: tests/faults.)"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runstore.disk import files
from runstore.disk.capabilities import can_map
from runstore.format import journal, lines, names
from runstore.runs import stream as module
from runstore.runs.closing import Place
from runstore.runs.stream import Stream

WRITER = "0" * 16


def streams(path: Path) -> Iterator[Stream]:
    """One of each kind that the file system allows."""
    for mapped in [False, True] if can_map(path) else [False]:
        directory = path / f"mapped-{mapped}"
        directory.mkdir()
        yield make(directory, mapped)


def make(directory: Path, mapped: bool) -> Stream:
    place = Place(
        lambda number: directory / names.points(WRITER, number),
        lambda number, first: lines.header(lines.POINTS, "r", "e", WRITER, 1, number, first),
        mapped,
        rotate=True,
    )
    return Stream(place, lambda *a: None, 0, "run r", lambda: None)


def journals(one: Stream) -> list[journal.Journal]:
    directory = one.place.path(0).parent
    return [journal.read(files.read(Path(entry.path))) for entry in files.listing(directory)]


def steps(one: Stream) -> list[int]:
    """Every step there is, each sequence number once, a later journal's over an earlier one's."""
    found: dict[int, int] = {}
    for part in journals(one):
        assert not part.damage
        for span in part.spans:
            data = [line for line in part.data[span.start : span.end].splitlines() if line.startswith(b"[")]
            found.update((span.first + at, int(line.split(b",")[2])) for at, line in enumerate(data))
    return [found[number] for number in sorted(found)]


def gone(line: bytes, count: int) -> None:
    raise AssertionError("nothing comes after the end")


def log(one: Stream, first: int, last: int) -> None:
    for step in range(first, last):
        one.hot.log("a", 1.0, step=step)


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, call: str, number: int) -> Iterator[None]:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "refused")

    with monkeypatch.context() as patch:
        patch.setattr(files, call, refuse)
        yield


def test_journals_rotate_and_their_numbers_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROTATE", 70_000)
    monkeypatch.setattr(module, "LOOK", 100)
    for one in streams(tmp_path):
        log(one, 0, 10_000)
        assert one.end(gone) == 10_000
        found = journals(one)
        assert len(found) > 2
        assert all(part.closed for part in found)
        assert [part.next for part in found[:-1]] == [part.first for part in found[1:]]
        assert steps(one) == list(range(10_000))


def test_a_check_makes_everything_so_far_verified(tmp_path: Path) -> None:
    for one in streams(tmp_path):
        log(one, 0, 100)
        assert one.check() is not None
        log(one, 100, 103)
        (found,) = journals(one)
        assert [(span.count, span.verified) for span in found.spans] == [(100, True), (3, False)]
        one.end(gone)


def test_a_check_of_nothing_new_adds_nothing(tmp_path: Path) -> None:
    for one in streams(tmp_path):
        log(one, 0, 10)
        one.check()
        before = one.check()
        assert one.check() == before
        one.end(gone)


def test_what_a_full_disk_refuses_is_counted_and_logging_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "RETRY", 0.0)
    for one in streams(tmp_path):
        log(one, 0, 10)
        with failing(monkeypatch, "allocate" if one.place.mapped else "write", errno.ENOSPC):
            one.hot.change(limit=-1)  # no room: the next line has to ask for some
            if one.place.mapped:
                assert one.file is not None
                assert one.file.window is not None
                one.hot.change(position=len(one.file.window))
                at = one.hot.get().position
            log(one, 10, 17)
            assert one.faults.dropped == 7
        if one.place.mapped:
            assert one.hot.get().position == at
        log(one, 17, 20)
        assert one.faults.dropped == 7
        assert "logging again" in capsys.readouterr().err
        one.end(gone)


def test_after_a_failed_fsync_the_next_journal_repeats_what_was_unsafe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in streams(tmp_path):
        log(one, 0, 50)
        assert one.sync()
        log(one, 50, 80)
        real = files.sync
        calls: list[int] = []

        def once(fd: int, calls: list[int] = calls, real: Callable[[int], None] = real) -> None:
            calls.append(fd)
            if len(calls) == 1:
                raise OSError(errno.EIO, "Input/output error")
            real(fd)

        with monkeypatch.context() as patch:
            patch.setattr(files, "sync", once)
            assert one.sync()
        log(one, 80, 90)
        assert one.end(gone) == 90
        assert [part.first for part in journals(one)] == [0, 50]
        assert steps(one) == list(range(90))


def test_lines_that_came_while_their_thread_was_inside_are_stored_next(tmp_path: Path) -> None:
    for one in streams(tmp_path):
        log(one, 0, 1)
        one.waiting.append((lines.point("a", 1.0, 1, 5), 1))
        one.check()
        assert steps(one) == [0, 1]
        one.end(gone)


def test_after_the_end_everything_goes_to_the_one_named(tmp_path: Path) -> None:
    for one in streams(tmp_path):
        log(one, 0, 1)
        seen: list[int] = []
        one.end(lambda line, count, seen=seen: seen.append(count))
        log(one, 1, 3)
        assert seen == [1, 1]
        assert steps(one) == [0]


def test_a_forked_child_lets_the_files_be(tmp_path: Path) -> None:
    for one in streams(tmp_path):
        log(one, 0, 5)
        seen: list[bytes] = []
        one.abandon(lambda line, count, seen=seen: seen.append(line))
        log(one, 5, 6)
        assert len(seen) == 1
        assert steps(one) == list(range(5))
