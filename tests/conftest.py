"""The few nouns every test may ask for, and a clean environment around each."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = str(Path(__file__).resolve().parents[1])  # child processes run this checkout, installed or not
KEPT = {"RUNSTORE_CAPABILITIES"}  # the suite runs once more with it set to "none"


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    """Runs that a test left open end with it: their threads and descriptors are none of the next test's."""
    yield
    process = sys.modules.get("runstore.runs.process")
    for run in list(process._open_runs) if process else ():
        with suppress(Exception):  # its disk may be gone by now
            run.end_at_exit(None)


@pytest.fixture(autouse=True)
def environment(nothing_left_open: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of the caller's decides anything, and nothing is found in or written to the caller's home."""
    for name in [name for name in os.environ if name.startswith("RUNSTORE_") and name not in KEPT]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RUNSTORE_PROVENANCE", "0")  # a thread and git for each test; tests of it delete this
    monkeypatch.setenv("RUNSTORE_SYSTEM", "0")  # a thread, and figures that no test knows
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("RUNSTORE_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("RUNSTORE_WORKING_COPIES", str(tmp_path / "copies"))  # of scripts whose launcher a test kills
    monkeypatch.setenv("PYTHONPATH", ROOT)
    if confirmed := sys.modules.get("runstore.sync.confirmed"):
        monkeypatch.setattr(confirmed, "_here", set())


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Where a test's workspace may be made; nothing is there yet."""
    return tmp_path / "ws"
