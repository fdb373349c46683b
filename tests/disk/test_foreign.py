"""What others' directories hold is read only where it is a plain file that lies there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import runstore
from runstore.disk import files, foreign
from runstore.errors import StoreError

SECRET = b"-----BEGIN PRIVATE KEY-----"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "home" / "id_rsa"
    path.parent.mkdir()
    path.write_bytes(SECRET)
    return path


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other"
    (path / "a" / "b").mkdir(parents=True)
    (path / "a" / "b" / "f").write_bytes(b"plain")
    return path


def test_a_plain_file_is_read(other: Path) -> None:
    with foreign.reading(other):
        assert files.read(other / "a" / "b" / "f") == b"plain"
        with pytest.raises(FileNotFoundError):
            files.read(other / "a" / "b" / "none")


@pytest.mark.parametrize("odd", ["link", "directory", "pipe"])
def test_what_is_no_plain_file_is_named_before_anything_is_read(other: Path, secret: Path, odd: str) -> None:
    path = other / "a" / "odd"
    if odd == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(secret if odd == "link" else secret.parent)
    with pytest.raises(StoreError, match=f"{path}: is a link or a device"), foreign.reading(other):
        raise AssertionError


@pytest.mark.parametrize("odd", ["link", "directory", "pipe"])
def test_what_is_put_there_meanwhile_is_not_followed(other: Path, secret: Path, odd: str) -> None:
    with foreign.reading(other):
        if odd == "directory":
            shutil.rmtree(other / "a" / "b")
            secret.rename(secret.with_name("f"))
            (other / "a" / "b").symlink_to(secret.parent)
        else:
            (other / "a" / "b" / "f").unlink()
            os.mkfifo(other / "a" / "b" / "f") if odd == "pipe" else (other / "a" / "b" / "f").symlink_to(secret)
        for read in (files.read, files.sha256, files.opened, files.descriptor):
            with pytest.raises(StoreError):
                read(other / "a" / "b" / "f")


def test_a_path_that_leads_out_is_refused(other: Path, secret: Path) -> None:
    with foreign.reading(other), pytest.raises(StoreError):
        files.read(other / ".." / "home" / "id_rsa")


def test_afterwards_and_elsewhere_links_are_followed_as_ever(other: Path, secret: Path) -> None:
    link = other.parent / "link"
    link.symlink_to(secret)
    with foreign.reading(other):
        assert files.read(link) == SECRET
    (other / "link").symlink_to(secret)
    assert files.read(other / "link") == SECRET


@pytest.mark.parametrize("where", ["log", "pack", "facts", "run", "blobs"])
@pytest.mark.parametrize("dry", [False, True])
def test_merge_takes_nothing_through_a_link(
    workspace: Path, tmp_path: Path, secret: Path, where: str, dry: bool
) -> None:
    with runstore.start_run("x", workspace=tmp_path / "theirs") as run:
        print("hello")
        run.log("loss", 1.0)
    runstore.start_run("x", workspace=workspace).complete()
    target = {
        "log": run.path / "l-0123456789abcdef-stdout.log", "pack": run.path / "k-0123456789abcdef-000001.pack",
        "facts": run.path / "a1-0123456789abcdef.jsonl", "run": run.path.parent / "0123456789abcdef",
        "blobs": tmp_path / "theirs" / "blobs" / "ab",
    }[where]  # fmt: skip
    target.parent.mkdir(exist_ok=True)
    target.symlink_to(secret.parent if where in ("run", "blobs") else secret)
    before = sorted(workspace.rglob("*"))
    with pytest.raises(StoreError, match="is a link"):
        runstore.Workspace(workspace).merge(tmp_path / "theirs", dry_run=dry)
    assert sorted(workspace.rglob("*")) == before
    assert not any(SECRET in path.read_bytes() for path in workspace.rglob("*") if path.is_file())
