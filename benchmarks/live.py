"""Reading while many processes log: fresh processes ask a workspace of live writers whose journals are full.

Once as so many runs, once as so many ranks of one run. Each writer goes on logging, ten points a second.
"""

from __future__ import annotations

import functools
import json
import select
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import child, clock, report
from benchmarks.report import Claim, Report

if TYPE_CHECKING:
    from runstore import Run, Workspace

SIZES = {
    "tiny": {"writers": 2, "journal": 20_000, "rounds": 1},
    "small": {"writers": 4, "journal": 2_000_000, "rounds": 3},
    "full": {"writers": 64, "journal": (8 << 20) - (128 << 10), "rounds": 5},  # just before they would be sealed
}
NAMES = ("loss", "accuracy", "lr", "grad_norm", "time/data", "time/step", "memory", "tokens")
RUNS = "select * from runs"
CURVE = "select step, value from curve_points where run_id = 'run-0' and name = 'loss'"
PATIENCE = 60.0  # seconds until a point that can't be seen is an error
DUCKDB = "a fresh python that imports duckdb and asks it nothing of weight"
BARE = "a fresh python with duckdb's JSON reader over the data lines of the same journals, no check"
POLL = "the same SQL asked once more, when the point is there already"


def measure(directory: Path, writers: int, journal: int, rounds: int) -> Report:
    claims, details = [], {}
    for shape in ("runs", "ranks"):
        path = directory / f"live-{shape}-{time.time_ns()}"
        with _writers(path, writers, journal, shape == "ranks") as processes:
            asked = _ask(path, rounds, writers if shape == "runs" else 1)
            claims.append(Claim(f"runs-of-64-{shape}", asked["runs"], asked["runs_floor"], DUCKDB))
            claims.append(Claim(f"curve-of-64-{shape}", asked["curve"], asked["curve_floor"], BARE))
            details[shape] = asked
            if shape == "runs":
                seen = _seen(path, processes, rounds)
                claims.insert(0, Claim("visible", seen["worst_ms"], seen["again_ms"], POLL))
                details["visible"] = seen
    return Report(claims, details)


@contextmanager
def _writers(path: Path, count: int, size: int, one_run: bool) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many processes with full journals that go on logging. They are killed at the end: nothing is to be kept."""
    import runstore

    runstore.Workspace(path)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for number in range(count):
            run_id = "run-0" if one_run else f"run-{number}"
            argv = child.command("benchmarks.live:writer", path=path, run_id=run_id, rank=number, size=size)
            pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            processes.append(subprocess.Popen(argv, env=child.environment(), **pipes))
            if number == 0 or number == count - 1:
                _line(processes[number])  # the first one opens the run before others join it
        for process in processes[1:-1]:
            _line(process)
        yield processes
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.communicate()


def _line(process: subprocess.Popen[bytes]) -> Any:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("a writer ended early; its own message is above")
    return json.loads(line)


def writer(path: str, run_id: str, rank: int, size: int) -> None:
    """In a child: fill the journal, then log ten points a second, and a mark whenever a line comes in."""
    import runstore

    run = runstore.start_run("live", workspace=runstore.Workspace(path), run_id=run_id, rank=rank)
    step = _fill(run, size)
    print(json.dumps(step), flush=True)
    while True:
        ready, _, _ = select.select([sys.stdin], [], [], 0.1)
        if ready:
            line = sys.stdin.readline()
            if not line:
                return
            at = time.monotonic_ns()
            run.log("mark", float(line), step=int(line))
            print(json.dumps(at), flush=True)
        else:
            run.log("loss", 0.5, step=step)
            step += 1


def _fill(run: Run, size: int) -> int:
    import orjson

    used = step = 0
    values = clock.walk(10_000)
    while used < size:
        name, value = NAMES[step % len(NAMES)], values[step % len(values)]
        run.log(name, value, step=step // len(NAMES))
        used += len(orjson.dumps([name, value, step // len(NAMES), time.time_ns()])) + 1
        step += 1
    run.flush()
    return step // len(NAMES)


ASK = """
import sys, runstore
columns = runstore.Workspace(sys.argv[1]).sql(sys.argv[2]).fetchnumpy()
rows = len(next(iter(columns.values())))
if rows < int(sys.argv[3]):
    sys.exit(f"{rows} rows, at least {sys.argv[3]} were logged")
"""
FLOOR_RUNS = "import duckdb; duckdb.sql('select 1').fetchnumpy()"
FLOOR_CURVE = """
import sys, duckdb
duckdb.sql(f'''select try_cast(json[3] as bigint) as step, try_cast(json[2] as double) as value
from read_json('{sys.argv[1]}', format = 'newline_delimited', records = false, columns = {{json: 'JSON[]'}})
where json[1]->>'$' = 'loss' ''').fetchnumpy()
"""


def _ask(path: Path, rounds: int, runs: int) -> dict[str, Any]:
    """Milliseconds of fresh processes, beside their floors."""
    lines = path.parent / f"{path.name}-lines.jsonl"
    points = _data_lines(path, lines)
    curve = child.python(ASK, path, CURVE, points // len(NAMES))
    found = clock.interleaved(
        rounds,
        runs_floor=lambda: child.wall(child.python(FLOOR_RUNS)),
        runs=lambda: child.wall(child.python(ASK, path, RUNS, runs)),
        curve_floor=lambda: child.wall(child.python(FLOOR_CURVE, lines)),
        curve=lambda: child.wall(curve),
    )
    size = lines.stat().st_size
    lines.unlink()
    return {**found, "points_in_run": points, "bytes_in_run": size}


def _data_lines(path: Path, target: Path) -> int:
    """The points of run-0's journals as bare lines, one file; how many."""
    import runstore

    count = 0
    with open(target, "wb") as file:
        for journal in runstore.Workspace(path).get_run("run-0").path.glob("p-*.jsonl"):
            lines = journal.read_bytes().rstrip(b"\0").splitlines(keepends=True)
            data = [line for line in lines if line.startswith(b"[") and line.endswith(b"\n")]
            file.writelines(data)
            count += len(data)
    return count


def _seen(path: Path, processes: list[subprocess.Popen[bytes]], rounds: int) -> dict[str, Any]:
    """From just before log() in a writer to the end of the first query that sees the point."""
    import runstore

    workspace = runstore.Workspace(path)
    taken, again = [], []
    for mark in range(3 * rounds):
        number = mark % len(processes)
        logged, seen = _mark(processes[number], mark), _wait(workspace, f"run-{number}", mark)
        taken.append((seen - logged) / 1e6)
        again.append(clock.milliseconds(functools.partial(_marks, workspace, f"run-{number}", mark)))
    return {
        "worst_ms": max(taken),
        "median_ms": statistics.median(taken),
        "again_ms": statistics.median(again),
        "marks": len(taken),
    }


def _mark(process: subprocess.Popen[bytes], mark: int) -> int:
    """Have a writer log a point now; when that was, by the clock that all processes of the machine share."""
    assert process.stdin is not None
    process.stdin.write(b"%d\n" % mark)
    process.stdin.flush()
    return int(_line(process))


def _wait(workspace: Workspace, run_id: str, mark: int) -> int:
    deadline = time.monotonic() + PATIENCE
    while not _marks(workspace, run_id, mark):
        if time.monotonic() > deadline:
            raise TimeoutError(f"point {mark} of {run_id} was logged and never seen")
    return time.monotonic_ns()


def _marks(workspace: Workspace, run_id: str, mark: int) -> int:
    statement = f"select count(*) from metrics where run_id = '{run_id}' and name = 'mark' and step = {mark}"
    return int(workspace.sql(statement).fetchall()[0][0])


if __name__ == "__main__":
    report.main("live", SIZES, measure)
