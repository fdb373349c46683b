"""Chosen runs in a place of their own, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import runstore
from tests.cli import scenes
from tests.cli.conftest import Call


def test_runs_are_written_and_checked(ws: runstore.Workspace, call: Call, tmp_path: Path) -> None:
    scenes.finished(ws, run_id="one")
    scenes.finished(ws, run_id="two")
    out = tmp_path / "out"
    done = call("export", "one", "-o", out)
    assert done.exit_code == 0
    assert done.stdout.startswith(f"1 run in {out}: ")
    found = runstore.Workspace(out, create=False)
    assert found.sql("select run_id from runs").fetchall() == [("one",)]
    assert call("check", "-w", out).exit_code == 0


def test_the_format_is_told_or_follows_from_the_name(ws: runstore.Workspace, call: Call, tmp_path: Path) -> None:
    scenes.finished(ws, run_id="one")
    assert call("export", "one", "-o", tmp_path / "out.zip").exit_code == 0
    assert (tmp_path / "out.zip").read_bytes()[:2] == b"PK"
    told = call("export", "--where", "loss > 0", "-o", tmp_path / "t", "--format", "csv", "--json").stdout
    assert json.loads(told) == {
        "path": str(tmp_path / "t"), "runs": 1, "files": 15, "missing": [],
        "bytes": sum(path.stat().st_size for path in (tmp_path / "t").iterdir()),
    }  # fmt: skip


def test_what_is_there_and_what_means_nothing_is_refused(ws: runstore.Workspace, call: Call, tmp_path: Path) -> None:
    scenes.finished(ws, run_id="one")
    out = tmp_path / "out"
    assert call("export", "-o", out).exit_code == 2
    assert call("export", "nobody", "-o", out).exit_code == 1
    assert not out.exists()
    assert call("export", "one", "-o", out).exit_code == 0
    refused = call("export", "one", "-o", out)
    assert (refused.exit_code, "exists already" in refused.stderr) == (1, True)
    assert call("export", "one", "-o", out, "--overwrite").exit_code == 0


def test_content_that_is_gone_is_told_by_the_exit_code(ws: runstore.Workspace, call: Call, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * (1 << 20))
    with runstore.start_run("e", run_id="one", workspace=ws) as run:
        run.upload_file("outputs/large", tmp_path / "large")
    next(path for path in (ws.path / "blobs").rglob("*") if path.is_file() and path.stat().st_size == 1 << 20).unlink()
    done = call("export", "one", "-o", tmp_path / "out")
    assert done.exit_code == 1
    assert "left out" in done.stderr
    assert (tmp_path / "out" / "workspace.json").exists()
