"""The directory a script runs in holds the run's snapshot, and lies where nobody else can put anything."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import LaunchError
from runstore.launch import working_copy
from runstore.query import snapshots


def taken(workspace: Path, source: Path) -> Any:
    run = runstore.start_run("exp", workspace=workspace, snapshot_directory=source)
    run.complete()
    return run._folded().snapshot


@pytest.fixture
def source(tmp_path: Path) -> Path:
    directory = tmp_path / "source"
    (directory / "deep" / "er").mkdir(parents=True)
    (directory / "train.py").write_bytes(b"print(1)\r\n")
    (directory / "deep" / "er" / "data.bin").write_bytes(bytes(300_000))
    (directory / "run.sh").write_text("#!/bin/sh\n")
    (directory / "run.sh").chmod(0o755)
    (directory / "link").symlink_to("deep/er")
    return directory


def test_the_snapshot_is_restored_byte_by_byte(workspace: Path, source: Path) -> None:
    copy = working_copy.make(workspace, "r", taken(workspace, source))
    assert (copy / "train.py").read_bytes() == b"print(1)\r\n"
    assert (copy / "link" / "data.bin").read_bytes() == bytes(300_000)
    assert os.access(copy / "run.sh", os.X_OK) and not os.access(copy / "train.py", os.X_OK)


def test_without_a_snapshot_it_is_empty(workspace: Path) -> None:
    assert list(working_copy.make(workspace, "r", None).iterdir()) == []


def test_nobody_else_may_look_into_it(workspace: Path) -> None:
    copy = working_copy.make(workspace, "r", None)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (copy, copy.parent)] == [0o700, 0o700] or os.name == "nt"


def test_what_an_earlier_try_of_the_attempt_left_is_gone(workspace: Path, source: Path) -> None:
    snapshot = taken(workspace, source)
    (working_copy.make(workspace, "r", snapshot) / "left.txt").write_text("x")
    assert not (working_copy.make(workspace, "r", snapshot) / "left.txt").exists()


def test_the_same_id_in_two_workspaces_is_two_directories(tmp_path: Path) -> None:
    assert working_copy.place(tmp_path / "a", "r") != working_copy.place(tmp_path / "b", "r")
    assert working_copy.place(tmp_path / "a", "r") == working_copy.place(tmp_path / "a", "r")


def test_two_attempts_of_a_run_have_two_directories(workspace: Path) -> None:
    first, second = (working_copy.make(workspace, "r", None, attempt) for attempt in (1, 2))
    assert first != second and first.is_dir() and second.is_dir()


def test_the_directory_of_all_copies_goes_with_the_last_of_them(workspace: Path, temporary: Path) -> None:
    first, second = (working_copy.make(workspace, name, None) for name in "ab")
    assert working_copy.remove(first) and second.is_dir()
    assert working_copy.remove(second) and list(temporary.iterdir()) == []
    assert not working_copy.remove(second)


def test_what_a_script_has_locked_is_removed_too(workspace: Path) -> None:
    copy = working_copy.make(workspace, "r", None)
    inner = copy / "cache" / "packages"
    inner.mkdir(parents=True)
    (inner / "one").write_text("x")
    (inner / "one").chmod(0o400)
    inner.chmod(0o500)
    inner.parent.chmod(0)
    assert working_copy.remove(copy) and not copy.exists()


def test_another_directory_can_be_named(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(working_copy.VARIABLE, str(tmp_path / "shared"))
    copy = working_copy.make(workspace, "r", None)
    assert copy.parent == tmp_path / "shared"
    working_copy.remove(copy)
    assert copy.parent.is_dir()


def test_a_directory_that_somebody_else_put_there_is_not_used(workspace: Path, temporary: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (temporary / "runstore_runs").symlink_to(tmp_path / "theirs")
    copy = working_copy.make(workspace, "r", None)
    assert copy.parent.name.startswith("runstore_runs_") and list((tmp_path / "theirs").iterdir()) == []


def test_where_no_directory_is_ones_own_it_says_what_to_set(workspace: Path, temporary: Path) -> None:
    user = os.getuid() if hasattr(os, "getuid") else 0
    for name in ("runstore_runs", f"runstore_runs_{user}"):
        (temporary / name).write_text("in the way")
    with pytest.raises(LaunchError, match="set RUNSTORE_WORKING_COPIES"):
        working_copy.make(workspace, "r", None)


def test_a_full_disk_is_told_in_one_line(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(LaunchError, match=r"can't be written \(No space left on device\)"):
        working_copy.make(workspace, "r", None)


def test_what_could_not_be_restored_in_whole_is_not_left_behind(
    workspace: Path, source: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> bytes:
        raise OSError(28, "No space left on device")

    snapshot = taken(workspace, source)
    monkeypatch.setattr(snapshots, "content", refuse)
    with pytest.raises(LaunchError, match="No space left"):
        working_copy.make(workspace, "r", snapshot)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("path", ["../out.txt", "a/../../out.txt", "/tmp/out.txt"])
def test_a_snapshot_never_leads_out_of_it(
    workspace: Path, source: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    snapshot = taken(workspace, source)
    file = snapshots.listed(workspace, snapshot)[0]
    monkeypatch.setattr(snapshots, "listed", lambda *_: [file._replace(path=path)])
    with pytest.raises(LaunchError, match="leads out"):
        working_copy.make(workspace, "r", snapshot)
