"""A run's files are listed, read and zipped; nothing outside of the workspace is."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import Damaged, StoreError
from runstore.view.feed import files


@pytest.fixture
def run(ws: runstore.Workspace, tmp_path: Path) -> runstore.Run:
    (tmp_path / "secret.txt").write_bytes(b"secret")
    with ws.experiment("e").start_logging(display_name="a/b") as run:
        for name, data in (("outputs/model.bin", b"\0" * 3000), ("outputs/a.txt", b"text"), ("logs/x.log", b"log\n")):
            (tmp_path / "file").write_bytes(data)
            run.upload_file(name, tmp_path / "file")
        run.upload_file("data/secret.txt", tmp_path / "secret.txt", reference=True)
        run.log_histogram("weights", [1, 2])
    return run


def test_files_are_listed_by_name(ws: runstore.Workspace, run: runstore.Run, as_sent: Any) -> None:
    found = as_sent(files.files(ws, run.id))
    by_path = {one["path"]: one for one in found["files"]}
    assert [*by_path] == sorted(by_path) and found["total"] == len(by_path)
    text = by_path["outputs/a.txt"]
    assert (text["size"], text["sha256"], text["kind"]) == (4, hashlib.sha256(b"text").hexdigest(), "file")
    assert (text["media_type"], text["elsewhere"], text["time"][-1]) == ("text/plain", False, "Z")
    assert by_path["data/secret.txt"]["elsewhere"] is True
    assert next(one for path, one in by_path.items() if path.startswith("weights"))["kind"] == "histogram"
    some = files.files(ws, run.id, search="OUTPUTS", limit=1)
    assert (some["total"], some["size"], [one["path"] for one in some["files"]]) == (2, 3004, ["outputs/a.txt"])


def test_a_file_is_read_and_saved_as_it_was_stored(ws: runstore.Workspace, run: runstore.Run, tmp_path: Path) -> None:
    found = files.file(ws, run.id[:8], "outputs/model.bin")
    assert (found.name, found.size, found.read()) == ("outputs/model.bin", 3000, b"\0" * 3000)
    found.save(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == b"\0" * 3000


@pytest.mark.parametrize(
    "path", ["../../workspace.json", "/etc/passwd", "outputs/../../../workspace.json", "", "outputs", "a\0b"]
)
def test_only_names_of_files_are_served(ws: runstore.Workspace, run: runstore.Run, path: str) -> None:
    with pytest.raises(StoreError, match="has no file"):
        files.file(ws, run.id, path)


def test_what_is_elsewhere_is_not_served(ws: runstore.Workspace, run: runstore.Run) -> None:
    with pytest.raises(StoreError, match="by reference"):
        files.file(ws, run.id, "data/secret.txt")


def test_a_log_that_leads_out_of_the_workspace_is_not_served(ws: runstore.Workspace, tmp_path: Path) -> None:
    run = runstore.start_run("e", workspace=ws)
    from tests.query.test_consoles import STD, write

    log = write(run, b"hello\n")
    assert files.file(ws, run.id, STD).read() == b"hello\n"
    log.path.unlink()
    (tmp_path / "outside").write_bytes(b"secret")
    log.path.symlink_to(tmp_path / "outside")
    with pytest.raises(StoreError, match="outside"):
        files.file(ws, run.id, STD)


def test_damage_is_told_and_not_served(ws: runstore.Workspace, run: runstore.Run) -> None:
    for pack in run.path.glob("*.pack"):
        pack.write_bytes(pack.read_bytes().replace(b"text", b"test"))
    with pytest.raises(Damaged):
        files.file(ws, run.id, "outputs/a.txt").read()


def test_an_archive_has_every_file_of_the_workspace(ws: runstore.Workspace, run: runstore.Run, tmp_path: Path) -> None:
    made = files.archive(ws, run.id, tmp_path / "run.zip")
    assert (made.name, made.media_type) == ("a_b.zip", "application/zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as zipped:
        assert zipped.testzip() is None
        assert zipped.read("outputs/a.txt") == b"text"
        assert "data/secret.txt" not in zipped.namelist()
        assert b"secret.txt" in zipped.read("LEFT-OUT.txt")
    assert made.read() == (tmp_path / "run.zip").read_bytes()
    assert not (tmp_path / "run.zip.part").exists()


def test_an_archive_of_a_folder_has_that_only(ws: runstore.Workspace, run: runstore.Run, tmp_path: Path) -> None:
    files.archive(ws, run.id, tmp_path / "o.zip", prefix="outputs/")
    with zipfile.ZipFile(tmp_path / "o.zip") as zipped:
        assert sorted(zipped.namelist()) == ["outputs/a.txt", "outputs/model.bin"]
    with pytest.raises(StoreError, match="no folder"):
        files.archive(ws, run.id, tmp_path / "n.zip", prefix="out")
    assert not (tmp_path / "n.zip").exists()
