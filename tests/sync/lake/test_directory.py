"""A directory is a storage like any other, and what is in it survives the death of the machine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runstore.disk import files
from runstore.errors import Refused, RemoteError
from runstore.sync.lake import directory
from runstore.sync.lake.directory import Directory
from runstore.sync.lake.storage import Storage
from tests.sync.lake import storages


@pytest.mark.parametrize("shown", storages.EVERY, ids=lambda one: one.__name__)
def test_it_does_what_a_storage_does(shown: Callable[[Storage], None], tmp_path: Path) -> None:
    shown(Directory(tmp_path / "lake"))


def test_where_no_link_can_be_made_only_one_creates_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (files, directory):
        monkeypatch.setattr(module, "CAN", module.CAN._replace(hard_link=False))
    plain = os.rename
    monkeypatch.setattr(os, "rename", lambda old, new: (time.sleep(0.02), plain(old, new)))  # time for another one
    storages.only_one_creates(Directory(tmp_path / "lake"))
    assert [one.name for one in Directory(tmp_path / "lake").names("")] == ["c", "r"]


@pytest.mark.parametrize("name", ["", "/etc/passwd", "a/../b", "a//b", "a/.", "C:/x", "a\\b", "a\0"])
def test_a_name_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    place = Directory(tmp_path / "lake")
    with pytest.raises(Refused, match="is no name of an object"):
        place.put(name, [b"x"], 1)
    with pytest.raises(Refused, match="is no name of an object"):
        b"".join(place.read(name))


def test_what_was_put_is_synced_and_so_is_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, seen = Directory(tmp_path / "lake"), list[str]()
    plain, plain_dir = files.sync, files.sync_dir
    monkeypatch.setattr(files, "sync", lambda fd: (seen.append("file"), plain(fd)))
    place.put("d/one", [b"x"], 1)
    assert seen == ["file"]
    monkeypatch.setattr(files, "sync_dir", lambda where: (seen.append(where.name), plain_dir(where)))
    place.settle()
    place.settle()
    assert seen == ["file", "d"]


def test_what_the_system_refuses_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("a file")
    with pytest.raises(RemoteError, match=r"lake/x: .* failed .*; ") as found:
        Directory(tmp_path / "lake").put("x", [b"x"], 1)
    assert "\n" not in str(found.value)


def test_what_is_being_written_is_not_listed(tmp_path: Path) -> None:
    place = Directory(tmp_path)
    place.put("d/one", [b"x"], 1)
    (tmp_path / "d" / ".two.1234.tmp").write_bytes(b"half")
    assert [one.name for one in place.names("d")] == ["d/one"]
    assert os.listdir(tmp_path / "d").count(".two.1234.tmp") == 1
