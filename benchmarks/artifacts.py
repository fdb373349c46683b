"""Many small artifacts: how long each takes, new or stored before, how many files they become, and the memory."""

from __future__ import annotations

import io
import mmap
import random
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
    workspace = runstore.Workspace(directory / f"ws-{time.time_ns()}")
    run = runstore.start_run("artifacts", workspace=workspace)
    run.upload_file("first", io.BytesIO(b"first"))  # what an upload imports is no memory of artifacts
    batches = range(0, count, BATCH)
    spent, before, most = {"upload": 0, "floor": 0}, _resident(), 0.0
    for first in batches:
        contents = _contents(first, count)
        spent["floor"] += _plain(plain, first, contents)
        spent["upload"] += _upload(run, first, contents)
        most = max(most, _resident() - before)
    ended = clock.milliseconds(run.complete)
    clock.quiet()
    each = (spent["upload"] / 1e6 + ended) / count
    floor = spent["floor"] / 1e6 / count
    files, stored = _stored(workspace.path)
    again = runstore.start_run("artifacts", workspace=workspace)
    equal = sum(_upload(again, first, _contents(first, count)) for first in batches)
    again.complete()
    return Report(
        [
            Claim("artifact", each, floor, FLOOR),
            Claim("artifact-equal", equal / 1e6 / count, floor, FLOOR),
            Claim("artifact-files", files, count, FLOOR),
            Claim("artifact-memory", most / 2**20, 0, "nothing kept"),
        ],
        {"complete_ms": ended, "bytes": count * SIZE, "bytes_of_equal": _stored(workspace.path)[1] - stored},
    )


def _resident() -> int:
    """Bytes of this process in memory; 0 where the system doesn't tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE
    except OSError:
        return 0


def _contents(first: int, count: int) -> list[bytes]:
    return [random.Random(number).randbytes(SIZE) for number in range(first, min(first + BATCH, count))]


def _stored(workspace: Path) -> tuple[int, int]:
    """How many files hold content or say where it is, and the bytes of content."""
    packs = [path.stat().st_size for path in workspace.rglob("k-*.pack")]
    blobs = [path.stat().st_size for path in (workspace / "blobs").rglob("*") if path.is_file()]
    facts = sum(1 for _ in workspace.rglob("a*.jsonl"))
    return len(packs) + len(blobs) + facts, sum(packs)


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
