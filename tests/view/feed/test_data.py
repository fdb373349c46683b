"""Points and rows are taken as CSV or Parquet, whole and with their types."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import runstore
from runstore.errors import StoreError, UsageError
from runstore.view.feed import data


@pytest.fixture
def run(ws: runstore.Workspace) -> runstore.Run:
    with ws.experiment("e").start_logging("a/b") as run:
        for step in range(3):
            run.log({"loss": step / 2, "acc": 1.0}, step=step)
        run.log_row("t", id="007", score=1, **{"odd ~/": True})
        run.log_row("t", id="008", score=float("nan"))
    return run


def test_all_points_are_there_with_their_times(ws: runstore.Workspace, run: runstore.Run, tmp_path: Path) -> None:
    found = data.data(ws, run.id, tmp_path / "p", "parquet")
    assert (found.name, found.media_type) == ("a_b-metrics.parquet", "application/vnd.apache.parquet")
    rows = duckdb.sql(f"SELECT name, step, value FROM read_parquet('{tmp_path}/p') ORDER BY ALL").fetchall()
    assert rows == [("acc", n, 1.0) for n in range(3)] + [("loss", n, n / 2) for n in range(3)]
    assert found.size == len(found.read())


def test_one_metric_is_csv(ws: runstore.Workspace, run: runstore.Run, tmp_path: Path) -> None:
    found = data.data(ws, run.id, tmp_path / "p", metric="loss")
    lines = found.read().decode().splitlines()
    assert (len(lines), lines[0]) == (4, "name,step,time,value,text,attempt,writer")
    found.save(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == found.read()


def test_a_table_has_its_columns_and_digits_stay_text(
    ws: runstore.Workspace, run: runstore.Run, tmp_path: Path
) -> None:
    data.data(ws, run.id, tmp_path / "p", "parquet", table="t")
    told = duckdb.sql(f"FROM read_parquet('{tmp_path}/p')")
    assert told.columns == ["_row", "_step", "_time", "id", "odd ~/", "score"]
    (first, second) = told.fetchall()
    assert (first[3:], second[3:5]) == (("007", "true", 1.0), ("008", None))
    assert second[5] != second[5]


def test_what_is_not_there_or_no_form_is_refused(ws: runstore.Workspace, run: runstore.Run, tmp_path: Path) -> None:
    for how in ({"metric": "nope"}, {"table": "nope"}):
        with pytest.raises(StoreError, match="no such data"):
            data.data(ws, run.id, tmp_path / "p", **how)
    with pytest.raises(UsageError, match="csv or parquet"):
        data.data(ws, run.id, tmp_path / "p", "exe")
