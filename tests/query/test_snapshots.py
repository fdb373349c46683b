"""What was kept of a directory comes back byte for byte, or not at all."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

import runstore
from runstore.disk import inventory
from runstore.errors import Damaged, SnapshotError, StoreError
from runstore.query import snapshots
from runstore.query.check import DAMAGE, check
from runstore.runs import state


@pytest.fixture
def code(tmp_path: Path) -> Path:
    directory = tmp_path / "code"
    (directory / "pkg").mkdir(parents=True)
    (directory / "train.py").write_text("lr = 0.1\n")
    (directory / "train.py").chmod(0o755)
    (directory / "pkg" / "weights.bin").write_bytes(os.urandom(300_000))
    (directory / "pkg" / "ünïcode.txt").write_text("x")
    (directory / "link").symlink_to("pkg/weights.bin")
    return directory


@pytest.fixture
def run(workspace: Path, code: Path) -> runstore.Run:
    with runstore.start_run("x", run_id="one", workspace=workspace, snapshot_directory=code) as run:
        pass
    return run


def test_the_zip_is_called_after_the_id_and_holds_every_file(run: runstore.Run, code: Path, tmp_path: Path) -> None:
    path = run.restore_snapshot(path=tmp_path / "new" / "snapshots")
    assert path == str(tmp_path / "new" / "snapshots" / f"{run.get_snapshot_id()}.zip")
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["link", "pkg/weights.bin", "pkg/ünïcode.txt", "train.py"]
        assert archive.read("pkg/weights.bin") == (code / "pkg" / "weights.bin").read_bytes()
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
        assert (modes["link"], modes["train.py"], archive.read("link")) == (0o120000, 0o100755, b"pkg/weights.bin")


def test_a_relative_path_gives_an_absolute_one(
    run: runstore.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run.restore_snapshot(path="snapshots") == str(tmp_path / "snapshots" / f"{run.get_snapshot_id()}.zip")


def test_without_a_path_it_is_a_temporary_directory(run: runstore.Run) -> None:
    assert zipfile.is_zipfile(run.restore_snapshot())


def test_the_same_snapshot_is_the_same_zip_and_takes_its_place(run: runstore.Run, tmp_path: Path) -> None:
    first, second = ((Path(run.restore_snapshot(path=tmp_path))).read_bytes() for _ in range(2))
    assert first == second
    assert [path.name for path in tmp_path.glob("*.zip")] == [f"{run.get_snapshot_id()}.zip"]


def test_the_snapshot_of_another_run_comes_by_its_id(run: runstore.Run, workspace: Path, tmp_path: Path) -> None:
    with runstore.start_run("x", workspace=workspace) as other:
        assert other.restore_snapshot(run.get_snapshot_id(), tmp_path).endswith(".zip")
        with pytest.raises(SnapshotError, match="has no snapshot"):
            other.restore_snapshot()
        with pytest.raises(SnapshotError, match="no run has a snapshot 'x'"):
            other.restore_snapshot("x")
        assert other.get_snapshot_id() is None


def test_every_snapshot_is_listed_with_its_runs(run: runstore.Run, workspace: Path, code: Path) -> None:
    with runstore.start_run("x", run_id="two", workspace=workspace, snapshot_directory=code):
        pass
    assert {key: sorted(value) for key, value in snapshots.ids(workspace).items()} == {
        str(run.get_snapshot_id()): ["one", "two"],
    }  # fmt: skip


def test_nothing_damaged_is_restored(run: runstore.Run, workspace: Path, tmp_path: Path) -> None:
    (blob,) = (path for path in (workspace / "blobs").glob("*/*") if path.is_file())
    blob.write_bytes(b"y" + blob.read_bytes()[1:])
    with pytest.raises(Damaged, match=r"pkg/weights\.bin.*does not match its SHA-256"):
        run.restore_snapshot(path=tmp_path / "snapshots")
    assert list((tmp_path / "snapshots").iterdir()) == []


def test_a_missing_file_is_named(run: runstore.Run, workspace: Path) -> None:
    (blob,) = (path for path in (workspace / "blobs").glob("*/*") if path.is_file())
    blob.unlink()
    with pytest.raises(StoreError, match=r"pkg/weights\.bin.*missing"):
        run.restore_snapshot()


def test_what_a_run_refers_to_is_its_manifest_and_every_file(run: runstore.Run, workspace: Path) -> None:
    found = list(snapshots.referred(workspace, state.fold(run.path)))
    assert [piece["name"] for piece in found] == ["manifest", "link", "pkg/weights.bin", "pkg/ünïcode.txt", "train.py"]
    assert len(inventory.scan(run.path).packs) == 1


def test_check_names_a_snapshot_whose_content_is_gone(run: runstore.Run, workspace: Path) -> None:
    assert check(workspace) == []
    (blob,) = (path for path in (workspace / "blobs").glob("*/*") if path.is_file())
    blob.unlink()
    (finding,) = check(workspace)
    assert (finding.severity, finding.path) == (DAMAGE, blob.relative_to(workspace).as_posix())
