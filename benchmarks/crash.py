"""SIGKILL in the middle of logging: how many points are lost of those whose ``log()`` had returned.

The writer counts in memory shared with this process what has returned; that count survives the kill exactly.
"""

from __future__ import annotations

import mmap
import random
import subprocess
import time
from pathlib import Path
from typing import Any

from benchmarks import child, report
from benchmarks.report import Claim, Report

SIZES = {"tiny": {"kills": 1}, "small": {"kills": 5}, "full": {"kills": 100}}
FLOOR = "lines of json.dumps into a buffered file, killed the same way"
FIRST = 100  # points before which nobody is killed
WIDTH = 5


def measure(directory: Path, kills: int) -> Report:
    source = random.Random(1)
    workspace, lost, floor_lost, returned = directory / f"ws-{time.time_ns()}", 0, 0, 0
    for number in range(kills):
        pause = source.uniform(0.0, 0.5)
        path = directory / f"buffered-{number}.jsonl"
        floor_lost += _killed("buffered", pause, directory, path=path) - _lines(path)
        run_id = f"run-{number}"
        logged = _killed("log", pause, directory, path=workspace, run_id=run_id)
        returned += logged
        lost += max(0, logged - _points(workspace, run_id))
    return Report([Claim("lost", lost, floor_lost, FLOOR)], {"returned": returned})


def _killed(job: str, pause: float, directory: Path, **arguments: Any) -> int:
    """Start a job, kill it at some instant; how many points it had been told were kept."""
    shared = directory / "returned"
    shared.write_bytes(bytes(8))
    process = subprocess.Popen(
        child.command(f"benchmarks.crash:{job}", shared=shared, **arguments), env=child.environment()
    )
    try:
        while process.poll() is None and _returned(shared) < FIRST:
            time.sleep(0.001)
        time.sleep(pause)
    finally:
        process.kill()
        process.wait()
    return _returned(shared)


def _returned(shared: Path) -> int:
    return int.from_bytes(shared.read_bytes(), "little")


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def _points(workspace: Path, run_id: str) -> int:
    """How many steps SQL finds without a gap from the first on; a wide step must have all its points."""
    import runstore

    rows = runstore.Workspace(workspace).sql(
        f"select count(*) from (select step, count(distinct name) as n, row_number() over (order by step) - 1 as place "
        f"from metrics where run_id = '{run_id}' group by step) where step = place and n = if(step % 7 = 0, {WIDTH}, 1)"
    )
    return int(rows.fetchall()[0][0])


def log(shared: str, path: str, run_id: str) -> None:
    """In a child: log without end, every seventh step wide."""
    import runstore

    run = runstore.start_run("crash", workspace=runstore.Workspace(path), run_id=run_id)
    wide = {f"m{number}": 0.5 for number in range(WIDTH)}
    counter = _counter(shared)
    for step in range(1 << 40):
        if step % 7:
            run.log("loss", step * 0.1, step=step)
        else:
            run.log(wide, step=step)
        counter[:] = (step + 1).to_bytes(8, "little")


def buffered(shared: str, path: str) -> None:
    """In a child: the floor."""
    import json

    counter = _counter(shared)
    with open(path, "w", encoding="utf-8") as file:
        for step in range(1 << 40):
            file.write(json.dumps(["loss", step * 0.1, step, time.time_ns()]) + "\n")
            counter[:] = (step + 1).to_bytes(8, "little")


def _counter(shared: str) -> mmap.mmap:
    with open(shared, "r+b") as file:
        return mmap.mmap(file.fileno(), 8)


if __name__ == "__main__":
    report.main("crash", SIZES, measure)
