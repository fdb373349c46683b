"""How much resident memory logging adds, counted from before ``import runstore``, and whether it grows."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from benchmarks import child, report
from benchmarks.report import Claim, Report

SIZES = {"tiny": {"points": 2_000}, "small": {"points": 500_000}, "full": {"points": 20_000_000}}
SAMPLES = 50
FLOOR = "the same points as orjson lines by os.write, in a process without runstore"


def measure(directory: Path, points: int) -> Report:
    log = _sampled(LOG, directory / f"ws-{time.time_ns()}", points)
    floor = _sampled(LINES, directory / "lines.jsonl", points)
    return Report(
        [
            Claim("resident", log["peak_mib"], floor["peak_mib"], FLOOR),
            Claim("flat", log["growth_mib"], floor["growth_mib"], FLOOR),
        ],
        {"log": log, "floor": floor},
    )


# The programs start as bare as python can, so that no module they need is there already and goes uncounted.

COUNTING = """
import os, sys, time
path, points, samples = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
def status(field):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith(field))
def blocks(log):
    for block in range(samples):
        for step in range(block * points // samples, (block + 1) * points // samples):
            log("loss", step * 0.1, step=step)
        seen.append(status("VmRSS:"))
seen = []
before = status("VmRSS:")
"""
LOG = f"""{COUNTING}
import runstore
run = runstore.start_run("memory", workspace=runstore.Workspace(path))
blocks(run.log)
run.complete()
seen.append(status("VmRSS:"))
print([before, status("VmHWM:"), *seen])
from benchmarks import clock
clock.quiet()
"""
LINES = f"""{COUNTING}
import orjson
file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def log(name, value, step):
    os.write(file, orjson.dumps([name, value, step, time.time_ns()], None, orjson.OPT_APPEND_NEWLINE))
blocks(log)
os.unlink(path)
print([before, status("VmHWM:"), *seen])
"""


def _sampled(program: str, path: Path, points: int) -> dict[str, Any]:
    """What was added: at the highest (as the kernel saw it, between samples too), and after the first tenth."""
    printed = child.output(child.python(program, path, points, SAMPLES, options=("-S",)))
    before, peak, *samples = json.loads(printed)
    settled = max(samples[: max(1, len(samples) // 10)])
    return {
        "before_mib": before,
        "peak_mib": peak - before,
        "growth_mib": max(0.0, max(samples) - settled),
        "samples_mib": samples,
    }


if __name__ == "__main__":
    report.main("memory", SIZES, measure)
