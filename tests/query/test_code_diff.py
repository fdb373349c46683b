"""The code of two runs is compared file by file, by their snapshots or by what git says."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.query import code_diff
from runstore.query.diff import Diff


@pytest.fixture
def code(tmp_path: Path) -> Path:
    directory = tmp_path / "code"
    directory.mkdir()
    (directory / "train.py").write_text("lr = 0.1\nsteps = 9\n")
    (directory / "gone.py").write_text("x\n")
    (directory / "weights.bin").write_bytes(b"\0one")
    (directory / "tool.sh").write_text("x")
    return directory


@pytest.fixture
def ws(workspace: Path, code: Path) -> runstore.Workspace:
    """Runs a and b: between them a file was changed, added, removed, made a program, and a binary one changed."""
    ws = runstore.Workspace(workspace)
    runstore.start_run("x", run_id="a", workspace=ws, snapshot_directory=code).complete()
    (code / "train.py").write_text("lr = 0.2\nsteps = 9\n")
    (code / "gone.py").unlink()
    (code / "new.py").write_text("y\n")
    (code / "weights.bin").write_bytes(b"\0two")
    (code / "tool.sh").chmod(0o755)
    runstore.start_run("x", run_id="b", workspace=ws, snapshot_directory=code).complete()
    return ws


@pytest.fixture
def found(ws: runstore.Workspace) -> Diff:
    return ws.diff("a", "b")


def test_every_file_that_differs_is_named_with_how(found: Diff) -> None:
    assert {change.path: change.how for change in found.files} == {
        "gone.py": "removed", "new.py": "added", "tool.sh": "mode", "train.py": "changed", "weights.bin": "changed",
    }  # fmt: skip
    assert found.same["code"] == 0


def test_text_is_shown_line_by_line(found: Diff, workspace: Path) -> None:
    lines = {change.path: code_diff.lines(workspace, change) for change in found.files}
    assert lines["train.py"] == [
        "--- a/train.py",
        "+++ b/train.py",
        "@@ -1,2 +1,2 @@",
        "-lr = 0.1",
        "+lr = 0.2",
        " steps = 9",
    ]
    assert lines["new.py"] == ["--- /dev/null", "+++ b/new.py", "@@ -0,0 +1 @@", "+y"]
    assert lines["gone.py"][1] == "+++ /dev/null"
    assert lines["tool.sh"] == []


def test_what_is_no_text_or_too_long_is_only_measured(
    found: Diff, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_path = {change.path: change for change in found.files}
    assert code_diff.lines(workspace, by_path["weights.bin"]) == ["weights.bin: binary or long, 4 bytes -> 4 bytes"]
    monkeypatch.setattr(code_diff, "LONGEST", 5)
    assert code_diff.lines(workspace, by_path["train.py"]) == ["train.py: binary or long, 19 bytes -> 19 bytes"]


def test_a_run_without_a_snapshot_is_named(ws: runstore.Workspace) -> None:
    runstore.start_run("x", run_id="other", workspace=ws).complete()
    assert "run other has no snapshot of its code" in ws.diff("a", "other").notes
    assert ws.diff("a", "other").files == []


def test_a_manifest_that_is_damaged_is_told_and_the_rest_compared(ws: runstore.Workspace, workspace: Path) -> None:
    for pack in (workspace / "runs").glob("*/*/k-*"):
        data = pack.read_bytes()
        pack.write_bytes(data.replace(b'"files"', b'"fil3s"'))
    found = ws.diff("a", "b")
    assert any("does not match its SHA-256" in note for note in found.notes)
    assert found.files == []


def test_a_diff_of_git_is_cut_at_its_files() -> None:
    one = "diff --git a/x.py b/x.py\n@@ -1 +1 @@\n-a\n+b\n"
    two = "diff --git a/d/y.py b/d/y.py\nBinary files differ\n"
    assert code_diff.patches(one + two) == {"x.py": one, "d/y.py": two}
    assert code_diff.patches("") == {}
