"""What is launched here keeps its temporary files, too, within the test's own directory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.launch.lab import Lab


@pytest.fixture(autouse=True)
def temporary(environment: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory for temporary files, of this process and of those it starts."""
    directory = tmp_path / "temporary"
    directory.mkdir()
    monkeypatch.setenv("TMPDIR", str(directory))
    monkeypatch.setenv("TEMP", str(directory))
    monkeypatch.setattr(tempfile, "tempdir", str(directory))
    monkeypatch.delenv("RUNSTORE_WORKING_COPIES")  # where they lie by default is here, too
    return directory


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A workspace to submit scripts in; none of them outlives the test."""
    made = Lab(tmp_path / "lab")
    yield made
    made.close()
