"""No sealer child is started where sealing is not the subject."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.runs import seal


@pytest.fixture(autouse=True)
def requests(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The run directories that sealing was asked for."""
    asked: list[Path] = []
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: asked.append(run_dir))
    return asked
