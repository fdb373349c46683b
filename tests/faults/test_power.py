"""What flush() or the flusher has confirmed survives the machine; a failing disk never reaches the training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runstore.runs.workspace import Workspace
from tests.crash import oracle
from tests.crash.template import Shared, Template
from tests.faults import logger
from tests.faults.logger import Logger
from tests.faults.mounts import Disk

each_disk_and_way = pytest.mark.parametrize(
    ("kind", "way"), [("ext4", "mapped"), ("ext4", "written"), ("xfs", "mapped"), ("btrfs", "mapped")]
)


def whole(child: Logger, least: int) -> None:
    """The first points are there, at least so many, without a gap, and the run can go on."""
    found = child.found()
    assert found == list(range(len(found)))
    assert len(found) >= least
    oracle.sound(child.workspace)
    run = Workspace(child.workspace, create=False).experiment("e").start_logging(run_id="r", attempt=2)
    run.log("v", 0.0, step=0)
    run.complete()
    assert run.status == "Completed"


@each_disk_and_way
def test_what_was_flushed_is_there_after_a_power_cut(
    kind: str, way: str, templates: dict[str, Template], shared: Shared, disk: Callable[[str], Disk], tmp_path: Path
) -> None:
    made = disk(kind)
    child = Logger(templates[way], shared, made.path / "ws", tmp_path / "errors", rotate=1 << 18)
    child.reach(8000)
    assert child.child.ask("flush")
    made.cut()
    child.reach(5000)  # log() goes on returning
    assert not child.child.ask("flush")
    child.stop()
    made.restart()
    whole(child, shared[logger.FLUSHED])


@each_disk_and_way
def test_what_the_flusher_wrote_by_itself_is_there_after_a_power_cut(
    kind: str, way: str, templates: dict[str, Template], shared: Shared, disk: Callable[[str], Disk], tmp_path: Path
) -> None:
    made = disk(kind)
    child = Logger(templates[way], shared, made.path / "ws", tmp_path / "errors")
    child.reach(1, logger.SYNCED)
    synced = child.reach(1, logger.SYNCED)  # a second beat: the names in the directories are durable too
    made.cut()
    child.reach(1000)
    child.child.kill()
    child.child.wait()
    made.restart()
    whole(child, synced)


@each_disk_and_way
def test_a_power_cut_at_the_death_of_the_process_costs_no_flushed_point(
    kind: str, way: str, templates: dict[str, Template], shared: Shared, disk: Callable[[str], Disk], tmp_path: Path
) -> None:
    made = disk(kind)
    child = Logger(templates[way], shared, made.path / "ws", tmp_path / "errors", rotate=1 << 16)
    for _ in range(3):
        child.reach(1000)
        assert child.child.ask("flush")
    child.child.kill()
    made.cut()
    child.child.wait()
    made.restart()
    whole(child, shared[logger.FLUSHED])


@each_disk_and_way
def test_what_was_flushed_before_a_device_failed_is_there(
    kind: str, way: str, templates: dict[str, Template], shared: Shared, disk: Callable[[str], Disk], tmp_path: Path
) -> None:
    made = disk(kind)
    child = Logger(templates[way], shared, made.path / "ws", tmp_path / "errors", rotate=1 << 18)
    child.reach(4000)
    assert child.child.ask("flush")
    made.fail()
    child.reach(10_000)  # log() goes on returning
    assert not child.child.ask("flush")
    flushed = shared[logger.FLUSHED]
    child.reach(4000)
    child.stop()
    made.restart()
    assert child.found(whole=False)[:flushed] == list(range(flushed))
    oracle.sound(child.workspace)


def test_without_fsync_the_same_power_cut_does_cost_flushed_points(
    templates: dict[str, Template], shared: Shared, disk: Callable[[str], Disk], tmp_path: Path
) -> None:
    made = disk("ext4")
    child = Logger(templates["mapped"], shared, made.path / "ws", tmp_path / "errors", synced=False)
    child.reach(8000)
    assert child.child.ask("flush")
    made.cut()
    child.child.kill()
    child.child.wait()
    made.restart()
    assert not child.path.exists() or len(child.found(whole=False)) < shared[logger.FLUSHED]
