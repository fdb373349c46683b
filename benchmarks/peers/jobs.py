"""The parts of the work, each in a fresh process of the tracker's own environment: ``python -m benchmarks.peers.jobs``.

Only Python's own library is imported here. A job's result is the last line that it prints.
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import mmap
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers import trackers
from benchmarks.peers.trackers import Tracker

MARK = "@result "  # libraries print too
WIDTH = 100
PARAMS, METRICS, STEPS = 10, ("loss", "acc", "f1", "lr", "norm"), 10
COUNTER = 8  # bytes


def value(step: int) -> float:
    """What is logged: float64 that differ in every digit, the same for all."""
    return math.sin(step * 0.7) + step * 1e-6


def params(run: int) -> dict[str, float]:
    """Of one of many runs."""
    return {f"p{number}": (run * 31 + number) % 97 * 0.25 for number in range(PARAMS)}


def final(run: int) -> float:
    """The last loss of one of many runs: no two are the same."""
    return run * 7919 % 10_007 / 8.0


def rows(run: int) -> list[dict[str, float]]:
    """What one of many runs logs."""
    losses = [final(run) + STEPS - 1 - step for step in range(STEPS)]
    return [{name: loss if name == "loss" else value(step) for name in METRICS} for step, loss in enumerate(losses)]


def versions(tracker: Tracker) -> dict[str, str]:
    """Of the packages whose figures these are."""
    return {name: importlib.metadata.version(name) for name in tracker.packages}


def prepare(tracker: Tracker) -> None:
    """Make an empty store."""
    tracker.prepare()


def scalars(tracker: Tracker, points: int) -> dict[str, float]:
    """Nanoseconds per point: of the calls alone, and until the run is finished."""
    values = [value(step) for step in range(points)]
    tracker.start("one", {"a": 1})
    start = time.perf_counter_ns()
    tracker.scalars(values)
    returned = time.perf_counter_ns()
    tracker.finish()
    return {"calls": (returned - start) / points, "finished": (time.perf_counter_ns() - start) / points}


def wide(tracker: Tracker, steps: int) -> dict[str, float]:
    """The same of rows of 100 metrics."""
    names = ["loss", *(f"layer/{number}" for number in range(1, WIDTH))]
    several = [{name: value(step * WIDTH + at) for at, name in enumerate(names)} for step in range(steps)]
    tracker.start("one", {"a": 1})
    start = time.perf_counter_ns()
    tracker.rows(several)
    returned = time.perf_counter_ns()
    tracker.finish()
    points = steps * WIDTH
    return {"calls": (returned - start) / points, "finished": (time.perf_counter_ns() - start) / points}


def many(tracker: Tracker, runs: int) -> dict[str, float]:
    """Seconds for many small runs, and what their settling took after that."""
    start = time.perf_counter()
    for run in range(runs):
        tracker.start(f"run-{run}", params(run))
        tracker.rows(rows(run))
        tracker.finish()
    done = time.perf_counter()
    tracker.settle()
    return {"seconds": done - start, "settling": time.perf_counter() - done}


def board(tracker: Tracker, runs: int) -> None:
    """The leaderboard, and whether it is right: float32 is right enough."""
    found = tracker.leaderboard(list(params(0)))
    expected = sorted((final(run), *params(run).values()) for run in range(runs))
    if len(found) != runs or not all(_near(one, other) for one, other in zip(found, expected, strict=True)):
        raise ValueError(f"the leaderboard is not right; it begins with {found[:2]}, and has {len(found)} rows")


def fill(tracker: Tracker, points: int) -> None:
    """One long curve, finished and settled."""
    tracker.start("one", {"a": 1})
    tracker.fill(value(step) for step in range(points))
    tracker.finish()
    tracker.settle()


def curve(tracker: Tracker, points: int, rounds: int) -> list[float]:
    """Milliseconds for reading it whole in a process that has read it once, again and again; is it right?"""
    steps, values = tracker.curve()
    chosen = [*range(0, points, max(1, points // 10)), points - 1]
    got = [(float(_plain(steps[at])), float(_plain(values[at]))) for at in chosen]
    if len(steps) != points or not all(_near(one, (at, value(at))) for one, at in zip(got, chosen, strict=True)):
        raise ValueError(f"the curve is not right; it has {len(steps)} points, among them {got[:3]}")
    taken = []
    for _ in range(rounds):
        start = time.perf_counter_ns()
        tracker.curve()
        taken.append((time.perf_counter_ns() - start) / 1e6)
    return taken


def endless(tracker: Tracker, shared: str, pause: float) -> None:
    """Log until killed. How many calls have returned is counted in shared memory: exact at any instant."""
    with open(shared, "r+b") as file:
        counter = mmap.mmap(file.fileno(), COUNTER)

    def counted() -> Iterator[float]:
        for step in range(1 << 40):  # asked for the next value: the call with the one before has returned
            counter[:] = step.to_bytes(COUNTER, "little")
            if pause:
                time.sleep(pause)
            yield value(step)

    tracker.start("one", {"a": 1})
    tracker.scalars(counted())


def count(tracker: Tracker, returned: int) -> int:
    """How many of the points whose call had returned are there, after whatever the tracker needs to read a dead run."""
    tracker.admit()
    there = {int(_plain(step)) for step in tracker.curve()[0]}
    return sum(step < returned for step in there)


def _near(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-6) for a, b in zip(one, other, strict=True))


def _plain(number: Any) -> Any:
    return number.as_py() if hasattr(number, "as_py") else number


JOBS = {job.__name__: job for job in (versions, prepare, scalars, wide, many, board, fill, curve, endless, count)}


def main(argv: Sequence[str]) -> None:
    name, job, place, arguments = argv
    tracker, given = trackers.find(name)(Path(place)), dict[str, Any](json.loads(arguments))
    result = JOBS[job](tracker, **given)
    print(f"\n{MARK}{json.dumps(result)}", flush=True)


def result(printed: str) -> Any:
    """What a job gave, from all that its process printed.

    Raises:
        ValueError: no result is there.
    """
    found = [line.removeprefix(MARK) for line in printed.splitlines() if line.startswith(MARK)]
    if not found:
        raise ValueError("the job printed no result")
    return json.loads(found[-1])


def command(python: str, name: str, job: str, place: Path, arguments: Mapping[str, Any]) -> list[str]:
    """The command that does one job with this interpreter."""
    return [python, "-m", __name__, name, job, str(place), json.dumps(arguments)]


if __name__ == "__main__":
    main(sys.argv[1:])
