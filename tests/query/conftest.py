"""What tests of questions stand on: a public workspace in which nothing is sealed unless a test does it."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.runs import seal


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Workspace:
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    return runstore.Workspace(tmp_path / "ws")
