"""What a control group lets this process have: in a container, or under a scheduler, less than the machine has.

Version 1 and 2 of the Linux kernel's control groups, by its documents ``cgroup-v1/memory``, ``sched-bwc`` and
``cgroup-v2``. Where there are none (or none is limited) there is nothing to tell. Only reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc/self")
_UNLIMITED = 1 << 60  # version 1 says "none" by a number that no machine has


class Memory(NamedTuple):
    """The tightest memory limit on this process and what its group uses of it, in bytes."""

    limit: int
    used: int


class Cpu(NamedTuple):
    """The tightest limit on CPU time, in cores, and what its group has used so far, in seconds."""

    cores: float
    used: float


class Cgroups:
    """The groups that this process is in, from its own up to the root: each may limit it."""

    def __init__(self, proc: Path = PROC) -> None:
        """Find them. ``proc`` is the process's directory in /proc."""
        self._dirs = {controller: list(found) for controller in ("memory", "cpu") if (found := _dirs(proc, controller))}

    def memory(self) -> Memory | None:
        """The memory that there is; None where no group limits it."""
        limits = []
        for directory in self._dirs.get("memory", []):
            for limit, used in (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")):
                most, now = _number(directory / limit), _number(directory / used)
                if most is not None and most < _UNLIMITED and now is not None:
                    limits.append(Memory(most, now))
        return min(limits, default=None)

    def cpu(self) -> Cpu | None:
        """The CPU time that there is; None where no group limits it."""
        limits = []
        for directory in self._dirs.get("cpu", []):
            quota, period, used = _quota(directory)
            if quota is not None and quota > 0 and period and used is not None:
                limits.append(Cpu(quota / period, used))
        return min(limits, default=None)


def _quota(directory: Path) -> tuple[int | None, int | None, float | None]:
    """Microseconds that the group may run, in how many, and the seconds that it has run; None where unlimited."""
    quota, _, period = _text(directory / "cpu.max").partition(" ")
    if period:
        stat = dict(line.split(" ", 1) for line in _text(directory / "cpu.stat").splitlines() if " " in line)
        return _int(quota), _int(period), _scaled(_int(stat.get("usage_usec", "")), 1e6)
    used = _number(directory / "cpuacct.usage")
    return _number(directory / "cpu.cfs_quota_us"), _number(directory / "cpu.cfs_period_us"), _scaled(used, 1e9)


def _dirs(proc: Path, controller: str) -> Iterator[Path]:
    """The directories of a controller's groups, from the process's own upwards."""
    own = _own(proc, controller)
    for root, mount in _mounts(proc, controller):
        path = own if own is not None else "/"
        inside = path.removeprefix(root.rstrip("/")) if path.startswith(root) else "/"  # seen from a namespace
        directory = mount / inside.strip("/") if ".." not in inside else mount
        while True:
            yield directory
            if directory == mount:
                break
            directory = directory.parent


def _own(proc: Path, controller: str) -> str | None:
    """The group of the process: lines are ``number:controllers:path``, version 2 has no controllers."""
    unified = None
    for line in _text(proc / "cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return path
        unified = path if not controllers else unified
    return unified


def _mounts(proc: Path, controller: str) -> Iterator[tuple[str, Path]]:
    """Which group is mounted where: ``id parent device ROOT MOUNT options ... - TYPE source SUPER-OPTIONS``."""
    for line in _text(proc / "mountinfo").splitlines():
        first, _, last = line.partition(" - ")
        fields, (kind, *rest) = first.split(" "), last.split(" ")
        if kind == "cgroup2" or (kind == "cgroup" and controller in rest[-1].split(",")):
            yield fields[3], Path(fields[4])


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    return _int(_text(path))


def _int(text: str) -> int | None:
    return int(text) if text.removeprefix("-").isdecimal() else None


def _scaled(number: int | None, unit: float) -> float | None:
    return None if number is None else number / unit
