"""What tests of reports stand on: a workspace in which nothing seals itself, and a page of two lines."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.runs import seal
from runstore.view.report import document

SCRIPT = 'export const said = "</script><!-- </SCRIPT";'


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Workspace:
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    return runstore.Workspace(tmp_path / "ws")


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page that stands for the built one."""
    static = tmp_path / "static"
    static.mkdir()
    (static / "whole.js").write_text(SCRIPT)
    (static / "whole.css").write_text(".rs { color: red }")
    monkeypatch.setattr(document, "STATIC", static)
    return static


def logged(ws: runstore.Workspace, run_id: str, experiment: str = "e", steps: int = 3, **params: object) -> str:
    """A run with a curve and a value."""
    with runstore.start_run(experiment, run_id=run_id, params=params, workspace=ws) as run:
        for step in range(steps):
            run.log("loss", 1 / (1 + step), step=step)
        run.log("best", 0.5)
    return run.id
