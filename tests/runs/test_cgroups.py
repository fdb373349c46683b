"""Limits are found in either version of control groups, on whichever level they are, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.runs.cgroups import Cgroups, Cpu, Memory


def put(path: Path, **contents: str) -> None:
    """Write a group's files; a dot in a name is two underscores here."""
    path.mkdir(parents=True, exist_ok=True)
    for name, text in contents.items():
        (path / name.replace("__", ".")).write_text(text + "\n")


def proc(tmp_path: Path, cgroup: str, *mounts: str) -> Path:
    put(tmp_path / "proc", cgroup=cgroup, mountinfo="\n".join(mounts))
    return tmp_path / "proc"


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """A process in group /job/step of version 2."""
    lines = (
        "25 1 0:5 / /proc rw - proc proc rw",
        f"30 25 0:26 / {tmp_path}/fs rw,nosuid shared:9 - cgroup2 cgroup2 rw",
    )
    return proc(tmp_path, "0::/job/step", *lines)


def test_limits_of_the_second_version(tmp_path: Path, second: Path) -> None:
    own = tmp_path / "fs/job/step"
    put(own, memory__max="1073741824", memory__current="4096", cpu__max="150000 100000")
    put(own, cpu__stat="usage_usec 2500000\nuser_usec 1\nnr_periods 7")
    found = Cgroups(second)
    assert found.memory() == Memory(1 << 30, 4096)
    assert found.cpu() == Cpu(1.5, 2.5)


def test_without_a_limit_there_is_nothing_to_tell(tmp_path: Path, second: Path) -> None:
    put(
        tmp_path / "fs/job/step",
        memory__max="max",
        memory__current="1",
        cpu__max="max 100000",
        cpu__stat="usage_usec 1",
    )
    assert (Cgroups(second).memory(), Cgroups(second).cpu()) == (None, None)


def test_the_tightest_limit_of_all_levels_counts_with_what_is_used_there(tmp_path: Path, second: Path) -> None:
    put(
        tmp_path / "fs/job",
        memory__max="1000",
        memory__current="900",
        cpu__max="50000 100000",
        cpu__stat="usage_usec 9",
    )
    put(tmp_path / "fs/job/step", memory__max="2000", memory__current="10", cpu__max="100000 100000")
    put(tmp_path / "fs/job/step", cpu__stat="usage_usec 3")
    assert Cgroups(second).memory() == Memory(1000, 900)
    assert Cgroups(second).cpu() == Cpu(0.5, 9e-6)


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A process in groups of version 1, beside an empty tree of version 2."""
    lines = [
        f"31 25 0:27 / {tmp_path}/v1/memory rw - cgroup memory rw,memory",
        f"32 25 0:28 / {tmp_path}/v1/cpu rw - cgroup cgroup rw,cpu,cpuacct",
        f"33 25 0:29 / {tmp_path}/v1/unified rw - cgroup2 cgroup2 rw",
    ]
    return proc(tmp_path, "4:memory:/box\n2:cpu,cpuacct:/box\n0::/", *lines)


def test_limits_of_the_first_version(tmp_path: Path, first: Path) -> None:
    put(tmp_path / "v1/memory/box", memory__limit_in_bytes="2097152", memory__usage_in_bytes="77")
    put(tmp_path / "v1/cpu/box", cpu__cfs_quota_us="200000", cpu__cfs_period_us="100000", cpuacct__usage="3000000000")
    assert Cgroups(first).memory() == Memory(2 << 20, 77)
    assert Cgroups(first).cpu() == Cpu(2.0, 3.0)


def test_no_limit_in_the_first_version_is_a_huge_number_or_minus_one(tmp_path: Path, first: Path) -> None:
    put(tmp_path / "v1/memory/box", memory__limit_in_bytes="9223372036854771712", memory__usage_in_bytes="77")
    put(tmp_path / "v1/cpu/box", cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000", cpuacct__usage="3")
    assert (Cgroups(first).memory(), Cgroups(first).cpu()) == (None, None)


@pytest.mark.parametrize(("path", "root"), [("/docker/ab", "/docker/ab"), ("/", "/"), ("/../other", "/")])
def test_in_a_container_the_group_lies_at_the_mount(tmp_path: Path, path: str, root: str) -> None:
    mount = f"30 25 0:26 {root} {tmp_path}/fs rw - cgroup2 cgroup2 rw"
    put(tmp_path / "fs", memory__max="5000", memory__current="50")
    assert Cgroups(proc(tmp_path, f"0::{path}", mount)).memory() == Memory(5000, 50)


def test_a_system_without_control_groups_has_no_limits(tmp_path: Path) -> None:
    assert (Cgroups(tmp_path).memory(), Cgroups(tmp_path).cpu()) == (None, None)


def test_files_that_say_something_else_are_no_limits(tmp_path: Path, second: Path) -> None:
    put(tmp_path / "fs/job/step", memory__max="lots", memory__current="?", cpu__max="1 0", cpu__stat="usage_usec")
    assert (Cgroups(second).memory(), Cgroups(second).cpu()) == (None, None)
