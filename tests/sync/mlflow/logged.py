"""Runs to be sent, and what MLflow must have of them afterwards."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import runstore
from runstore.sync.mlflow import keys, points

ID = "6b1f0bfa-0000-4000-8000-000000000001"  # of the remote
URL = "mlflow+http://127.0.0.1:1"


def everything(workspace: Path, steps: int = 30, name: str = "all") -> runstore.Run:
    """A run, not ended, with some of each kind of thing."""
    run = runstore.start_run(
        "ex", params={"lr": 0.1, "opt": {"name": "adam", "betas": [0.9, 0.99]}, "none": None, "long": "x" * 7000},
        tags={"stage": "a", "empty": None}, name=name, workspace=runstore.Workspace(workspace),
    )  # fmt: skip
    log(run, range(steps))
    run.log("nan", math.nan, step=0)
    run.log("inf", -math.inf, step=0)
    run.log("note", "a text")
    run.log("big", 2**60 + 1)
    run.log("flag", True)
    run.log("bad*name: %", 3.0)
    run.log_batch("twice", [1.0, 1.0], steps=[1, 1], times=[1_700_000_000_000_000_000, 1_700_000_000_000_000_999])
    run.log_row("table", a=1, b="x")
    run.log_row("table", a=math.nan, c=[1, 2])
    return run


def log(run: runstore.Run, steps: range) -> None:
    for step in steps:
        run.log({"loss": 1 / (step + 1), "acc/val": step / 10}, step=step)
        run.log("index", step * 2)
    run.flush()


def expected(workspace: Path, run_id: str) -> set[tuple[Any, ...]]:
    """The points as MLflow tells them apart."""
    query = "SELECT name, value, epoch_us(time) // 1000, step FROM metrics WHERE run_id = ? AND value IS NOT NULL"
    rows = runstore.Workspace(workspace).sql(query, params=[run_id]).fetchall()
    return {points.alike(keys.metric(name), value, time, step) for name, value, time, step in rows}


def there(run: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The points of a run of ``fake.Store``."""
    return [points.alike(*point) for point in run["points"]]


def exactly(workspace: Path, run_id: str, run: Mapping[str, Any]) -> bool:
    """Whether a run of a store has every point once."""
    found = there(run)
    return len(found) == len(set(found)) and set(found) == expected(workspace, run_id)
