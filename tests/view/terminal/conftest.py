"""A workspace to look at in a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.runs import seal


@pytest.fixture
def ws(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Workspace:
    """A workspace in which nothing is sealed by itself."""
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    return runstore.Workspace(workspace)
