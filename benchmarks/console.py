"""What printing costs inside a run, beside the same prints to a file: each line comes with its share of work."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from time import perf_counter_ns
from typing import Any

from benchmarks import child, report
from benchmarks.report import Claim, Report

SIZES = {
    "tiny": {"lines": 300, "rounds": 1},
    "small": {"lines": 100_000, "rounds": 3},
    "full": {"lines": 500_000, "rounds": 7},
}
SHARE = 10_000  # nanoseconds for a line and its work: 100,000 lines a second
FLOOR = "the same script, its prints into a file"
APPEND = "list.append((name, value, step, time_ns()))"
WAYS = ("plain", "kept", "apart")  # apart: kept, while stdout and stderr lead to different files


def measure(directory: Path, lines: int, rounds: int) -> Report:
    work = calibrated()
    taken: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for number in range(rounds):
        for way in WAYS:
            taken[way].append(_run(directory / f"{way}-{number}-{time.time_ns()}", way, lines, work))
    shown = {
        way: {name: statistics.median(one[name] for one in found) for name in found[0]} for way, found in taken.items()
    }
    printing = Claim("printing", shown["kept"]["line_ns"], shown["plain"]["line_ns"], FLOOR)
    logging = Claim("log-all", shown["kept"]["log_ns"], shown["kept"]["append_ns"], APPEND)
    return Report([printing, logging], {**shown, "work": work})


def calibrated() -> int:
    """How much work leaves a line its share of time."""
    count = 100
    while count < 1 << 20:
        start = time.thread_time_ns()  # not the clock's: others may be at work
        for _ in range(100):
            _work(count)
        each = (time.thread_time_ns() - start) / 100
        if each > SHARE / 2:
            return int(count * (SHARE - 700) / each)  # a print into a buffer takes about 700
        count *= 2
    return count


def _work(count: int) -> int:
    return sum(range(count))


def _run(directory: Path, way: str, lines: int, work: int) -> dict[str, float]:
    """A script in a fresh process whose output goes to files; nanoseconds for a line, with and without work."""
    directory.mkdir()
    argv = child.command("benchmarks.console:script", directory=directory, way=way, lines=lines, work=work)
    variables = child.environment(PYTHONUNBUFFERED="")
    with open(directory / "out", "wb") as out, open(directory / "err", "wb") as err:
        subprocess.run(argv, env=variables, stdout=out, stderr=err if way == "apart" else out, check=True)
    found: dict[str, float] = json.loads((directory / "taken").read_text(encoding="utf-8"))
    return found


def script(directory: str, way: str, lines: int, work: int) -> None:
    """In a child: print."""
    if way == "plain":
        found = _printed(lines, work)
    else:
        import runstore

        experiment = runstore.Workspace(Path(directory) / "ws").experiment("console")
        watched = {name: Path(directory) / name for name in ("outputs", "logs")}
        with experiment.start_logging(**watched) as run:
            found = {**_printed(lines, work), "log_ns": _logged(run, lines), "append_ns": _appended(lines)}
    (Path(directory) / "taken").write_text(json.dumps(found), encoding="utf-8")


def _printed(lines: int, work: int) -> dict[str, float]:
    start, own = perf_counter_ns(), time.thread_time_ns()
    for number in range(lines):
        _work(work)
        print("epoch", number, "loss 0.123456789")
    worked, own = perf_counter_ns(), time.thread_time_ns() - own
    for number in range(lines):
        print("epoch", number, "loss 0.123456789")
    sys.stdout.flush()
    alone = perf_counter_ns() - worked
    return {"line_ns": (worked - start) / lines, "thread_ns": own / lines, "print_ns": alone / lines}


def _logged(run: Any, lines: int) -> float:
    """Nanoseconds of a log() while prints are kept, directories watched and the machine's figures taken."""
    log = run.log
    start = perf_counter_ns()
    for number in range(lines):
        log("loss", 0.123456789, step=number)
    return (perf_counter_ns() - start) / lines


def _appended(lines: int) -> float:
    """Nanoseconds of the floor, in the same process."""
    kept: list[Any] = []
    append = kept.append
    start = perf_counter_ns()
    for number in range(lines):
        append(("loss", 0.123456789, number, time.time_ns()))
    return (perf_counter_ns() - start) / lines


if __name__ == "__main__":
    report.main("console", SIZES, measure)
