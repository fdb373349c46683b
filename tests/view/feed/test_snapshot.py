"""A snapshot's files are listed and read; a link is told, never followed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import SnapshotError, StoreError
from runstore.view.feed import snapshot


@pytest.fixture
def run(ws: runstore.Workspace, tmp_path: Path) -> runstore.Run:
    source = tmp_path / "src"
    source.mkdir()
    (source / "train.py").write_text("print(1)\n")
    (source / "link").symlink_to("train.py")
    run = ws.experiment("e").start_logging(snapshot_directory=source)
    run.complete()
    return run


def test_files_are_listed(ws: runstore.Workspace, run: runstore.Run, as_sent: Any) -> None:
    found = as_sent(snapshot.snapshot(ws, run.id))
    assert found["id"] == run.get_snapshot_id()
    assert [(one["path"], one["link"], one["program"]) for one in found["files"]] == [
        ("link", True, False),
        ("train.py", False, False),
    ]


def test_a_file_is_read_and_saved(ws: runstore.Workspace, run: runstore.Run, tmp_path: Path) -> None:
    found = snapshot.file(ws, run.id, "train.py")
    assert (found.read(), found.size) == (b"print(1)\n", 9)
    found.save(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == b"print(1)\n"
    assert snapshot.file(ws, run.id, "link").read() == b"train.py"


def test_what_is_not_in_it_is_refused(ws: runstore.Workspace, run: runstore.Run) -> None:
    with pytest.raises(StoreError, match="no file"):
        snapshot.file(ws, run.id, "../train.py")


def test_a_run_may_have_none(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    assert snapshot.snapshot(ws, run.id) == {"id": None, "files": []}
    with pytest.raises(SnapshotError):
        snapshot.file(ws, run.id, "x")
