"""A run is asked where it comes from. What comes back is tested with the modules that read it."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.errors import SnapshotError


def test_a_run_of_which_nothing_was_captured_says_so(workspace: Path) -> None:
    with runstore.start_run("x", workspace=workspace) as run:
        assert (run.provenance, run.get_snapshot_id()) == ({}, None)
        with pytest.raises(SnapshotError, match="has no snapshot"):
            run.restore_snapshot()


def test_a_run_read_from_outside_answers_alike(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    with runstore.start_run("x", run_id="r", workspace=workspace, snapshot_directory=tmp_path / "code") as run:
        pass
    assert runstore.Workspace(workspace).get_run("r").get_snapshot_id() == run.get_snapshot_id()
