"""What can be made again lies where the user's other caches lie, or where the user says."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from runstore.disk import caches


def test_the_directory_is_the_one_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RUNSTORE_CACHE", str(tmp_path / "cache"))
    assert caches.root() == tmp_path / "cache"


def test_else_it_is_the_users_for_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RUNSTORE_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    expected = tmp_path / ("local/runstore/Cache" if os.name == "nt" else "xdg/runstore")
    assert caches.root() == expected
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(sys, "platform", "darwin")
    if os.name != "nt":
        assert caches.root() == Path.home() / "Library" / "Caches" / "runstore"
