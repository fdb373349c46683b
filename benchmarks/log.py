"""What one ``run.log()`` costs beside a bare ``list.append``: mean, tail and longest call, mapped and written.

Everything is on: flusher, checksums, fsync, rotation, sealer child. The floor is taken while the sealer rests.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter_ns, time_ns
from typing import TYPE_CHECKING, Any

from benchmarks import child, clock, report
from benchmarks.report import Claim, Report

if TYPE_CHECKING:
    from runstore import Run

SIZES = {
    "tiny": {"points": 300, "rounds": 1},
    "small": {"points": 50_000, "rounds": 3},
    "full": {"points": 500_000, "rounds": 9},
}
WIDTH = 100
FLOOR = "list.append((name, value, step, time_ns()))"
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999, "p99.99": 0.9999}


def measure(directory: Path, points: int, rounds: int) -> Report:
    modes = {"mapped": {}, "written": {"RUNSTORE_CAPABILITIES": "none"}}
    found = {
        mode: child.run(
            "benchmarks.log:speeds", variables, directory=directory / f"{mode}-{time_ns()}", points=points,
            rounds=rounds,
        )
        for mode, variables in modes.items()
    }  # fmt: skip
    claims = [claim for mode in modes for claim in _claims(mode, found[mode])]
    return Report(claims, found)


def _claims(mode: str, found: dict[str, Any]) -> list[Claim]:
    means, calls = found["mean_ns"], found["calls_ns"]
    timer, log, floor = calls["timer"]["p50"], calls["log"], calls["floor"]
    tail, floor_tail = ((taken["p99.9"] - timer) / max(1, taken["p50"] - timer) for taken in (log, floor))
    return [
        Claim(f"narrow-{mode}", means["narrow"], means["floor"], FLOOR),
        Claim(f"wide-{mode}", means["wide"], means["floor"], FLOOR),
        Claim(f"tail-{mode}", tail, floor_tail, f"the same of {FLOOR}; from both the clock's own median is taken off"),
        Claim(f"stall-{mode}", log["max"] / 1e6, floor["max"] / 1e6, f"the longest {FLOOR}"),
    ]


def speeds(directory: str, points: int, rounds: int) -> dict[str, Any]:
    """In a child: nanoseconds per point of each way to log, and what single calls take."""
    import numpy

    import runstore
    from runstore.disk.capabilities import can_map

    run = runstore.start_run("log", workspace=runstore.Workspace(directory))
    values, wide, scalars = clock.walk(points), _dicts(points), list(numpy.array(clock.walk(points // 10)))
    loops: dict[str, Callable[[], float]] = {
        "floor": lambda: _floor(values),
        "narrow": lambda: _narrow(run, values),
        "bound": lambda: _bound(run.log, values),
        "wide": lambda: _wide(run, wide) / WIDTH,
        "wide_bare_step": lambda: _wide_indexed(run, wide) / WIDTH,
        "no_step": lambda: _no_step(run, values[: points // 10]),
        "numpy_float64_no_step": lambda: _no_step(run, scalars),
    }
    means = clock.interleaved(rounds, **{name: _rested(loop) for name, loop in loops.items()})
    calls = _histograms(run, values, rounds)
    run.complete()
    clock.quiet()
    return {"is_mapped": can_map(Path(directory)), "mean_ns": means, "calls_ns": calls}


def _rested(loop: Callable[[], float]) -> Callable[[], float]:
    def part() -> float:
        clock.quiet()
        return loop()

    return part


def _dicts(points: int) -> list[dict[str, float]]:
    names = [f"metric/{number}" for number in range(WIDTH)]
    return [dict(zip(names, clock.walk(WIDTH, seed), strict=True)) for seed in range(max(2, points // WIDTH))]


# Each loop gives nanoseconds per call. They are written out: a shared one would add a call to every call.


def _floor(values: Sequence[float]) -> float:
    points: list[tuple[str, float, int, int]] = []
    append = points.append
    start = perf_counter_ns()
    for step, value in enumerate(values):
        append(("loss", value, step, time_ns()))
    return (perf_counter_ns() - start) / len(values)


def _narrow(run: Run, values: Sequence[float]) -> float:
    start = perf_counter_ns()
    for step, value in enumerate(values):
        run.log("loss", value, step=step)
    return (perf_counter_ns() - start) / len(values)


def _bound(log: Callable[..., None], values: Sequence[float]) -> float:
    start = perf_counter_ns()
    for step, value in enumerate(values):
        log("loss", value, step=step)
    return (perf_counter_ns() - start) / len(values)


def _no_step(run: Run, values: Sequence[Any]) -> float:
    start = perf_counter_ns()
    for value in values:
        run.log("plain", value)
    return (perf_counter_ns() - start) / len(values)


def _wide(run: Run, dicts: Sequence[dict[str, float]]) -> float:
    start = perf_counter_ns()
    for step, values in enumerate(dicts):
        run.log(values, step=step)
    return (perf_counter_ns() - start) / len(dicts)


def _wide_indexed(run: Run, dicts: Sequence[dict[str, float]]) -> float:
    start = perf_counter_ns()
    for values in dicts:
        run.log(values)
    return (perf_counter_ns() - start) / len(dicts)


def _histograms(run: Run, values: Sequence[float], rounds: int) -> dict[str, Any]:
    """Quantiles of single calls over all rounds; the clock's own cost is in them, and stated beside them."""
    timer, floor, log = array("q"), array("q"), array("q")
    for _ in range(rounds):
        clock.quiet()
        timer.extend(_timer_calls(len(values)))
        floor.extend(_floor_calls(values))
        log.extend(_log_calls(run, values))
    return {"timer": _quantiles(timer), "floor": _quantiles(floor), "log": _quantiles(log)}


def _quantiles(calls: array[int]) -> dict[str, float]:
    ordered = sorted(calls)
    shown: dict[str, float] = {
        name: ordered[min(len(ordered) - 1, int(q * len(ordered)))] for name, q in QUANTILES.items()
    }
    return {**shown, "max": ordered[-1], "mean": sum(ordered) / len(ordered), "calls": len(ordered)}


def _timer_calls(count: int) -> array[int]:
    taken = array("q", bytes(8 * count))
    for place in range(count):
        start = perf_counter_ns()
        taken[place] = perf_counter_ns() - start
    return taken


def _floor_calls(values: Sequence[float]) -> array[int]:
    taken = array("q", bytes(8 * len(values)))
    points: list[tuple[str, float, int, int]] = []
    append = points.append
    for step, value in enumerate(values):
        start = perf_counter_ns()
        append(("loss", value, step, time_ns()))
        taken[step] = perf_counter_ns() - start
    return taken


def _log_calls(run: Run, values: Sequence[float]) -> array[int]:
    taken = array("q", bytes(8 * len(values)))
    for step, value in enumerate(values):
        start = perf_counter_ns()
        run.log("loss", value, step=step)
        taken[step] = perf_counter_ns() - start
    return taken


if __name__ == "__main__":
    report.main("log", SIZES, measure)
