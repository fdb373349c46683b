"""Many small artifacts: how long each takes, and how many files they become."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path
from time import perf_counter_ns
from typing import TYPE_CHECKING

from benchmarks import clock, report
from benchmarks.report import Claim, Report

if TYPE_CHECKING:
    from runstore import Run

SIZES = {"tiny": {"count": 6}, "small": {"count": 2_000}, "full": {"count": 100_000}}
SIZE = 20_000
BATCH = 100
FLOOR = "each written to a file of its own, no fsync"


def measure(directory: Path, count: int) -> Report:
    import runstore

    plain = directory / f"plain-{time.time_ns()}"
    plain.mkdir()
    run = runstore.start_run("artifacts", workspace=runstore.Workspace(directory / f"ws-{time.time_ns()}"))
    spent = {"upload": 0, "floor": 0}
    for first in range(0, count, BATCH):
        contents = [os.urandom(SIZE) for _ in range(min(BATCH, count - first))]
        spent["floor"] += _plain(plain, first, contents)
        spent["upload"] += _upload(run, first, contents)
    ended = clock.milliseconds(run.complete)
    each = (spent["upload"] / 1e6 + ended) / count
    files = sum(1 for path in run.path.iterdir() if path.is_file())
    return Report(
        [
            Claim("artifact", each, spent["floor"] / 1e6 / count, FLOOR),
            Claim("artifact-files", files, count, FLOOR),
        ],
        {"complete_ms": ended, "bytes": count * SIZE},
    )


def _upload(run: Run, first: int, contents: list[bytes]) -> int:
    start = perf_counter_ns()
    for number, data in enumerate(contents, first):
        run.upload_file(f"images/{number}.png", io.BytesIO(data))
    return perf_counter_ns() - start


def _plain(directory: Path, first: int, contents: list[bytes]) -> int:
    start = perf_counter_ns()
    for number, data in enumerate(contents, first):
        with open(directory / f"{number}.png", "xb") as file:
            file.write(data)
    return perf_counter_ns() - start


if __name__ == "__main__":
    report.main("artifacts", SIZES, measure)
