"""Ending a run and sealing it: how long ``complete()`` takes, what the sealer needs, how many bytes a point becomes."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import child, clock, report
from benchmarks.durable import synced
from benchmarks.report import Claim, Report

SIZES = {
    "tiny": {"points": 400, "rounds": 1},
    "small": {"points": 200_000, "rounds": 3},
    "full": {"points": 2_000_000, "rounds": 5},
}
JOURNAL = 8 << 20  # bytes; what can be left to make durable
LINE = 57  # bytes of one point in a journal
SYNC = "fsync of as many bytes as the last journal holds, just written, and of their directory"
PARQUET = "pyarrow, a fresh process: the same columns with its defaults, zstd"


def measure(directory: Path, points: int, rounds: int) -> Report:
    ends = {count: _complete(directory, count, rounds) for count in (10, points // 20, points)}
    slowest = max(ends.values(), key=lambda end: end["complete"])
    rest = child.run("benchmarks.seal:at_rest", directory=directory / f"rest-{time.time_ns()}", points=points)
    return Report(
        [
            Claim("complete", slowest["complete"], slowest["floor"], SYNC),
            Claim("bytes", rest["bytes"] / points, rest["floor_bytes"] / points, PARQUET),
            Claim("files", rest["files"], 1, "one file"),
        ],
        {
            "complete_ms": {str(count): end for count, end in ends.items()},
            "seal_s_per_million": rest["seal_ms"] / points * 1000,
            "seal_floor_s_per_million": rest["floor_ms"] / points * 1000,
            "seal_ratio": rest["seal_ms"] / rest["floor_ms"],
            "at_rest": rest,
        },
    )


def _complete(directory: Path, count: int, rounds: int) -> dict[str, float]:
    """The medians of ``complete()`` and its floor after ``count`` points logged as fast as possible."""
    values, workspace = clock.walk(count), directory / f"ws-{count}-{time.time_ns()}"
    return clock.interleaved(
        rounds,
        floor=lambda: synced(directory, count * LINE % JOURNAL),
        complete=lambda: _logged(workspace, values),
    )


def _logged(workspace: Path, values: list[float]) -> float:
    import runstore

    clock.quiet()
    run = runstore.start_run("seal", workspace=runstore.Workspace(workspace))
    for step, value in enumerate(values):
        run.log("loss", value, step=step)
    return clock.milliseconds(run.complete)


def at_rest(directory: str, points: int) -> dict[str, Any]:
    """In a child: log without sealing, then time the sealer and the floor as fresh processes."""
    import runstore
    from runstore.runs import seal

    seal.request = lambda workspace, run_dir: None  # this once, so that the sealer's whole work can be timed
    workspace = Path(directory)
    run = runstore.start_run("seal", workspace=runstore.Workspace(workspace))
    for step, value in enumerate(clock.walk(points)):
        run.log("loss", value, step=step)
    run.complete()
    place = run.path.relative_to(workspace).as_posix()
    sealed = child.measured([sys.executable, "-m", "runstore.query.sealer", str(workspace), place])
    swept = child.measured([sys.executable, "-m", "runstore", "compact", "--grace", "0", "-w", str(workspace)])
    segments = list(run.path.glob("points-*.parquet"))
    size = sum(path.stat().st_size for path in segments)
    arrays, floor = workspace.parent / "arrays.arrow", workspace.parent / "floor.parquet"
    rows = child.run("benchmarks.seal:arrays", segments=segments, path=arrays)
    if rows != points:
        raise RuntimeError(f"{rows} points sealed of {points}")
    plain = child.measured(child.command("benchmarks.seal:parquet", arrays=arrays, path=floor))
    files = sorted(path.name.partition("-")[0] for path in run.path.iterdir() if path.suffix != ".lock")
    found = {
        "sweep_ms": swept["ms"],
        "seal_ms": sealed["ms"],
        "seal_peak_mib": sealed["peak_mib"],
        "bytes": size,
        "names": files,
    }
    floors = {"floor_ms": plain["ms"], "floor_peak_mib": plain["peak_mib"], "floor_bytes": floor.stat().st_size}
    arrays.unlink()
    floor.unlink()
    return {**found, **floors, "files": len(files)}


def arrays(segments: list[str], path: str) -> int:
    """In a child: the sealed columns as an Arrow file, which costs nothing to read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.concat_tables(pq.read_table(segment) for segment in segments)
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)
    return int(table.num_rows)


def parquet(arrays: str, path: str) -> None:
    """In a child: the floor."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pa.memory_map(arrays) as source:
        pq.write_table(pa.ipc.open_file(source).read_all(), path, compression="zstd")
    with open(path, "rb") as file:
        os.fsync(file.fileno())


if __name__ == "__main__":
    report.main("seal", SIZES, measure)
