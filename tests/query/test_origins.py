"""Of all that was captured of a run, the newest attempt's own word counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import Damaged
from runstore.query import origins


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
    assert origins.of(run.path)["argv"] == ["second"]


def test_of_several_writers_that_counts_which_asked_git(workspace: Path) -> None:
    with (
        runstore.start_run("x", run_id="r", workspace=workspace) as opener,
        runstore.start_run("x", run_id="r", workspace=workspace) as joined,
    ):
        capture(joined, "joined")
        capture(opener, "opener", code="abc")
    assert origins.of(opener.path)["argv"] == ["opener"]


def test_packages_and_changes_are_read_back(workspace: Path) -> None:
    with runstore.start_run("x", workspace=workspace) as run:
        capture(run, "train.py", code="abc")
    body = origins.of(run.path)
    assert origins.packages(workspace, body) == {"numpy": "2.0"}
    assert origins.changes(workspace, body) == "+lr = 1\n"


def test_of_nothing_captured_there_is_nothing(workspace: Path) -> None:
    with runstore.start_run("x", workspace=workspace) as run:
        pass
    assert (origins.of(run.path), origins.packages(workspace, {}), origins.changes(workspace, {})) == ({}, {}, "")


def test_nothing_damaged_is_given(workspace: Path) -> None:
    with runstore.start_run("x", workspace=workspace) as run:
        capture(run, "train.py")
    body = origins.of(run.path)
    (pack,) = run.path.glob("k-*")
    pack.write_bytes(pack.read_bytes().replace(b"numpy", b"nimpy"))
    with pytest.raises(Damaged, match="packages"):
        origins.packages(workspace, body)
