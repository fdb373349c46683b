"""Rows are written run after run into files of one kind, and come back run after run as they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from runstore.disk import block_rows, segment
from runstore.disk.block_rows import Cursor, Rows
from runstore.errors import Damaged
from runstore.format import schemas

RUNS = {"a": 3, "b": 1, "c": 700, "ü": 2}


def batches(run_id: str, count: int, size: int = 300) -> list[Any]:
    blank: dict[str, Any] = dict.fromkeys(schemas.COLUMNS["points"])
    known = {"run_id": run_id, "experiment": "e", "name": "loss", "writer": "w", "attempt": 1, "kind": "float"}
    rows = [{**blank, **known, "seq": n, "step": n, "time": n, "value": n / 7, "indexed": False} for n in range(count)]
    return list(pa.Table.from_pylist(rows, schemas.schema("points")).to_batches(size))


def written(directory: Path, runs: dict[str, int]) -> tuple[Rows, dict[str, str]]:
    rows = Rows(directory, "points")
    where = {run_id: rows.add(run_id, batches(run_id, count)) for run_id, count in runs.items()}
    rows.close()
    return rows, where


def parts(directory: Path, rows: Rows) -> list[tuple[Path, dict[str, Any]]]:
    return [(directory / name, entry) for name, entry in rows.files.items()]


def taken(cursor: Cursor, run_id: str) -> list[dict[str, Any]]:
    return [row for batch in cursor.take(run_id) for row in batch.to_pylist()]


def test_every_run_comes_back_as_it_was(tmp_path: Path) -> None:
    rows, _ = written(tmp_path, RUNS)
    cursor = Cursor(parts(tmp_path, rows))
    for run_id, count in RUNS.items():
        assert taken(cursor, run_id) == [row for batch in batches(run_id, count) for row in batch.to_pylist()]


def test_runs_that_nobody_asks_for_are_passed_over(tmp_path: Path) -> None:
    rows, _ = written(tmp_path, RUNS)
    cursor = Cursor(parts(tmp_path, rows))
    assert taken(cursor, "aa") == []
    assert len(taken(cursor, "ü")) == 2
    assert taken(cursor, "üü") == []


def test_the_record_tells_of_each_file_what_is_in_it(tmp_path: Path) -> None:
    rows, where = written(tmp_path, RUNS)
    ((name, entry),) = rows.files.items()
    assert set(where.values()) == {name}
    assert (entry["kind"], entry["rows"], entry["first"], entry["last"]) == ("points", 706, "a", "ü")
    segment.verify(tmp_path / name, entry, deep=True)


def test_row_groups_are_filled_across_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "ROW_GROUP", 100)
    rows, _ = written(tmp_path, RUNS)
    with pq.ParquetFile(tmp_path / next(iter(rows.files))) as file:
        assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [100] * 7 + [6]
        assert [c.column_index for c in file.metadata.row_group(0).sorting_columns] == [0, 2, 7, 6, 8]


def test_rows_of_many_bytes_are_written_before_there_are_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_rows, "HEAVY", 1000)
    rows, _ = written(tmp_path, RUNS)
    with pq.ParquetFile(tmp_path / next(iter(rows.files))) as file:
        assert file.num_row_groups > 2
    assert len(taken(Cursor(parts(tmp_path, rows)), "c")) == 700


def test_a_full_file_is_followed_by_another_and_no_run_lies_in_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(block_rows, "FULL", 1000)
    monkeypatch.setattr(segment, "ROW_GROUP", 100)
    rows, where = written(tmp_path, RUNS)
    assert list(rows.files) == ["points-0000.parquet", "points-0001.parquet"]
    assert [(one["first"], one["last"], one["rows"]) for one in rows.files.values()] == [("a", "c", 704), ("ü", "ü", 2)]
    assert where["c"] != where["ü"]
    cursor = Cursor(parts(tmp_path, rows))
    assert [len(taken(cursor, run_id)) for run_id in RUNS] == list(RUNS.values())


def test_a_damaged_file_gives_nothing(tmp_path: Path) -> None:
    rows, _ = written(tmp_path, RUNS)
    ((path, entry),) = parts(tmp_path, rows)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(Damaged, match="SHA-256"):
        Cursor([(path, entry)])


def test_what_was_abandoned_is_closed(tmp_path: Path) -> None:
    rows = Rows(tmp_path, "points")
    rows.add("a", batches("a", 3))
    rows.abandon()
    rows.abandon()
    (path,) = tmp_path.iterdir()
    path.unlink()
