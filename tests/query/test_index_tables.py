"""The tables of an index hold all that views over facts and summaries say."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk import inventory
from runstore.query import connect, index_tables, listing, sealing


@pytest.fixture
def tables(ws: runstore.Workspace, tmp_path: Path) -> Path:
    with ws.experiment("e").start_logging(run_id="a", params={"lr": 0.5, "big": 2**70, "list": [1, 2]}) as run:
        run.tag("t", "x")
        run.log("loss", 3)
        run.log("loss", math.nan)
        run.log("note", "text")
    ws.experiment("e").start_logging(run_id="a", params={"lr": 1}).complete()
    sealing.seal(ws.path, run.path)
    (folded,) = listing.runs(ws.path)
    record = inventory.scan(run.path).active[0][0]
    target = tmp_path / "tables"
    target.mkdir()
    index_tables.write(target, [(folded, folded.inventory.summary(record), 7)])
    return target


def rows(tables: Path, table: str, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
    source = f"read_parquet({connect.quoted(str(tables / f'{table}.parquet'))})"
    return connect.connect().execute(f"SELECT {columns} FROM {source} WHERE {where} ORDER BY ALL").fetchall()


def test_of_a_param_of_several_attempts_the_last_holds(tables: Path) -> None:
    found = rows(tables, "labels", "name, attempt, holds, kind, value, text", "of = 'param' AND name = 'lr'")
    assert found == [("lr", 1, False, "float", 0.5, "0.5"), ("lr", 2, True, "int", 1.0, "1")]


def test_every_value_has_its_text(tables: Path) -> None:
    found = rows(tables, "labels", "name, kind, text", "of <> 'property' AND name <> 'lr'")
    assert found == [("big", "int", str(2**70)), ("list", "json", "[1,2]"), ("t", "str", "x")]


def test_summaries_keep_first_and_last_exactly(tables: Path) -> None:
    found = rows(tables, "summary", "name, count, finite, first_kind, first_text, last_kind, last_text, nan_count")
    assert found == [("loss", 2, 1, "int", "3", "float", "nan", 1), ("note", 1, 0, "str", "text", "str", "text", 0)]


def test_names_tell_what_kinds_hold_and_that_an_int_is_huge(tables: Path) -> None:
    found = rows(tables, "names", "of, name, kind, runs", "of IN ('param', 'metric')")
    assert found == [
        ("metric", "loss", "float", 1), ("metric", "note", "str", 1),
        ("param", "big", "huge", 1), ("param", "list", "json", 1), ("param", "lr", "int", 1),
    ]  # fmt: skip


def test_a_run_has_what_is_needed_to_number_it_and_to_tell_whether_it_changed(tables: Path) -> None:
    ((changed, begun, started, last, whole),) = rows(tables, "runs", "changed, begun, started_ns, last_start, whole")
    assert (changed, begun == started, last > started, whole) == (7, True, True, None)


def test_rows_that_don_t_fit_into_memory_at_once_arrive_all_the_same(
    ws: runstore.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        ws.experiment("e").start_logging(run_id=f"r{number}", params={"lr": number}).complete()
    monkeypatch.setattr(index_tables, "_ROWS", 3)
    told = index_tables.write(tmp_path, [(run, {}, None) for run in listing.runs(ws.path)])
    assert (told["runs.parquet"]["rows"], told["writers.parquet"]["rows"]) == (5, 5)
    assert rows(tmp_path, "labels", "run_id, value", "name = 'lr'") == [(f"r{n}", float(n)) for n in range(5)]
