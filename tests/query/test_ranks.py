"""A later attempt overwrites only what the same rank logged, wherever the points are."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.query import sealing
from tests.query import settled

STEPS = 40


@pytest.fixture(params=["live", "sealed in parts", "sealed", "in a block"])
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def indexes() -> Iterator[None]:
    with settled.small_indexes():
        yield


def log(ws: runstore.Workspace, rank: int | None, steps: range, place: str, **more: Any) -> runstore.Run:
    run = ws.experiment("e").start_logging(run_id="r", rank=rank, **more)
    for step in steps:
        run.log("loss", (rank or 0) * 1000 + step, step=step)
    run.complete()
    if place == "sealed in parts":
        sealing.seal(ws.path, run.path)
    return run


def put(ws: runstore.Workspace, place: str, run: runstore.Run) -> None:
    if place == "sealed":
        sealing.seal(ws.path, run.path)
    elif place == "in a block":
        settled.settle(ws.path)


def resumed(ws: runstore.Workspace, place: str) -> None:
    """Two ranks of which the first is resumed at half its steps."""
    log(ws, 0, range(STEPS), place)
    log(ws, 1, range(STEPS), place)
    put(ws, place, log(ws, None, range(STEPS // 2, STEPS), place, attempt=2))


def test_points_of_another_rank_are_not_overwritten(ws: runstore.Workspace, place: str, indexes: None) -> None:
    resumed(ws, place)
    asked = "select attempt, rank, count(*) from curve_points join writers using (run_id, writer, attempt)"
    found = ws.sql(f"{asked} where run_id = 'r' group by all order by 1, 2").fetchall()
    assert found == [(1, 0, STEPS // 2), (1, 1, STEPS), (2, None, STEPS // 2)]
    every = ws.sql(f"{asked} group by all order by 1, 2").fetchall()
    assert every == found


def test_summaries_count_every_rank(ws: runstore.Workspace, place: str, indexes: None) -> None:
    resumed(ws, place)
    asked = "select \"count\", first, last, min, max from metric_summary where name = 'loss'"
    assert ws.sql(asked).fetchall() == [(2 * STEPS, 0, STEPS - 1, 0, 1000 + STEPS - 1)]


def test_curves_have_the_points_of_every_rank(ws: runstore.Workspace, place: str, indexes: None) -> None:
    resumed(ws, place)
    assert ws.curves("loss").sum("count").fetchall() == [(2 * STEPS,)]


def test_a_thinned_run_keeps_the_figures_of_every_rank(ws: runstore.Workspace) -> None:
    resumed(ws, "live")
    ws.thin(16, older_than_days=0, dry_run=False)
    asked = "select \"count\", max from metric_summary where name = 'loss'"
    assert ws.sql(asked).fetchall() == [(2 * STEPS, 1000 + STEPS - 1)]
    counts = "select rank, max(step), count(*) <= 16 from curve_points join writers using (run_id, writer)"
    found = ws.sql(f"{counts} where writers.attempt = 1 group by all order by 1").fetchall()
    assert found == [(0, STEPS // 2 - 1, True), (1, STEPS - 1, True)]


def train(path: Path, rank: int) -> None:
    time.sleep(rank * 0.2)  # the skew of ranks that a loaded machine starts one after another
    log(runstore.Workspace(path), rank, range(STEPS), "live")


def test_spawned_ranks_that_start_one_after_another_are_one_attempt(tmp_path: Path) -> None:
    ws = runstore.Workspace(tmp_path / "ws")
    ranks = [multiprocessing.get_context("spawn").Process(target=train, args=(ws.path, rank)) for rank in range(4)]
    for rank in ranks:
        rank.start()
    for rank in ranks:
        rank.join()
    assert ws.sql("select attempts, writers, points, status from runs").fetchall() == [(1, 4, 4 * STEPS, "Completed")]
    assert ws.sql("select count(*), count(distinct writer) from curve_points").fetchall() == [(4 * STEPS, 4)]
    assert ws.sql("select \"count\" from metric_summary where name = 'loss'").fetchall() == [(4 * STEPS,)]
