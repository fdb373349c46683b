"""Taking times: medians of interleaved rounds, and quiet before a floor is taken."""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Mapping

Part = Callable[[], float]


def interleaved(rounds: int, **parts: Part) -> dict[str, float]:
    """The median of each part over rounds in which every part has its turn, so that all see the same machine."""
    taken: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(rounds):
        for name, part in parts.items():
            taken[name].append(part())
    return {name: statistics.median(times) for name, times in taken.items()}


def medians(times: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The median of each of several figures that were taken more than once."""
    every = list(times)
    return {name: statistics.median(one[name] for one in every) for name in every[0]}


def milliseconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start) / 1e6


def timed(call: Callable[[], object]) -> Part:
    """A part for ``interleaved``: one call."""
    return lambda: milliseconds(call)


def quiet(timeout: float = 600.0) -> None:
    """Wait until this process's sealer child has done what was asked of it, so that it doesn't slow a floor down."""
    deadline = time.monotonic() + timeout
    while any(thread.name == "runstore-sealer" for thread in threading.enumerate()):
        if time.monotonic() > deadline:
            raise TimeoutError("the sealer is still at work; look for its processes")
        time.sleep(0.01)


def walk(count: int, seed: int = 1) -> list[float]:
    """A random walk of float64: every value differs in every digit, as a loss does."""
    source, value, values = random.Random(seed), 0.0, []
    for _ in range(count):
        value += source.gauss(0.0, 1.0)
        values.append(value)
    return values
