"""Files appear whole or not at all, and nothing visible is ever overwritten."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from runstore.disk import files
from runstore.errors import Damaged


def test_a_published_file_has_its_bytes_and_leaves_nothing_beside(tmp_path: Path) -> None:
    files.publish(tmp_path, "a.json", b"whole")
    assert os.listdir(tmp_path) == ["a.json"]
    assert files.read(tmp_path / "a.json") == b"whole"


def test_publishing_the_same_bytes_again_is_success(tmp_path: Path) -> None:
    files.publish(tmp_path, "a", b"same")
    files.publish(tmp_path, "a", b"same")


def test_other_bytes_under_a_name_are_refused_and_never_replaced(tmp_path: Path) -> None:
    files.publish(tmp_path, "a", b"first")
    with pytest.raises(Damaged, match="other bytes"):
        files.publish(tmp_path, "a", b"second")
    assert files.read(tmp_path / "a") == b"first"
    assert os.listdir(tmp_path) == ["a"]


def test_a_file_that_can_not_be_made_whole_does_not_appear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(files, "write", full)
    with pytest.raises(OSError, match="full"):
        files.publish(tmp_path, "a", b"data")
    assert os.listdir(tmp_path) == []


def test_without_links_a_name_is_not_replaced_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", unsupported)
    files.publish(tmp_path, "a", b"first")
    with pytest.raises(Damaged):
        files.publish(tmp_path, "a", b"second")
    assert files.read(tmp_path / "a") == b"first"


def test_short_writes_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(files, "write", lambda fd, data: real(fd, bytes(data)[:3]))
    files.publish(tmp_path, "a", b"0123456789")
    assert files.read(tmp_path / "a") == b"0123456789"


def test_creating_a_name_twice_fails(tmp_path: Path) -> None:
    files.close(files.create(tmp_path / "a"))
    with pytest.raises(FileExistsError):
        files.create(tmp_path / "a")


def test_bytes_are_read_from_the_middle_of_a_file_that_is_appended_to(tmp_path: Path) -> None:
    fd = files.create(tmp_path / "a", append=True)
    files.write_all(fd, b"0123456789")
    assert files.read_at(fd, 2, 5) == b"234"
    files.write_all(fd, b"!")
    assert files.size(fd) == 11
    assert files.read_at(fd, 9, 99) == b"9!"
    files.close(fd)


def test_unlinking_what_is_gone_is_no_error(tmp_path: Path) -> None:
    assert not files.unlink(tmp_path / "none")
    (tmp_path / "a").write_bytes(b"")
    assert files.unlink(tmp_path / "a")


def test_directories_are_made_with_their_parents(tmp_path: Path) -> None:
    files.make_dirs(tmp_path / "a" / "b" / "c", durable=True)
    files.make_dirs(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()


def test_a_listing_is_in_the_order_of_names_and_empty_where_nothing_is(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        (tmp_path / name).touch()
    assert [entry.name for entry in files.listing(tmp_path)] == ["a", "b", "c"]
    assert files.listing(tmp_path / "none") == []


def test_the_age_of_a_missing_file_is_infinite(tmp_path: Path) -> None:
    assert files.age(tmp_path / "none") == float("inf")
    (tmp_path / "a").touch()
    os.utime(tmp_path / "a", (1, 1))
    assert files.age(tmp_path / "a") > 1e6
    files.touch(tmp_path / "a")
    assert files.age(tmp_path / "a") < 60


def test_a_stamp_is_another_one_when_a_file_is_written_to_or_another_takes_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert files.stamp(str(path)) is None
    path.write_bytes(b"1")
    seen = [files.stamp(str(path))]
    assert files.stamp(str(path)) == seen[0]
    os.utime(path, ns=(1, 1))
    seen.append(files.stamp(str(path)))
    (tmp_path / "b").write_bytes(b"1")
    os.utime(tmp_path / "b", ns=(1, 1))
    os.replace(tmp_path / "b", path)
    seen.append(files.stamp(str(path)))
    assert len({None, *seen}) == 4


def test_a_link_that_a_signal_interrupts_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, link = [], os.link

    def interrupted(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == 1:
            raise InterruptedError(errno.EINTR, "interrupted")
        link(source, target)

    monkeypatch.setattr(os, "link", interrupted)
    files.publish(tmp_path, "a", b"data")
    assert files.read(tmp_path / "a") == b"data"
    assert len(calls) == 2


def test_a_link_that_was_made_before_the_interruption_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = os.link

    def interrupted(source: Path, target: Path) -> None:
        link(source, target)
        raise InterruptedError(errno.EINTR, "interrupted")

    (tmp_path / "source").write_bytes(b"data")
    (tmp_path / "other").write_bytes(b"more")
    monkeypatch.setattr(os, "link", interrupted)
    files.link(tmp_path / "source", tmp_path / "target")
    with pytest.raises(FileExistsError):
        files.link(tmp_path / "source", tmp_path / "other")
