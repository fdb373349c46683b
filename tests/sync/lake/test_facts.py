"""What a workspace says of runs becomes rows of tables; of several rows the newest count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

import runstore
from runstore.sync.lake import columns, facts
from tests.query import unions


@pytest.fixture
def ws(tmp_path: Path) -> runstore.Workspace:
    made = runstore.Workspace(tmp_path / "ws")
    for number in range(3):
        unions.logged(made, f"r{number}", number, file=b"bytes")
    made.get_run("r1").set_tags({"k": "it's"})
    return made


def rows(path: Path) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"select * from read_parquet('{path}')").fetchall()


def of_runs(ws: runstore.Workspace, runs: list[str], revision: int, target: Path) -> dict[str, Path]:
    target.mkdir()
    return {one.table: one.path for one in facts.of_runs(ws.path, runs, revision, target)}


def test_each_table_says_what_its_view_says_of_these_runs(ws: runstore.Workspace, tmp_path: Path) -> None:
    made = of_runs(ws, ["r0", "r1"], 7, tmp_path / "out")
    assert [*made] == [one for one in columns.OF_RUNS if one != "properties"]
    for table, path in made.items():
        own = [column for column in columns.facts(table) if columns.of(table)[column] != "timestamp"]
        expected = ws.sql(f"select {', '.join(own)} from {table} where run_id in ('r0', 'r1') order by all").fetchall()
        found = duckdb.sql(f"select {', '.join(own)} from read_parquet('{path}') order by all").fetchall()
        assert found == expected
        assert duckdb.sql(f"select distinct revision from read_parquet('{path}')").fetchall() == [(7,)]


def test_times_are_in_utc(ws: runstore.Workspace, tmp_path: Path) -> None:
    made = of_runs(ws, ["r0"], 1, tmp_path / "out")
    ((expected,),) = ws.sql("select epoch_us(started) from runs where run_id = 'r0'").fetchall()
    told = f"read_parquet('{made['runs']}')"
    assert duckdb.sql(f"select epoch_us(started), typeof(started) from {told}").fetchall() == [
        (expected, "TIMESTAMP WITH TIME ZONE")
    ]


def test_a_deleted_run_has_a_row_that_says_so(ws: runstore.Workspace, tmp_path: Path) -> None:
    ws.delete("r1")
    made = of_runs(ws, ["r0", "r1"], 1, tmp_path / "out")
    told = duckdb.sql(f"select run_id, deleted, status from read_parquet('{made['runs']}') order by 1").fetchall()
    assert told == [("r0", False, "Completed"), ("r1", True, None)]


def test_experiments_and_models_are_told_whole(ws: runstore.Workspace, tmp_path: Path) -> None:
    with runstore.start_run("e", run_id="r0", workspace=ws) as run:
        run.upload_file("m", __file__)
        run.register_model("net", "m")
    made = {one.table: one.path for one in facts.of_all(ws.path, 3, tmp_path)}
    assert [row[0] for row in rows(made["experiments"])] == ["e"]
    assert duckdb.sql(f"select name, version, aliases, revision from read_parquet('{made['models']}')").fetchall() == [
        ("net", 1, "[]", 3)
    ]


def test_of_several_files_the_rows_are_kept_that_count(ws: runstore.Workspace, tmp_path: Path) -> None:
    first = of_runs(ws, ["r0", "r1"], 1, tmp_path / "first")
    ws.get_run("r1").remove_tags(["k"])
    second = of_runs(ws, ["r1"], 2, tmp_path / "second")
    runs = [first["runs"], second["runs"]]
    assert facts.newest("runs", runs, runs, tmp_path / "runs.parquet") == 2
    assert sorted((row[0], row[-1]) for row in rows(tmp_path / "runs.parquet")) == [("r0", 1), ("r1", 2)]
    assert facts.newest("tags", [first["tags"]], runs, tmp_path / "tags.parquet") == 0  # r1 has none any more
    assert facts.newest("tags", [first["tags"]], [first["runs"]], tmp_path / "tags2.parquet") == 1


def test_rows_of_a_push_that_goes_on_are_kept(ws: runstore.Workspace, tmp_path: Path) -> None:
    first = of_runs(ws, ["r0"], 1, tmp_path / "first")
    second = of_runs(ws, ["r0"], 2, tmp_path / "second")
    assert facts.newest("params", [first["params"], second["params"]], [first["runs"]], tmp_path / "p.parquet") == 2


def test_of_experiments_the_newest_word_is_kept(ws: runstore.Workspace, tmp_path: Path) -> None:
    parts = []
    for revision in (1, 2):
        (tmp_path / str(revision)).mkdir()
        parts += [one.path for one in facts.of_all(ws.path, revision, tmp_path / str(revision))]
    assert facts.newest("experiments", parts, [], tmp_path / "e.parquet") == 1
    assert rows(tmp_path / "e.parquet")[0][-1] == 2


def test_the_rows_of_runs_can_be_taken_out_of_a_file(ws: runstore.Workspace, tmp_path: Path) -> None:
    made = of_runs(ws, ["r0", "r1", "r2"], 1, tmp_path / "out")
    assert facts.without(made["runs"], ["r1", "none"], tmp_path / "left.parquet") == 2
    assert facts.ends(tmp_path / "left.parquet") == ("r0", "r2")
    assert facts.without(made["runs"], ["none"], tmp_path / "same.parquet") is None
    assert facts.without(made["runs"], ["r0", "r1", "r2"], tmp_path / "none.parquet") == 0
    assert facts.ends(tmp_path / "none.parquet") is None
