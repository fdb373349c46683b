"""Questions over many finished runs: the leaderboard, warm and as a command, and one long curve, whole and in few rows.

The workspace is built through the public API and kept where ``--workspace`` says, to be found by a later one
of the same sizes.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import child, clock, report
from benchmarks.report import Claim, Report

SIZES = {
    "tiny": {"runs": 3, "metrics": 2, "steps": 5, "curve": 50, "rounds": 1},
    "small": {"runs": 50, "metrics": 10, "steps": 100, "curve": 100_000, "rounds": 5},
    "full": {"runs": 1_000, "metrics": 10, "steps": 1_000, "curve": 1_000_000, "rounds": 21},
}
SUMMARY = "duckdb in the same process over a ready table of the final values and params"
FRESH = "a fresh python that imports duckdb alone and reads that table"
FILE = "duckdb in the same process over one sorted Parquet file of all points, no check"
BUCKETS = "duckdb in the same process: the same buckets from that file, no check"
CURVE_RUN, POINTS = "curve", 2_000


def measure(directory: Path, runs: int, metrics: int, steps: int, curve: int, rounds: int) -> Report:
    place = directory / f"sweep-{runs}x{metrics}x{steps}-{curve}"
    if not (place / "built").exists():
        child.run("benchmarks.query:build", place=place, runs=runs, metrics=metrics, steps=steps, curve=curve)
    warm = child.run("benchmarks.query:warm", place=place, metrics=metrics, curve=curve, rounds=rounds)
    command = [sys.executable, "-m", "runstore", "runs", "-w", str(place / "ws"), "--sort", "m0"]
    printed = child.output(command)
    if sum(" sweep " in line for line in printed.splitlines()) != runs:
        raise RuntimeError(f"the command did not print {runs} runs but this:\n{printed[-2000:]}")
    cold = clock.interleaved(
        min(rounds, 7),
        floor=lambda: child.wall(child.python(FLOOR_PROGRAM, place / "summary.parquet")),
        command=lambda: child.wall(command),
        first_page=lambda: child.wall([*command, "--limit", "25"]),  # what a terminal shows
    )
    return Report(
        [
            Claim("leaderboard", warm["leaderboard"], warm["summary"], SUMMARY),
            Claim("command", cold["command"], cold["floor"], FRESH),
            Claim("curve", warm["curve"], warm["curve_of_file"], FILE),
            Claim("buckets", warm["buckets"], warm["buckets_of_file"], BUCKETS),
        ],
        {"warm_ms": warm, "fresh_ms": cold},
    )


FLOOR_PROGRAM = """
import sys, duckdb
rows = duckdb.sql(f"select * from read_parquet('{sys.argv[1]}') order by m0").fetchall()
for row in rows: print(*row)
"""


def build(place: str, runs: int, metrics: int, steps: int, curve: int) -> None:
    """In a child: log everything, wait until it is sealed, and write the floors' files from it."""
    import runstore

    path = Path(place)
    workspace = runstore.Workspace(path / "ws")
    source = random.Random(1)
    for number in range(runs):
        params = {"lr": 10 ** source.uniform(-5, -1), "depth": number % 7, "optimizer": {"name": "adam"}}
        run = runstore.start_run("sweep", workspace=workspace, params=params)
        values = dict.fromkeys((f"m{metric}" for metric in range(metrics)), 0.0)
        for step in range(steps):
            for name in values:
                values[name] += source.gauss(0.0, 1.0)
            run.log(values, step=step)
        run.complete()
    run = runstore.start_run(CURVE_RUN, workspace=workspace, run_id=CURVE_RUN)
    for step, value in enumerate(clock.walk(curve)):
        run.log("loss", value, step=step)
    run.complete()
    clock.quiet()
    left = list(workspace.path.glob("runs/*/*/p-*.jsonl"))
    if left:
        raise RuntimeError(f"{len(left)} journals were not sealed; `runstore check` says why")
    _floors(path, workspace.sql(_leaderboard(metrics)).fetchall(), metrics)
    (path / "built").touch()


def _floors(path: Path, rows: list[Any], metrics: int) -> None:
    import duckdb

    segments, sorted_points = f"{path}/ws/runs/*/*/points-*.parquet", path / "sorted.parquet"
    duckdb.sql(
        f"copy (select run_id, name, step, value from read_parquet('{segments}') order by run_id, name, step) "
        f"to '{sorted_points}' (format parquet, compression zstd)"
    )
    columns = ", ".join(f"m{metric} double" for metric in range(metrics))
    duckdb.sql(f"create table summary (run_id varchar, lr double, depth bigint, optimizer varchar, {columns})")
    duckdb.executemany(f"insert into summary values ({', '.join('?' * (4 + metrics))})", rows)
    duckdb.sql(f"copy summary to '{path}/summary.parquet' (format parquet, compression zstd)")


def _leaderboard(metrics: int) -> str:
    last = ", ".join(f"last.m{metric} as m{metric}" for metric in range(metrics))
    return f"select run_id, params.lr, params.depth, params.optimizer.name, {last} from runs order by last.m0"


def warm(place: str, metrics: int, curve: int, rounds: int) -> dict[str, Any]:
    """In a child: milliseconds of each question, all asked once before."""
    import duckdb

    import runstore

    database = duckdb.connect()
    path, workspace = Path(place), runstore.Workspace(Path(place) / "ws")
    summary, points = (f"read_parquet('{path / name}.parquet')" for name in ("summary", "sorted"))
    last = ", ".join(f"max(last) filter (name = 'm{metric}') as m{metric}" for metric in range(metrics))
    final = f"select run_id, name, arg_max(value, step) as last from {points} group by all"
    final = f"select run_id, {last} from ({final}) group by 1 order by m0"
    which = f"where run_id = '{CURVE_RUN}' and name = 'loss'"
    buckets = (
        f"select step * {POINTS} // {curve} as bucket, count(*) as count, avg(step) as x, avg(value) as mean, "
        f"min(value) as min, max(value) as max, arg_max(value, step) as last from {points} {which} group by 1 "
        "order by 1"
    )

    def few(**how: float) -> Any:
        return workspace.curves("loss", CURVE_RUN, points=POINTS, **how).to_arrow_table()  # type: ignore[arg-type]

    questions: dict[str, Callable[[], Any]] = {
        "summary": lambda: database.sql(f"select * from {summary} order by m0").fetchall(),
        "leaderboard": lambda: workspace.sql(_leaderboard(metrics)).fetchall(),
        "final_of_file": lambda: database.sql(final).fetchall(),
        "curve_of_file": lambda: database.sql(f"select step, value from {points} {which}").to_arrow_table(),
        "curve": lambda: workspace.sql(f"select step, value from curve_points {which}").to_arrow_table(),
        "curve_ordered": lambda: workspace.sql(
            f"select step, value from curve_points {which} order by step"
        ).to_arrow_table(),
        "buckets_of_file": lambda: database.sql(buckets).to_arrow_table(),
        "buckets": few,
        "buckets_smoothed": lambda: few(smoothing=0.9),
        "buckets_of_a_hundredth": lambda: few(low=curve // 2, high=curve // 2 + curve // 100),
    }
    answers = {name: question() for name, question in questions.items()}
    if len(answers["leaderboard"]) != len(answers["summary"]):
        raise RuntimeError("the leaderboard and its floor do not have the same runs")
    if not answers["curve_ordered"].equals(answers["curve_of_file"].sort_by("step")):
        raise RuntimeError("the curve and its floor are not the same")
    same = ["bucket", "count", "x", "min", "max", "last"]  # a mean depends on the order of adding
    if not answers["buckets"].select(same).equals(answers["buckets_of_file"].select(same)):
        raise RuntimeError("the buckets and their floor are not the same")
    in_order = answers["curve"].equals(answers["curve_ordered"])
    timed = {name: clock.timed(question) for name, question in questions.items()}
    return {**clock.interleaved(rounds, **timed), "curve_arrives_in_order": in_order}


if __name__ == "__main__":
    report.main("query", SIZES, measure)
