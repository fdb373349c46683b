"""No sealer child is started where sealing is not the subject."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.format import lines
from runstore.runs import seal, stream
from tests.disk.faulty import Disk
from tests.runs.streams import SMALL, WAYS, Bench


@pytest.fixture(autouse=True)
def requests(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The run directories that sealing was asked for."""
    asked: list[Path] = []
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: asked.append(run_dir))
    return asked


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@pytest.fixture(params=WAYS, ids=lambda mapped: "mapped" if mapped else "written")
def mapped(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def bench(tmp_path: Path, mapped: bool, disk: Disk) -> Bench:
    return Bench(tmp_path, mapped)


@pytest.fixture
def facts(tmp_path: Path, mapped: bool, disk: Disk) -> Bench:
    return Bench(tmp_path, mapped, lines.FACTS, reserve=4096)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Journals are left after 50 KiB, and what was refused is tried again at once."""
    monkeypatch.setattr(stream, "ROTATE", SMALL)
    monkeypatch.setattr(stream, "LOOK", 100)
    monkeypatch.setattr(stream, "RETRY", 0.0)
