"""The pages of TensorBoard and MLflow beside ours: the same runs logged through each, until the first chart is drawn.

Their data is written once, by `python -m benchmarks.page_peers NAME DIR` in an environment that has the tracker.
TensorBoard's is made by pip as for `benchmarks.peers`, in the directory that BENCHMARK_PEERS names; MLflow's is that of
the tests (``tests/sync/servers``).
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import child, clock, page_browser
from benchmarks.page_browser import Server, opened, visit

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

RUNS, METRICS, STEPS = 20, 10, 1_000
VARIABLE = "BENCHMARK_PEERS"
PATIENCE = 180  # seconds for a server to answer
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "PYTHONWARNINGS": "ignore"}


@dataclass(frozen=True, slots=True)
class Peer:
    """A tracker's page. ``lines``: the selector of the lines in its charts, which both draw as SVG."""

    python: str
    serve: tuple[str, ...]
    view: str
    lines: str


def beside(playwright: Playwright, directory: Path, rounds: int) -> dict[str, Any]:
    """Milliseconds until each page's first chart is drawn, in turns; of a tracker that is not there why."""
    places, found = directory / "page-peers", dict[str, Any]()
    peers = {name: _peer(name, places / name) for name in ("tensorboard", "mlflow")}
    taken: dict[str, list[dict[str, float]]] = {"runstore": []}
    for name, peer in {"runstore": None, **peers}.items():
        if isinstance(peer, str):
            found[name] = peer
            continue
        _filled(name, places / name, peer.python if peer else sys.executable)
        taken[name] = []
    for _ in range(rounds):
        for name, times in taken.items():
            peer = peers.get(name)
            times.append(_opening(playwright, places / name, peer if isinstance(peer, Peer) else None))
    found |= {name: clock.medians(times) for name, times in taken.items()}
    return {"runs": RUNS, "metrics": METRICS, "steps": STEPS, **found}


def _peer(name: str, place: Path) -> Peer | str:
    from benchmarks.peers import environments, trackers

    if name == "tensorboard":
        kept = Path(os.environ.get(VARIABLE) or Path(tempfile.gettempdir()) / "runstore-peers")
        try:
            python = environments.make(kept, name, trackers.find(name).packages)
        except environments.Unavailable as error:
            return str(error)
        words = ("tensorboard.main", "--logdir", str(place / "logs"), "--host", "127.0.0.1")
        return Peer(python, words, "#timeseries", "line-chart path")
    sys.path.insert(0, str(child.ROOT))  # the tests know where the server is
    from tests.sync.servers import tracking

    known = tracking.python()
    if known is None:
        return tracking.INSTALL
    words = (
        "mlflow", "server", "--host", "127.0.0.1", "--workers", "1", "--backend-store-uri",
        f"sqlite:///{place / 'mlflow.db'}", "--artifacts-destination", str(place / "files"),
    )  # fmt: skip
    return Peer(known, words, "#/experiments/1/runs?compareRunsMode=CHART", "path.js-line")


def _filled(name: str, place: Path, python: str) -> None:
    if (place / "made").exists():
        return
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    variables = {**os.environ, **QUIET, "PYTHONPATH": str(child.ROOT)}
    own = child.environment() if name == "runstore" else variables
    subprocess.run([python, "-m", "benchmarks.page_peers", name, str(place)], env=own, stdout=sys.stderr, check=True)
    (place / "made").touch()


def _opening(playwright: Playwright, place: Path, peer: Peer | None) -> dict[str, float]:
    """As ``page.opening``, of any page."""
    view, lines = (peer.view, peer.lines) if peer else ("#/runs", None)
    served = _served(peer) if peer else page_browser.serving(page_browser.ours(place / "ws"))
    with opened(playwright) as first, served as server:
        cold = visit(first, server.url + view, lines)
        page_browser.rest(first)
        with opened(playwright) as second:
            warm = visit(second, server.url + view, lines)
        return {"cold_ms": cold.at - server.started, "warm_ms": warm.at - warm.begun}


@contextmanager
def _served(peer: Peer) -> Iterator[Server]:
    """A server in a fresh process, from when it answers on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url, started = f"http://127.0.0.1:{port}/", time.time() * 1e3
    argv = [peer.python, "-m", *peer.serve, "--port", str(port)]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(argv, env={**os.environ, **QUIET, "PYTHONPATH": ""}, **silent)
    try:
        _until_it_answers(url)
        yield Server(url, started)
    finally:
        process.terminate()
        process.wait()


def _until_it_answers(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


# ---- in an environment of the tracker


def rows(run: int) -> Iterator[dict[str, float]]:
    """What a run logs: random walks, the same for all."""
    source, values = random.Random(run), [0.0] * METRICS
    for _ in range(STEPS):
        values = [value + source.gauss(0.0, 1.0) for value in values]
        yield {f"m{place}" if place else "loss": value for place, value in enumerate(values)}


def fill(name: str, place: Path) -> None:
    """Log the runs, in an environment that has the tracker."""
    from benchmarks.peers import trackers

    tracker = trackers.find(name)(place)
    tracker.prepare()
    for run in range(RUNS):
        tracker.start(f"run-{run}", {})
        _many(rows(run)) if name == "mlflow" else tracker.rows(rows(run))
        tracker.finish()
    tracker.settle()


def _many(logged: Iterator[Mapping[str, float]]) -> None:
    """Through MLflow's quickest call: its usual one takes many minutes for as many."""
    import mlflow
    from mlflow.entities import Metric

    now, client, active = int(time.time() * 1000), mlflow.MlflowClient(), mlflow.active_run()
    assert active is not None
    points = [Metric(name, value, now, step) for step, row in enumerate(logged) for name, value in row.items()]
    for first in range(0, len(points), 1_000):
        client.log_batch(active.info.run_id, metrics=points[first : first + 1_000])


if __name__ == "__main__":
    fill(sys.argv[1], Path(sys.argv[2]))
