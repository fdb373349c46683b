"""Points sent to an MLflow tracking server on SQLite, beside MLflow's own client, which has them in memory already.

Both send to the same server, in turns. All of ours is timed: reading the workspace, making runs, keeping cursors.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import child, report
from benchmarks.report import Claim, Report

SIZES = {
    "tiny": {"runs": 2, "points": 1_000, "rounds": 0, "workers": 1},
    "small": {"runs": 4, "points": 10_000, "rounds": 3, "workers": 4},
    "full": {"runs": 8, "points": 50_000, "rounds": 3, "workers": 4},
}
METRICS = 5
BATCH = 1000  # as many as MLflow takes
ID = "00000000-0000-4000-8000-000000000000"
CLIENT = f"MlflowClient.log_batch of {BATCH:,} metrics that are in memory, one after another"
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "PYTHONWARNINGS": "ignore"}


def measure(directory: Path, runs: int, points: int, rounds: int, workers: int) -> Report:
    with served(directory / "server", workers) as address:
        found = child.run(
            "benchmarks.sync_mlflow:speeds", {**QUIET, "RUNSTORE_PROVENANCE": "0", "RUNSTORE_SYSTEM": "0"},
            address=address, directory=directory, runs=runs, points=points, rounds=rounds,
        )  # fmt: skip
    return Report([Claim("sync-mlflow", found["push_us"], found["client_us"], CLIENT)], found)


@contextmanager
def served(directory: Path, workers: int) -> Iterator[str]:
    """A server; four workers are as many as it has by itself."""
    from tests.sync.servers import tracking
    from tests.sync.servers.process import running

    python = tracking.python()
    if python is None:
        raise SystemExit(f"no MLflow server: {tracking.INSTALL}")
    directory.mkdir(parents=True)

    def command(ports: list[int]) -> list[str]:
        return [
            python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(ports[0]), "--workers", str(workers),
            "--backend-store-uri", f"sqlite:///{directory / 'mlflow.db'}",
            "--artifacts-destination", str(directory / "files"),
        ]  # fmt: skip

    with running(command, tracking.healthy, directory, QUIET) as port:
        yield f"http://127.0.0.1:{port}"


def speeds(address: str, directory: str, runs: int, points: int, rounds: int) -> dict[str, Any]:
    """In a child: microseconds for a point, of all runs at once and of one alone, and of the client."""
    many, single = Path(directory, "many"), Path(directory, "single")
    _build(many, runs, points)
    _build(single, 1, points)
    taken: dict[str, list[float]] = {"push_us": [], "single_us": [], "client_us": []}
    for number in range(rounds + 1):
        found = {
            "client_us": _client(address, number, runs, points) / (runs * points),
            "push_us": _push(many, address, number) / (runs * points),
            "single_us": _push(single, address, number) / points,
        }
        if number or not rounds:  # the first time loads what it needs
            for name, each in found.items():
                taken[name].append(each)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    return {**medians, "push_points_s": 1e6 / medians["push_us"], "client_points_s": 1e6 / medians["client_us"]}


def _build(place: Path, runs: int, points: int) -> None:
    import runstore
    from benchmarks import clock

    ws = runstore.Workspace(place)
    for number in range(runs):
        with runstore.start_run("sync", workspace=ws, params={"seed": number}) as run:
            for metric in range(METRICS):
                run.log_batch(f"metric-{metric}", clock.walk(points // METRICS, number), [*range(points // METRICS)])
    clock.quiet()


def _push(place: Path, address: str, number: int) -> float:
    """Microseconds for all that a workspace has, where nothing is known to be there."""
    from runstore.sync import mlflow

    shutil.rmtree(place / "remotes", ignore_errors=True)
    os.environ["RUNSTORE_MLFLOW_PREFIX"] = f"{place.name} {number} "
    start = time.perf_counter_ns()
    done = mlflow.push(place, f"mlflow+{address}", ID)
    taken = (time.perf_counter_ns() - start) / 1e3
    if done.failed or done.partial:
        raise SystemExit(f"not everything was sent: {done}")
    return taken


def _client(address: str, number: int, runs: int, points: int) -> float:
    """Microseconds for as many points by MLflow's own client."""
    from mlflow.entities import Metric
    from mlflow.tracking import MlflowClient

    from benchmarks import clock

    client, now = MlflowClient(address), time.time_ns() // 10**6
    experiment, spent = client.create_experiment(f"client {number}"), 0
    for one in range(runs):
        values = clock.walk(points // METRICS, one)
        metrics = [Metric(f"metric-{m}", value, now, step) for m in range(METRICS) for step, value in enumerate(values)]
        run = client.create_run(experiment).info.run_id
        start = time.perf_counter_ns()
        for first in range(0, len(metrics), BATCH):
            client.log_batch(run, metrics=metrics[first : first + BATCH])
        spent += time.perf_counter_ns() - start
    return spent / 1e3


if __name__ == "__main__":
    sys.path.insert(0, str(child.ROOT))  # the servers of the tests are started
    report.main("sync_mlflow", SIZES, measure)
