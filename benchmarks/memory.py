"""How much resident memory logging adds, counted from before ``import runstore``, and whether it grows."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from benchmarks import child, clock, report
from benchmarks.report import Claim, Report

SIZES = {"tiny": {"points": 2_000}, "small": {"points": 500_000}, "full": {"points": 20_000_000}}
SAMPLES = 50
FLOOR = "the same points as orjson lines by os.write, in a process without runstore"


def measure(directory: Path, points: int) -> Report:
    log = child.run("benchmarks.memory:log", directory=directory / f"ws-{time.time_ns()}", points=points)
    floor = child.run("benchmarks.memory:lines", path=directory / "lines.jsonl", points=points)
    return Report(
        [
            Claim("resident", log["peak_mib"], floor["peak_mib"], FLOOR),
            Claim("flat", log["growth_mib"], floor["growth_mib"], FLOOR),
        ],
        {"log": log, "floor": floor},
    )


def resident() -> float:
    """MiB of this process that are in memory, pages of mapped files included.

    Raises:
        FileNotFoundError: this system has no /proc.
    """
    return _status("VmRSS")


def _status(field: str) -> float:
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(text.partition(f"{field}:")[2].split()[0]) / 1024


def _sums(before: float, samples: list[float]) -> dict[str, Any]:
    """What was added: at the highest (as the kernel saw it, between samples too), and after the first tenth."""
    settled = max(samples[: max(1, len(samples) // 10)])
    return {
        "before_mib": before,
        "peak_mib": _status("VmHWM") - before,
        "growth_mib": max(0.0, max(samples) - settled),
        "samples_mib": samples,
    }


def log(directory: str, points: int) -> dict[str, Any]:
    """In a child: log through runstore, sealing and all."""
    before, samples = resident(), []
    import runstore

    run = runstore.start_run("memory", workspace=runstore.Workspace(directory))
    for block in range(SAMPLES):
        for step in range(block * points // SAMPLES, (block + 1) * points // SAMPLES):
            run.log("loss", step * 0.1, step=step)
        samples.append(resident())
    run.complete()
    samples.append(resident())
    sums = _sums(before, samples)
    clock.quiet()
    return sums


def lines(path: str, points: int) -> dict[str, Any]:
    """In a child: the floor."""
    before, samples = resident(), []
    import orjson

    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for block in range(SAMPLES):
        for step in range(block * points // SAMPLES, (block + 1) * points // SAMPLES):
            os.write(file, orjson.dumps(["loss", step * 0.1, step, time.time_ns()], None, orjson.OPT_APPEND_NEWLINE))
        samples.append(resident())
    os.close(file)
    os.unlink(path)
    return _sums(before, samples)


if __name__ == "__main__":
    report.main("memory", SIZES, measure)
