"""Every point of a chart can be taken away as Parquet."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import runstore
from runstore.errors import QueryError, RunNotFound, UsageError
from runstore.view.feed import points


def logged(ws: runstore.Workspace, lr: float, steps: int) -> str:
    run = runstore.start_run("e", params={"lr": lr}, workspace=ws)
    for step in range(steps):
        run.log({"val/loss": lr + step, "other": 0.0}, step=step)
    run.complete()
    return run.id


def taken(path: Path) -> list[tuple[str, int, float]]:
    return duckdb.sql(f"SELECT run_id, step, value FROM read_parquet('{path}')").fetchall()


def test_every_point_of_the_runs_is_there_in_order(ws: runstore.Workspace, tmp_path: Path) -> None:
    first, _ = logged(ws, 0.5, 700), logged(ws, 0.25, 3)
    found = points.points(ws, "val/loss", tmp_path / "made", [first])
    assert (found.name, found.media_type) == ("val_loss.parquet", points.PARQUET)
    found.save(tmp_path / "kept.parquet")
    assert taken(tmp_path / "kept.parquet") == [(first, step, 0.5 + step) for step in range(700)]
    assert found.size == len(found.read())


def test_without_runs_a_filter_says_whose(ws: runstore.Workspace, tmp_path: Path) -> None:
    _, second = logged(ws, 0.5, 2), logged(ws, 0.25, 2)
    points.points(ws, "val/loss", tmp_path / "made", experiment="e", where="lr < 0.3")
    assert taken(tmp_path / "made") == [(second, 0, 0.25), (second, 1, 1.25)]


@pytest.mark.parametrize(
    ("problem", "runs", "where"),
    [(UsageError, None, "lr > 1"), (RunNotFound, ["nobody"], None), (QueryError, None, "(select 1) = 1")],
)
def test_what_means_no_run_is_refused(
    ws: runstore.Workspace, tmp_path: Path, problem: type[Exception], runs: list[str] | None, where: str | None
) -> None:
    logged(ws, 0.5, 1)
    with pytest.raises(problem):
        points.points(ws, "val/loss", tmp_path / "made", runs, where=where)
    assert not (tmp_path / "made").exists()
