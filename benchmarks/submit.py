"""What submitting a script costs: until it starts, while it prints, altogether, and in what is left behind."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import child, console, report, wheels
from benchmarks.report import Claim, Report

SIZES = {
    "tiny": {"submits": 2, "lines": 300, "rounds": 1},
    "small": {"submits": 20, "lines": 100_000, "rounds": 3},
    "full": {"submits": 100, "lines": 500_000, "rounds": 5},
}
BARE = "the same script, started by subprocess.run with its output in a file"
LEFT = "nothing"
PATIENCE = 20.0  # seconds in which what a run has started may end after it
TRIVIAL = "import os, time\nopen(os.environ['BEGUN'], 'w').write(str(time.time_ns()))\nprint('done')\n"
PRINTING = """\
import json, os, sys, time
lines, work = int(sys.argv[1]), int(sys.argv[2])
start = time.perf_counter_ns()
for number in range(lines):
    sum(range(work))
    print("epoch", number, "loss 0.123456789")
sys.stdout.flush()
open(os.environ['TAKEN'], 'w').write(str((time.perf_counter_ns() - start) / lines))
"""


def measure(directory: Path, submits: int, lines: int, rounds: int) -> Report:
    work = console.calibrated()
    found = child.run(
        "benchmarks.submit:submitted", _variables(directory), directory=directory, submits=submits, lines=lines,
        rounds=rounds, work=work,
    )  # fmt: skip
    started, bare, printed = found["started"], found["bare"], found["printed"]
    above = {way: times["begun_ms"] - bare["begun_ms"] for way, times in started.items()}
    claims = [
        Claim("submit-start", above["plain"], bare["begun_ms"], f"{BARE}: until its first statement"),
        Claim("submit-cached", above["cached"], bare["begun_ms"], f"{BARE}: until its first statement"),
        Claim("submit-printing", printed["submitted"], printed["bare"], BARE),
        Claim("submit-each", started["plain"]["whole_ms"], bare["whole_ms"], f"{BARE}: start to end"),
        *(
            Claim(f"submit-{what}", found["left"][what], 0, LEFT)
            for what in ("processes", "descriptors", "directories")
        ),
    ]
    return Report(claims, {**found, "above_ms": above, "work": work})


def _variables(directory: Path) -> dict[str, str]:
    """Everything a run may leave behind lies in this directory, and so is found; no network is asked for packages."""
    (directory / "tmp").mkdir(exist_ok=True)
    own = {"TMPDIR": str(directory / "tmp"), "RUNSTORE_CACHE": str(directory / f"cache-{time.time_ns()}")}
    return {**own, **wheels.make(directory / "wheels")}


def submitted(directory: str, submits: int, lines: int, rounds: int, work: int) -> dict[str, Any]:
    """In a child: submit."""
    place = Path(directory) / str(time.time_ns())
    (place / "source").mkdir(parents=True)
    (place / "source" / "trivial.py").write_text(TRIVIAL, encoding="utf-8")
    (place / "source" / "printing.py").write_text(PRINTING, encoding="utf-8")
    scripts = _Scripts(place)
    scripts.submit("trivial.py")  # loads what is loaded once
    before = _left()
    plain = [scripts.submit("trivial.py") for _ in range(submits)]
    left, there = _left_after(before), _open()
    built = scripts.submit("trivial.py", built=True)
    cached = [scripts.submit("trivial.py", built=True) for _ in range(rounds)]
    bare = [scripts.bare("trivial.py") for _ in range(max(submits, rounds))]
    ways: dict[str, list[float]] = {"submitted": [], "bare": []}
    for _ in range(rounds):
        scripts.bare("printing.py", lines, work)
        ways["bare"].append(scripts.taken())
        scripts.submit("printing.py", lines, work)
        ways["submitted"].append(scripts.taken())
    return {
        "started": {"plain": _median(plain), "first build": built, "cached": _median(cached)},
        "bare": _median(bare),
        "printed": {way: statistics.median(times) for way, times in ways.items()},
        "left": left,
        "open": there if left["descriptors"] else [],
    }


class _Scripts:
    """Two scripts, submitted and bare."""

    def __init__(self, place: Path) -> None:
        import runstore

        self._place = place
        self._experiment = runstore.Workspace(place / "ws").experiment("submit")
        self._variables = {"BEGUN": str(place / "begun"), "TAKEN": str(place / "taken")}

    def submit(self, script: str, *arguments: object, built: bool = False) -> dict[str, float]:
        """Submit one; milliseconds until its first statement, until that returned, and until it was seen completed."""
        from runstore.launch.config import Environment, ScriptRunConfig

        environment = Environment("benchmark", packages=[]) if built else None
        config = ScriptRunConfig(
            str(self._place / "source"), script, list(arguments), environment=environment, variables=self._variables
        )
        return self._timed(lambda: self._experiment.submit(config).wait_for_completion)

    def bare(self, script: str, *arguments: object) -> dict[str, float]:
        """The same without runstore."""
        argv = [sys.executable, str(self._place / "source" / script), *map(str, arguments)]
        variables = {**child.environment(), **self._variables}

        def start() -> Callable[[], object]:
            with open(self._place / "out", "wb") as out:
                return subprocess.Popen(argv, env=variables, stdout=out).wait

        return self._timed(start)

    def _timed(self, start: Callable[[], Callable[[], object]]) -> dict[str, float]:
        begun = Path(self._variables["BEGUN"])
        begun.unlink(missing_ok=True)
        at = time.time_ns()
        wait = start()
        returned = time.time_ns()
        wait()
        whole = time.time_ns()
        first = int(begun.read_text()) if begun.exists() else at
        return {"begun_ms": (first - at) / 1e6, "returned_ms": (returned - at) / 1e6, "whole_ms": (whole - at) / 1e6}

    def taken(self) -> float:
        """Nanoseconds of a line, as the printing script has told."""
        return float(Path(self._variables["TAKEN"]).read_text(encoding="utf-8"))


def _median(times: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(one[name] for one in times) for name in times[0]}


# ---- what is left behind


def _left() -> dict[str, int]:
    """Processes that have this one's temporary directory, its own descriptors, and directories that lie there."""
    import psutil

    own = psutil.Process()
    temporary = tempfile.gettempdir()
    directories = sum(len(names) for _, names, _ in os.walk(temporary))
    return {"processes": _processes(temporary), "descriptors": own.num_fds(), "directories": directories}


def _open() -> list[str]:
    """What the descriptors of this process lead to, where the system tells."""
    try:
        numbers = os.listdir("/proc/self/fd")
    except OSError:
        return []
    return [os.readlink(f"/proc/self/fd/{number}") for number in numbers if os.path.exists(f"/proc/self/fd/{number}")]


def _processes(temporary: str) -> int:
    import psutil

    count = 0
    for process in psutil.process_iter():
        try:
            count += process.pid != os.getpid() and process.environ().get("TMPDIR") == temporary
        except psutil.Error:
            continue  # somebody else's, or gone
    return count


def _left_after(before: dict[str, int]) -> dict[str, int]:
    """How much more there is than before, when what still ends has ended."""
    last = time.monotonic() + PATIENCE
    while True:
        now = _left()
        more = {what: max(now[what] - before[what], 0) for what in now}
        if not any(more.values()) or time.monotonic() > last:
            return more
        time.sleep(0.1)


if __name__ == "__main__":
    report.main("submit", SIZES, measure)
