"""A pack holds many small artifacts; every one of its bytes is covered by a check."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.disk import files, pack
from runstore.errors import Damaged
from tests.disk.faulty import Disk


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def framed(contents: list[bytes]) -> bytes:
    return b"".join(pack.frame(digest(data), len(data)) + data + b"\n" for data in contents)


def test_what_is_added_can_be_read_by_its_offset(tmp_path: Path) -> None:
    one = pack.PackFile(tmp_path / "k")
    contents = [b"first", b"", b"\n\0binary\n"]
    offsets = [one.add(data, digest(data)) for data in contents]
    one.sync()
    for data, offset in zip(contents, offsets, strict=True):
        assert pack.read(tmp_path / "k", offset, len(data), digest(data)) == data
    assert one.sha256 == digest(files.read(tmp_path / "k"))
    one.close()


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_a_pack_is_readable_without_anything_else(contents: list[bytes]) -> None:
    data = framed(contents)
    assert [data[b.offset : b.offset + b.size] for b in pack.blobs(data, "k")] == contents


@given(st.lists(st.binary(max_size=12), min_size=1, max_size=3), st.data())
def test_any_flipped_byte_is_found(contents: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(framed(contents))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Damaged):
        list(pack.blobs(bytes(whole), "k"))


def test_a_damaged_artifact_is_never_given(tmp_path: Path) -> None:
    (tmp_path / "k").write_bytes(framed([b"data"])[:-2] + b"X\n")
    offset = len(pack.frame(digest(b"data"), 4))
    with pytest.raises(Damaged, match="SHA-256"):
        pack.read(tmp_path / "k", offset, 4, digest(b"data"))


def test_after_a_failed_write_the_pack_is_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = pack.PackFile(tmp_path / "k")
    one.add(b"first", digest(b"first"))
    real = files.write

    def partly(fd: int, data: bytes) -> int:
        real(fd, bytes(data)[:10])
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(files, "write", partly)
        with pytest.raises(OSError, match="full"):
            one.add(b"second", digest(b"second"))
    one.add(b"third", digest(b"third"))
    one.close()
    assert files.read(tmp_path / "k") == framed([b"first", b"third"])


def test_a_piece_that_could_not_be_cut_is_cut_before_the_next(tmp_path: Path, disk: Disk) -> None:
    one = pack.PackFile(tmp_path / "k")
    one.add(b"first", digest(b"first"))
    disk.take_part(errno.ENOSPC)
    disk.refuse(errno.EIO, "truncate", times=2)
    with pytest.raises(OSError, match="No space"):
        one.add(b"second", digest(b"second"))
    disk.heal("write")
    with pytest.raises(OSError, match="Input/output"):
        one.add(b"third", digest(b"third"))
    offset = one.add(b"fourth", digest(b"fourth"))
    assert pack.read(tmp_path / "k", offset, 6, digest(b"fourth")) == b"fourth"
    one.close()
    assert files.read(tmp_path / "k") == framed([b"first", b"fourth"])


def test_a_failed_sync_is_never_believed_the_second_time(tmp_path: Path, disk: Disk) -> None:
    one = pack.PackFile(tmp_path / "k")
    one.add(b"first", digest(b"first"))
    disk.refuse(errno.EIO, "sync", times=1)
    for _ in range(2):
        with pytest.raises(OSError):
            one.sync()
    one.close()


def test_what_could_not_be_cut_is_cut_when_it_is_mended(tmp_path: Path, disk: Disk) -> None:
    one = pack.PackFile(tmp_path / "k")
    one.add(b"first", digest(b"first"))
    disk.take_part(errno.ENOSPC)
    disk.refuse(errno.EIO, "truncate", times=1)
    with pytest.raises(OSError, match="No space"):
        one.add(b"second", digest(b"second"))
    one.mend()
    assert files.read(tmp_path / "k") == framed([b"first"])
    one.close()


def test_content_that_is_in_the_pack_is_found_there(tmp_path: Path) -> None:
    one = pack.PackFile(tmp_path / "k")
    offset = one.add(b"first", digest(b"first"))
    assert one.find(digest(b"first"), 5) == offset
    assert one.find(digest(b"first"), 4) is None
    assert one.find(digest(b"other"), 5) is None
    one.close()


def test_what_lies_in_a_pack_is_listed_without_reading_the_contents(tmp_path: Path) -> None:
    contents = [b"first", b"", b"\n" * 300]
    whole = framed(contents)
    (tmp_path / "k").write_bytes(whole)
    listed = list(pack.frames(tmp_path / "k"))
    assert listed == list(pack.blobs(whole, "k"))
    (tmp_path / "k").write_bytes(whole[:-1])
    assert list(pack.frames(tmp_path / "k")) == listed[:-1]
