"""What sending costs beside a plain copy of the same files, how much is sent of what is new, and what nothing costs."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks import child, report
from benchmarks.report import Claim, Report

SIZES = {
    "tiny": {"runs": 3, "points": 200, "large": 2_000, "commands": 1, "rounds": 1},
    "small": {"runs": 100, "points": 20_000, "large": 200_000, "commands": 5, "rounds": 3},
    "full": {"runs": 1_000, "points": 20_000, "large": 4_000_000, "commands": 9, "rounds": 3},
}
JOBS, LARGE = 4, 10  # at once; runs of many points
METRICS = 10
SEALED = "their segments alone, sealed: the bytes that such points have at rest"
NOTHING = "a fresh python that imports nothing, start to end"
COPY = f"every file of the workspace put there as it is by obstore, {JOBS} at once; nothing tells what they are"


def measure(directory: Path, runs: int, points: int, large: int, commands: int, rounds: int) -> Report:
    place, wide = directory / "ws", directory / "large"
    quiet = {"RUNSTORE_PROVENANCE": "0", "RUNSTORE_SYSTEM": "0"}
    child.run("benchmarks.sync:built", quiet, place=place, runs=runs, points=points)
    child.run("benchmarks.sync:built", quiet, place=wide, runs=LARGE, points=large)
    of_large = child.run("benchmarks.sync:sent", place=wide, to=directory / "large-lake", rounds=rounds)
    store = _to_s3(place, directory / "s3", rounds)
    rate = child.run("benchmarks.sync:sent", place=place, to=directory / "lake", rounds=rounds)
    grown = child.run("benchmarks.sync:grown", quiet, directory=directory, points=points, rounds=rounds)
    again = _again(place, directory / "lake", commands)
    claims = [
        Claim("sync-bytes", grown["sent"], grown["sealed"], SEALED),
        Claim("sync-again", again["ms"], again["floor_ms"], NOTHING),
        Claim("sync-large", of_large["sync_s"], of_large["copy_s"], COPY),
        Claim("sync-s3", store["sync_s"], store["copy_s"], COPY),
        Claim("sync-time", rate["sync_s"], rate["copy_s"], COPY),
    ]
    return Report(
        claims,
        {
            "sent": rate,
            "large": of_large,
            "s3": store,
            "grown": grown,
            "again": again,
            "runs": runs,
            "points": runs * points,
        },
    )


def built(place: str, runs: int, points: int) -> dict[str, Any]:
    """Runs of so many points each in ten metrics, sealed."""
    import numpy as np

    import runstore
    from runstore.query import compaction
    from runstore.runs import seal

    seal.request = lambda workspace, run_dir: None  # all at once below, which is quicker
    ws = runstore.Workspace(place)
    random = np.random.default_rng(0)
    for number in range(runs):
        with runstore.start_run("sync", workspace=ws, params={"lr": number / runs, "seed": number}) as run:
            for metric in range(METRICS):
                run.log_batch(f"metric-{metric}", random.normal(size=points // METRICS).cumsum())
    compaction.compact(ws.path, enough=runs + 1)
    return {"files": len(_files(ws.path))}


def _to_s3(place: Path, directory: Path, rounds: int) -> dict[str, Any]:
    """The same to SeaweedFS, on this machine."""
    from tests.sync.servers import s3

    with s3.seaweed(directory) as address, s3.bucket(address) as there:
        found: dict[str, Any] = child.run(
            "benchmarks.sync:sent", dict(there.environment), place=place, to=f"{there.url}/lake", rounds=rounds
        )
    return found


def sent(place: str, to: str, rounds: int) -> dict[str, Any]:
    """The whole workspace to an empty lake, and its files copied to another place of the kind, in turns."""
    from runstore.sync.lake import lake
    from runstore.sync.push import push

    workspace, times = Path(place), {"sync_s": [0.0][:0], "copy_s": [0.0][:0]}
    files, size = _files(workspace), sum(path.stat().st_size for path in _files(workspace))
    for number in range(rounds):
        shutil.rmtree(workspace / "remotes", ignore_errors=True)
        start = time.perf_counter()
        remote = lake.opened(to if number == rounds - 1 else f"{to}-{number}", create=True)
        done = push(workspace, remote, jobs=JOBS)
        times["sync_s"].append(time.perf_counter() - start)
        if done.failed or done.partial:
            raise SystemExit(f"not everything was sent: {done}")
        start = time.perf_counter()
        _copied(files, workspace, f"{to}-copy-{number}")
        times["copy_s"].append(time.perf_counter() - start)
    found = {name: statistics.median(taken) for name, taken in times.items()}
    return {
        **found, "bytes": size, "sent_bytes": done.sent_bytes, "files": len(files),
        "sync_mb_s": size / 1e6 / found["sync_s"], "copy_mb_s": size / 1e6 / found["copy_s"],
    }  # fmt: skip


def _files(workspace: Path) -> list[Path]:
    there = (path for folder in ("runs", "experiments", "blobs") for path in (workspace / folder).rglob("*"))
    return [path for path in there if path.is_file() and not path.name.endswith(".lock")]


def _copied(files: list[Path], workspace: Path, to: str) -> None:
    """The floor of sending."""
    from obstore.store import LocalStore, from_url

    store = from_url(to, client_options={"allow_http": True}) if "://" in to else LocalStore(to, mkdir=True)
    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(lambda path: store.put(path.relative_to(workspace).as_posix(), path), files))


def grown(directory: str, points: int, rounds: int) -> dict[str, Any]:
    """One run that goes on: of what is sent each time, beside what its new points have at rest."""
    import numpy as np

    import runstore
    from runstore.sync.lake import lake
    from runstore.sync.push import push

    ws = runstore.Workspace(Path(directory, "growing"))
    remote, random = lake.opened(str(Path(directory, "growing-lake")), create=True), np.random.default_rng(1)
    sizes: list[tuple[int, int]] = []
    with runstore.start_run("sync", workspace=ws, params={"lr": 0.1}) as run:
        push(ws.path, remote)
        for _ in range(rounds):
            before = _segments(run.path)
            for metric in range(METRICS):
                run.log_batch(f"metric-{metric}", random.normal(size=points // METRICS).cumsum())
            done = push(ws.path, remote)
            sizes.append((done.sent_bytes, _segments(run.path) - before))
    return {
        "sent": statistics.median(one for one, _ in sizes), "sealed": statistics.median(one for _, one in sizes),
        "each": sizes,
    }  # fmt: skip


def _segments(run_path: Path) -> int:
    return sum(path.stat().st_size for path in run_path.glob("*.parquet"))


def _again(place: Path, lake: Path, commands: int) -> dict[str, float]:
    """The command where there is nothing to send."""
    runstore = [sys.executable, "-m", "runstore"]
    if not (place / "remotes" / "lake.json").exists():
        child.output([*runstore, "remote", "add", "lake", str(lake), "-w", str(place)])
    child.output([*runstore, "sync", "-w", str(place)])
    if json.loads(child.output([*runstore, "sync", "--json", "-w", str(place)]))["sent_bytes"]:
        raise SystemExit("there was something left to send")
    taken, floor = [], []
    for _ in range(commands):
        taken.append(child.wall([*runstore, "sync", "-w", str(place)]))
        floor.append(child.wall([sys.executable, "-c", "pass"]))
    return {"ms": statistics.median(taken), "floor_ms": statistics.median(floor), "cpus": os.cpu_count() or 1}


if __name__ == "__main__":
    report.main("sync", SIZES, measure)
