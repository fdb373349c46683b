"""File systems for one test: marked ``mount``, and deselected where nothing may be mounted (no root, no loops).

A test without the program that makes its file system fails and says which package it wants.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.crash.oracle", "tests.faults.logger")

from tests.crash.fixtures import all_templates, shared, templates  # noqa: E402
from tests.faults import mounts  # noqa: E402

__all__ = ["all_templates", "shared", "templates"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    needy = [item for item in items if {"tmpfs", "disk"} & set(getattr(item, "fixturenames", ()))]
    for item in needy:
        item.add_marker(pytest.mark.mount)
    if needy and not _may_mount():
        items[:] = [item for item in items if item not in needy]
        config.hook.pytest_deselected(items=needy)


def _may_mount() -> bool:
    if not os.path.exists("/dev/loop-control"):
        return False
    with tempfile.TemporaryDirectory() as directory:
        return mounts.allowed(Path(directory))


@pytest.fixture
def tmpfs(tmp_path: Path) -> Iterator[mounts.Mount]:
    """A tmpfs of 6 MiB."""
    made = mounts.Mount(tmp_path / "small", "6m")
    yield made
    made.close()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], mounts.Disk]]:
    """Makes a file system of a kind on a loop device."""
    made: list[mounts.Disk] = []

    def make(kind: str) -> mounts.Disk:
        made.append(mounts.Disk(tmp_path, kind))
        return made[-1]

    yield make
    for one in made:
        one.close()
