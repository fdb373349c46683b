"""What tests of the feed stand on: a public workspace in which nothing is sealed unless a test does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.runs import seal


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Workspace:
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    return runstore.Workspace(tmp_path / "ws")


@pytest.fixture
def as_sent() -> Any:
    """A value after it has been JSON; what a browser would not take raises."""

    def sent(value: Any) -> Any:
        return json.loads(json.dumps(value, allow_nan=False))

    return sent
