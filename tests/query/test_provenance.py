"""Of all that was captured of a run, the newest attempt's own word counts; runs of which nothing was say so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import Damaged, SnapshotError
from runstore.query import provenance


def capture(run: runstore.Run, argv: str, code: str | None = None) -> None:
    """Record what a run would find out by itself."""
    body: dict[str, Any] = {"argv": [argv], "packages": {"count": 1, **run._put(b"numpy==2.0\n")}}
    if code is not None:
        body["git"] = {"commit": code, "diff": {"cut": False, **run._put(b"+lr = 1\n")}}
    run._record("provenance", body)


def test_the_newest_attempt_counts(workspace: Path) -> None:
    for argv in ("first", "second"):
        with runstore.start_run("x", run_id="r", workspace=workspace) as run:
            capture(run, argv)
    assert provenance.of(run.path)["argv"] == ["second"]


def test_of_several_writers_that_counts_which_asked_git(workspace: Path) -> None:
    with (
        runstore.start_run("x", run_id="r", workspace=workspace) as opener,
        runstore.start_run("x", run_id="r", workspace=workspace) as joined,
    ):
        capture(joined, "joined")
        capture(opener, "opener", code="abc")
    assert provenance.of(opener.path)["argv"] == ["opener"]


def test_packages_and_changes_are_read_back(workspace: Path) -> None:
    with runstore.start_run("x", workspace=workspace) as run:
        capture(run, "train.py", code="abc")
    body = provenance.of(run.path)
    assert provenance.packages(workspace, body) == {"numpy": "2.0"}
    assert provenance.changes(workspace, body) == "+lr = 1\n"


def test_of_nothing_captured_there_is_nothing(workspace: Path) -> None:
    with runstore.start_run("x", workspace=workspace) as run:
        pass
    assert (provenance.of(run.path), provenance.packages(workspace, {}), provenance.changes(workspace, {})) == (
        {},
        {},
        "",
    )


def test_nothing_damaged_is_given(workspace: Path) -> None:
    with runstore.start_run("x", workspace=workspace) as run:
        capture(run, "train.py")
    body = provenance.of(run.path)
    (pack,) = run.path.glob("k-*")
    pack.write_bytes(pack.read_bytes().replace(b"numpy", b"nimpy"))
    with pytest.raises(Damaged, match="packages"):
        provenance.packages(workspace, body)


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
