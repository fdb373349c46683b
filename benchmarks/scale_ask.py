"""The questions that are put to a store of very many runs: in one process, warm, or each in a fresh one."""

from __future__ import annotations

import itertools
import shutil
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import child, clock
from benchmarks.scale_build import EXPERIMENT, Shape, run_id

if TYPE_CHECKING:
    from runstore import Workspace

PAGE = 50
POINTS = 2_000
TOGETHER = 20  # runs whose curves are drawn in one chart
WIDEST = 100  # metrics in a leaderboard
PATTERN = "m1*"  # a ninth of the names, and a few
FEW = ("first_page", "runstore sql leaderboard")
Questions = dict[str, Callable[[], Any]]


def questions(workspace: Workspace, shape: Shape) -> Questions:
    """What the page and the command line ask, by name. Each gives its rows, the one curve as Arrow."""
    one = run_id(shape.runs // 2)
    metric = shape.metric_names(shape.runs // 2)[0]
    some = [run_id(number) for number in range(0, shape.runs, -(-shape.runs // TOGETHER))]
    columns = ["run_id", "status", "started", "lr", "depth", metric] if shape.own else None  # else thousands
    which = f"where run_id = '{one}' and name = '{metric}'"

    def sql(statement: str) -> Callable[[], Any]:
        return lambda: workspace.sql(statement).fetchall()

    asked: Questions = {
        "leaderboard": sql(leaderboard(shape)),
        "first_page": lambda: workspace.runs(columns=columns, limit=PAGE).fetchall(),
        "sorted_page": lambda: workspace.runs(sort=metric, columns=columns, limit=PAGE).fetchall(),
        "count_where": sql("select count(*) from runs where params.lr < 0.001"),
        "get_run": lambda: [workspace.get_run(one[:18])],
        "metric_summary": sql(f"select run_id, last, min, max from metric_summary where name = '{metric}'"),
        "curve": lambda: workspace.sql(f"select step, value from curve_points {which}").to_arrow_table(),
        "curve_in_2000": lambda: workspace.curves(metric, one, points=POINTS).fetchall(),
        "curves_of_20": lambda: workspace.curves(metric, some, points=POINTS // 4).fetchall(),
        "ten_points": sql(f"select * from metrics where name = '{metric}' limit 10"),
        "count_points": sql("select count(*) from metrics"),
    }
    if shape.own:
        asked["pivot"] = lambda: workspace.pivot(PATTERN).fetchall()
    return asked


def leaderboard(shape: Shape) -> str:
    """Every run with its params and the last value of each metric, sorted by one."""
    chosen = shape.metric_names(0)[:WIDEST]
    last = "".join(f", last.{name} as {name}" for name in chosen)
    return (
        "select run_id, started, params.lr as lr, params.depth as depth, params.optimizer.name as optimizer"
        f"{last} from runs order by last.{chosen[0]}"
    )


def commands(ws: Path, shape: Shape) -> dict[str, list[str]]:
    """What somebody types at a prompt, by name."""
    first, second = run_id(0), run_id(shape.runs - 1)
    metric = shape.metric_names(0)[0]
    asked = {
        "sql leaderboard": ["sql", leaderboard(shape), "--csv"],
        "runs": ["runs", "--limit", str(PAGE)],
        "runs --sort": ["runs", "--limit", str(PAGE), "--sort", metric],
        "show": ["show", first[:18]],
        "compare": ["compare", first, second],
        "plot": ["plot", first, metric],
        "sql ten points": ["sql", f"select * from metrics where name = '{metric}' limit 10"],
        "sql count points": ["sql", "select count(*) from metrics"],
    }
    return {name: [sys.executable, "-m", "runstore", *words, "-w", str(ws)] for name, words in asked.items()}


# ---- in a child


def once(ws: str, shape: dict[str, Any], name: str) -> int:
    """One question, asked once; how many rows came."""
    import runstore

    return len(questions(runstore.Workspace(ws), Shape(**shape))[name]())


def warm(place: str, shape: dict[str, Any], rounds: int) -> dict[str, Any]:
    """Milliseconds of each question: asked the first time, and the median of more; floors beside them."""
    import runstore

    path, of = Path(place), Shape(**shape)
    workspace = runstore.Workspace(path / "ws")
    asked = questions(workspace, of)
    first = {name: clock.milliseconds(question) for name, question in asked.items()}
    counts = {name: len(question()) for name, question in asked.items()}
    _right(counts, of)
    beside = _floors(path, workspace, of)
    timed = {name: clock.timed(question) for name, question in asked.items()}
    timed |= {f"floor of {name}": clock.timed(question) for name, question in beside.items()}
    found = clock.interleaved(rounds, **timed)
    return {
        "first": first,
        "warm": {name: found[name] for name in asked},
        "floor": {name: found[f"floor of {name}"] for name in beside},
        "rows": counts,
    }


def _right(counts: dict[str, int], shape: Shape) -> None:
    """A quick answer that is wrong is no figure."""
    expected = {
        "leaderboard": shape.runs,
        "first_page": min(PAGE, shape.runs),
        "metric_summary": 1 if shape.own else shape.runs,
        "curve": shape.steps,
        "ten_points": min(10, shape.steps if shape.own else shape.steps * shape.runs),
    }
    wrong = {name: (counts[name], rows) for name, rows in expected.items() if counts[name] != rows}
    if wrong:
        raise RuntimeError(f"rows that came, and that there are: {wrong}")


def _floors(place: Path, workspace: Workspace, shape: Shape) -> Questions:
    """The same rows from ready files, by DuckDB alone in this process."""
    import duckdb

    table, line = place / "leaderboard.parquet", place / "curve.parquet"
    metric = shape.metric_names(shape.runs // 2)[0]
    if not table.exists():
        one = f"run_id = '{run_id(shape.runs // 2)}' and name = '{metric}'"
        workspace.sql(leaderboard(shape)).write_parquet(str(table), compression="zstd")
        workspace.sql(f"select step, value from curve_points where {one}").write_parquet(str(line), compression="zstd")
    database = duckdb.connect()
    rows, first = f"select * from read_parquet('{table}')", shape.metric_names(0)[0]

    def sql(statement: str) -> Callable[[], Any]:
        return lambda: database.sql(statement).fetchall()

    return {
        "leaderboard": sql(f"{rows} order by {first}"),
        "first_page": sql(f"{rows} order by started desc limit {PAGE}"),
        "count_where": sql(f"select count(*) from ({rows}) where lr < 0.001"),
        "curve": lambda: database.sql(f"select step, value from read_parquet('{line}')").to_arrow_table(),
    }


def starts(ws: str, empty: str, rounds: int) -> dict[str, float]:
    """Milliseconds of start_run and complete: in this workspace, and in one that holds nothing."""
    import runstore

    spent: dict[str, list[float]] = {"here": [], "empty": []}
    made = []
    places = {"here": runstore.Workspace(ws), "empty": runstore.Workspace(empty)}
    for turn, (where, workspace) in itertools.product(range(rounds + 1), places.items()):

        def start(workspace: Workspace = workspace) -> None:
            run = runstore.start_run(EXPERIMENT, workspace=workspace)
            run.complete()
            made.append(run.path)

        taken = clock.milliseconds(start)
        if turn:  # the first ones load what the others find loaded
            spent[where].append(taken)
    clock.quiet()
    for path in made:
        shutil.rmtree(path, ignore_errors=True)  # the store stays what it was
    return {where: statistics.median(times) for where, times in spent.items()}


def compacted(ws: str) -> dict[str, Any]:
    """Compact, and say what compaction says it did."""
    import dataclasses

    from runstore.query import compaction

    done: dict[str, Any] = {}
    spent = clock.milliseconds(lambda: done.update(dataclasses.asdict(compaction.compact(Path(ws), grace=0))))
    if done["damaged"]:
        raise RuntimeError(f"compaction found damage: {done['damaged'][:3]}")
    return {"seconds": spent / 1000, **done}


def fresh(place: Path, shape: dict[str, Any], names: list[str], few: bool) -> dict[str, dict[str, float]]:
    """Wall time and peak memory of each question and command (or only of a few), in a fresh process of its own."""
    ws = place / "ws"
    argvs = {name: child.command("benchmarks.scale_ask:once", ws=ws, shape=shape, name=name) for name in names}
    argvs |= {f"runstore {name}": argv for name, argv in commands(ws, Shape(**shape)).items()}
    chosen = [name for name in argvs if name in FEW or not few]
    return {name: child.measured(argvs[name]) for name in chosen}
