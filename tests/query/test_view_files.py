"""One file for each view, in each format the same rows."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.query import view_files
from runstore.query.views import VIEWS

ODD = "a,\"b\"\r\n'c';ü\U0001f600"


@pytest.fixture
def full(ws: runstore.Workspace) -> runstore.Workspace:
    for name in ("in", "out"):
        with runstore.start_run(ODD, run_id=name, tags={"stage": ODD}, params={"lr": 0.1}, workspace=ws) as run:
            run.log({"loss": 0.1 + 0.2, "odd": math.nan, "big": 2**60 + 1, "up": math.inf, "down": -math.inf})
            run.log("note", ODD)
            run.log_row("t", x=ODD)
    return ws


@pytest.mark.parametrize("format", view_files.FORMATS)
def test_every_view_has_its_rows_in_a_file(full: runstore.Workspace, tmp_path: Path, format: str) -> None:
    full.export(tmp_path / "out", "in", format=format)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"{view}.{format}" for view in VIEWS} | {
        "README.md"
    }
    reader = "json" if format == "jsonl" else format
    for view in VIEWS:
        read = f"select count(*) from read_{reader}('{tmp_path / 'out' / view}.{format}')"
        where = "where run_id = 'in'" if "run_id" in VIEWS[view] else ""
        wanted = full.sql(f"select count(*) from {view} {where}").fetchall()
        if wanted != [(0,)] or format == "parquet":
            assert full.sql(read).fetchall() == wanted, view


def test_parquet_has_the_values_as_they_are(full: runstore.Workspace, tmp_path: Path) -> None:
    full.export(tmp_path / "out", "in", format="parquet")
    columns = "name, value, kind, text, time, step, seq"
    there = full.sql(f"select {columns} from read_parquet('{tmp_path / 'out'}/metrics.parquet') order by seq")
    here = full.sql(f"select {columns} from metrics where run_id = 'in' order by seq")
    assert repr(there.fetchall()) == repr(here.fetchall())
    assert there.types == here.types


def test_lines_of_json_are_json_for_everybody(full: runstore.Workspace, tmp_path: Path) -> None:
    full.export(tmp_path / "out", "in", format="jsonl")

    def refuse(text: str) -> Any:
        raise AssertionError(text)

    lines = (tmp_path / "out" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    found = {row["name"]: row for row in (json.loads(line, parse_constant=refuse) for line in lines)}
    assert {name: row["value"] for name, row in found.items()} == {
        "loss": 0.1 + 0.2, "odd": "NaN", "big": float(2**60), "up": "Infinity", "down": "-Infinity", "note": None,
    }  # fmt: skip
    assert (found["note"]["text"], found["big"]["text"]) == (ODD, str(2**60 + 1))


def test_csv_quotes_what_it_must(full: runstore.Workspace, tmp_path: Path) -> None:
    full.export(tmp_path / "out", "in", format="csv")
    with (tmp_path / "out" / "metrics.csv").open(encoding="utf-8", newline="") as file:
        found = {row["name"]: row for row in csv.DictReader(file)}
    assert found["note"]["text"] == ODD
    assert float(found["loss"]["value"]) == 0.1 + 0.2
    with (tmp_path / "out" / "runs.csv").open(encoding="utf-8", newline="") as file:
        ((row),) = csv.DictReader(file)
    assert json.loads(row["tags"]) == {"stage": ODD}


def test_the_page_beside_them_names_every_column(full: runstore.Workspace, tmp_path: Path) -> None:
    full.export(tmp_path / "out", format="parquet")
    page = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert page.startswith(view_files.TITLE)
    for view, columns in VIEWS.items():
        assert f"## {view}.parquet" in page
        assert all(f"| `{column}` |" in page for column in columns)
    assert "2 runs; one file" in page and "12 rows." in page
