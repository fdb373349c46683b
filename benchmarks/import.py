"""What a training script pays before its first step: importing runstore, starting a run, logging once."""  # noqa: N999  called by name, never imported

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import child, clock, report
from benchmarks.report import Claim, Report

SIZES = {"tiny": {"rounds": 1}, "small": {"rounds": 5}, "full": {"rounds": 31}}
NO_SITE = ("-S",)  # what an environment's .pth files load already would not be counted as ours
BARE = child.python("pass", options=NO_SITE)
ALONE = child.python("import runstore", options=NO_SITE)
NAMES = child.python("from runstore import Experiment, Run, Workspace, start_run", options=NO_SITE)
PYTHON = "bare `python -S`, start to end"
SYNC = "two small files written and fsynced, and their directory"


def measure(directory: Path, rounds: int) -> Report:
    programs = {"bare": BARE, "import": ALONE, "names": NAMES}
    walls = clock.interleaved(rounds, **{name: _wall(program) for name, program in programs.items()})
    seen = [_script(directory / f"ws-{time.time_ns()}") for _ in range(rounds)]
    inside = {name: statistics.median(times[name] for times in seen) for name in seen[0]}
    return Report(
        [
            Claim("import", walls["import"] - walls["bare"], walls["bare"], PYTHON),
            Claim("names", walls["names"] - walls["bare"], walls["bare"], PYTHON),
            Claim("empty", inside["start"] + inside["complete"], inside["floor"], SYNC),
        ],
        {"wall_ms": walls, "inside_ms": inside},
    )


SCRIPT = """
import json, sys
from time import perf_counter_ns as now
from benchmarks.durable import two_files
marks = [("begin", now())]
def mark(name): marks.append((name, now()))
import runstore; mark("import")
from runstore import Workspace, start_run; mark("names")
workspace = Workspace(sys.argv[1]); mark("workspace")
run = start_run("start", workspace=workspace); mark("start")
run.complete(); mark("complete")
start_run("start", workspace=workspace).complete(); mark("again")
run = start_run("start", workspace=workspace); mark("other")
run.log("loss", 0.5, step=0); mark("first_log")
run.log("loss", 0.5, step=1); mark("second_log")
run.complete(); mark("complete_with_points")
two_files(sys.argv[1]); mark("floor")
print(json.dumps({name: (at - before) / 1e6 for (_, before), (name, at) in zip(marks, marks[1:])}))
from benchmarks import clock
clock.quiet()
"""


def _wall(program: list[str]) -> Callable[[], float]:
    return lambda: child.wall(program)


def _script(workspace: Path) -> dict[str, Any]:
    """Milliseconds of each stage inside one fresh process."""
    argv = child.python(SCRIPT, workspace, options=NO_SITE)
    done = subprocess.run(argv, env=child.environment(), stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    report.main("import", SIZES, measure)
