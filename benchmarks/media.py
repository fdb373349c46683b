"""What is more than one number: rows of 15 columns, images of 1 MB, a million points as one array."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path
from statistics import median
from time import perf_counter_ns, time_ns
from typing import TYPE_CHECKING

from benchmarks import clock, report
from benchmarks.report import Claim, Report

if TYPE_CHECKING:
    from runstore import Run

SIZES = {
    "tiny": {"rows": 30, "images": 2, "points": 2_000, "rounds": 1},
    "small": {"rows": 1_000, "images": 10, "points": 100_000, "rounds": 3},
    "full": {"rows": 3_000, "images": 50, "points": 1_000_000, "rounds": 5},
}
COLUMNS = 15
IMAGE = 1_000_000
PNG = b"\x89PNG\r\n\x1a\n"


def measure(directory: Path, rows: int, images: int, points: int, rounds: int) -> Report:
    import numpy

    import runstore

    run = runstore.start_run("media", workspace=runstore.Workspace(directory / f"ws-{time.time_ns()}"))
    columns = {f"column {place}": value for place, value in enumerate(clock.walk(COLUMNS))}
    numbers = {name: numpy.float64(value) for name, value in columns.items()}
    values = numpy.array(clock.walk(points))
    means = clock.interleaved(
        rounds,
        row_floor=lambda: _rows_floor(columns, rows),
        row=lambda: _rows(run, columns, rows),
        row_of_numpy=lambda: _rows(run, numbers, rows),
        batch_floor=lambda: clock.milliseconds(lambda: [(value, place) for place, value in enumerate(values.tolist())]),
        batch=lambda: clock.milliseconds(lambda: run.log_batch("batch", values)),
    )
    image, image_floor = _images(run, directory, images)
    run.complete()
    return Report(
        [
            Claim("row", means["row"], means["row_floor"], "list.append((name, dict(columns), time_ns()))"),
            Claim("image", image, image_floor, "its bytes copied to another file and hashed, no fsync"),
            Claim("batch", means["batch"], means["batch_floor"], "a list of (value, index) of the same array"),
        ],
        {"row_of_numpy_us": means["row_of_numpy"]},
    )


def _rows(run: Run, columns: dict[str, float], rows: int) -> float:
    """Microseconds per row."""
    start = perf_counter_ns()
    for _ in range(rows):
        run.log_row("row", **columns)
    return (perf_counter_ns() - start) / rows / 1e3


def _rows_floor(columns: dict[str, float], rows: int) -> float:
    kept: list[tuple[str, dict[str, float], int]] = []
    append = kept.append
    start = perf_counter_ns()
    for _ in range(rows):
        append(("row", dict(columns), time_ns()))
    return (perf_counter_ns() - start) / rows / 1e3


def _images(run: Run, directory: Path, images: int) -> tuple[float, float]:
    """Milliseconds per image, logged and copied: every one has bytes of its own."""
    logged, copied = [], []
    source, copy = directory / "image.png", directory / "copy.png"
    for _ in range(images):
        source.write_bytes(PNG + os.urandom(IMAGE))
        copied.append(clock.milliseconds(lambda: _copy(source, copy)))
        logged.append(clock.milliseconds(lambda: run.log_image("image", path=source)))
    return median(logged), median(copied)


def _copy(source: Path, copy: Path) -> None:
    hashlib.sha256(source.read_bytes()).hexdigest()
    shutil.copyfile(source, copy)


if __name__ == "__main__":
    report.main("media", SIZES, measure)
