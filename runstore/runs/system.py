"""The figures of the machine at one moment. ``docs/system-metrics.md`` has the table of their names.

Imported in the sampling thread only: psutil takes 20 ms to load.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from runstore.runs.cgroups import Cgroups
from runstore.runs.gpus import Gpus

LEAST = 0.1  # seconds over which a rate means something


class Machine:
    """Takes samples. A rate or a share of time is over the time since the last sample; the first one has none."""

    def __init__(self) -> None:
        """Begin to measure."""
        self._process = psutil.Process()
        self._cgroups, self._gpus = Cgroups(), Gpus()
        self._before: dict[str, tuple[float, dict[str, float]]] = {}  # groups of counters: when read, what they said

    def sample(self) -> dict[str, float]:
        """What everything says now; what the machine can't tell is left out."""
        found: dict[str, float] = {}
        for part in (self._cpu, self._memory, self._cgroup, self._transfer, self._gpus.sample):
            found.update(_told(part))
        return found

    def space(self, path: Path) -> dict[str, float]:
        """How full the file system of a directory is."""

        def usage() -> dict[str, float]:
            found = psutil.disk_usage(str(path))
            return {"disk.free_bytes": float(found.free), "disk.percent": float(found.percent)}

        return _told(usage)

    def _cpu(self) -> dict[str, float]:
        times = psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0.0)
        total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)  # counted in user, nice
        own = self._process.cpu_times()
        rates = self._rates("cpu", {"busy": total - idle, "total": total, "process": own.user + own.system})
        found = {}
        if rates.get("total") and "busy" in rates:
            found["cpu.percent"] = 100 * rates["busy"] / rates["total"]
        if "process" in rates:
            found["process.cpu.percent"] = 100 * rates["process"]
        return found

    def _memory(self) -> dict[str, float]:
        memory = psutil.virtual_memory()
        return {
            "memory.used_bytes": float(memory.used),
            "memory.available_bytes": float(memory.available),
            "memory.percent": float(memory.percent),
            "process.memory.rss_bytes": float(self._process.memory_info().rss),
        }

    def _cgroup(self) -> dict[str, float]:
        found: dict[str, float] = {}
        memory, cpu = self._cgroups.memory(), self._cgroups.cpu()
        if memory is not None:
            found |= {"cgroup.memory.limit_bytes": float(memory.limit), "cgroup.memory.used_bytes": float(memory.used)}
        if cpu is not None:
            found["cgroup.cpu.limit_cores"] = cpu.cores
            found |= self._rates("cgroup", {"cgroup.cpu.percent": 100 * cpu.used / cpu.cores})
        return found

    def _transfer(self) -> dict[str, float]:
        disk, network = psutil.disk_io_counters(), psutil.net_io_counters()
        counters: dict[str, float] = {}
        if disk is not None:
            counters |= {"disk.read": disk.read_bytes, "disk.written": disk.write_bytes}
        if network is not None:
            counters |= {"network.sent": network.bytes_sent, "network.received": network.bytes_recv}
        return {f"{name}_bytes_per_second": rate for name, rate in self._rates("transfer", counters).items()}

    def _rates(self, group: str, counters: Mapping[str, float]) -> dict[str, float]:
        """By how much counters have grown per second; nothing the first time, too soon, or of one that was reset."""
        now = time.monotonic()
        at, before = self._before.get(group, (float("-inf"), {}))
        if now - at < LEAST:
            return {}
        self._before[group] = now, dict(counters)
        grown = {name: count - before[name] for name, count in counters.items() if name in before}
        return {name: more / (now - at) for name, more in grown.items() if more >= 0}


def _told(part: Callable[[], dict[str, float]]) -> dict[str, float]:
    try:
        return part()
    except Exception:  # noqa: BLE001 - what one part of a machine can't tell is no reason to lose the others
        return {}
