"""A cache of its own for each test, what was said, and stand-ins for the programs that build."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.launch.docker_stand_in import StandIn
from tests.launch.environments.uv_stand_in import Uv


@pytest.fixture(autouse=True)
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: None) -> Path:
    """Where environments are kept; the tests' own interpreter and the system's programs are on PATH, and no uv."""
    monkeypatch.setenv("RUNSTORE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", os.pathsep.join(["/usr/bin", "/bin"]) if os.name != "nt" else os.environ["PATH"])
    return tmp_path / "cache"


@pytest.fixture
def said() -> list[str]:
    """What was said."""
    return []


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Uv:
    """A stand-in for uv, first on PATH."""
    made = Uv(tmp_path / "uv")
    monkeypatch.setenv("PATH", os.pathsep.join([str(made.bin), os.environ["PATH"]]))
    return made


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """A stand-in for docker, first on PATH."""
    made = StandIn(tmp_path / "docker")
    monkeypatch.setenv("PATH", os.pathsep.join([str(made.bin), os.environ["PATH"]]))
    return made


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The working copy."""
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def program(path: Path, text: str) -> Path:
    """An executable of a few lines of shell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def version_teller(path: Path, version: str) -> Path:
    """An interpreter as far as its version goes."""
    return program(path, f"echo {version}")


PYTHON = sys.executable
