"""A full disk never reaches the training: log() returns, what is lost is counted, and it goes on by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runstore.query.workspace import Workspace
from runstore.runs import state
from tests.crash.template import Shared, Template
from tests.faults import logger
from tests.faults.mounts import Disk, Mount, run

ways = pytest.mark.parametrize("way", ["mapped", "written"])
each_disk_and_way = pytest.mark.parametrize(
    ("kind", "way"), [("ext4", "mapped"), ("ext4", "written"), ("xfs", "mapped"), ("btrfs", "mapped")]
)


def fill_and_free(mount: Mount, child: logger.Logger) -> None:
    """Once or twice around: full, points dropped, free, points kept."""
    child.reach()
    first = child.shared[logger.LOGGED]
    for _ in range(2):
        mount.fill()
        child.reach(1000, logger.DROPPED)
        mount.free()
        last = child.kept_again()
    logged = child.stop()
    assert child.check(logged, first, last) >= 2000
    assert state.fold(child.path).status == "Completed"
    warned = [line for line in child.warnings() if "can't write" in line]
    assert len(warned) == 1 and "No space left" in warned[0]
    assert f"{state.fold(child.path).dropped:,} points could not be kept" in child.warnings()[-1]


@ways
def test_a_full_tmpfs_costs_counted_points_only(
    way: str, templates: dict[str, Template], shared: Shared, tmpfs: Mount, tmp_path: Path
) -> None:
    fill_and_free(tmpfs, logger.Logger(templates[way], shared, tmpfs.path / "ws", tmp_path / "errors"))


@each_disk_and_way
def test_a_full_disk_costs_counted_points_only(
    kind: str, way: str, templates: dict[str, Template], shared: Shared, disk: Callable[[str], Disk], tmp_path: Path
) -> None:
    made = disk(kind)
    fill_and_free(made, logger.Logger(templates[way], shared, made.path / "ws", tmp_path / "errors", rotate=1 << 18))


@ways
def test_a_run_that_ends_on_a_full_disk_says_how_and_what_it_lost(
    way: str, templates: dict[str, Template], shared: Shared, tmpfs: Mount, tmp_path: Path
) -> None:
    child = logger.Logger(templates[way], shared, tmpfs.path / "ws", tmp_path / "errors")
    first = child.reach()
    tmpfs.fill()
    child.reach(1000, logger.DROPPED)
    logged = child.stop()
    if way == "mapped":  # room for these facts was kept; a written file has none to keep
        assert child.check(logged, first, logged) >= 1000
        assert state.fold(child.path).status == "Completed"
    assert child.found()[:first] == list(range(first))
    assert "points could not be kept" in child.warnings()[-1]


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs"])
def test_a_reflinked_copy_and_then_a_full_disk_harm_neither_the_run_nor_the_copy(
    kind: str, templates: dict[str, Template], shared: Shared, disk: Callable[[str], Disk], tmp_path: Path
) -> None:
    made = disk(kind)
    child = logger.Logger(templates["mapped"], shared, made.path / "ws", tmp_path / "errors")
    child.reach()
    assert child.child.ask("flush")
    flushed = shared[logger.FLUSHED]
    run("cp", "-a", "--reflink=auto", made.path / "ws", made.path / "copy")
    first = shared[logger.LOGGED]
    made.fill()
    child.reach(1000, logger.DROPPED)
    made.free()
    last = child.kept_again()
    child.check(child.stop(), first, last)
    rows = Workspace(made.path / "copy").sql("select step, value from metrics order by step limit ?", [flushed])
    assert rows.fetchall() == [(step, step * 0.1) for step in range(flushed)]
