"""Data for programs: what is written can be read, by what reads such formats."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import runstore
from runstore.cli import output

VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())
AT = datetime.fromisoformat("2026-01-02T03:04:05.5")


def written(columns: list[str], rows: list[tuple[object, ...]], format_: str) -> str:
    stream = io.StringIO()
    output.write_rows(stream, columns, rows, format_)
    return stream.getvalue()


@given(st.lists(st.tuples(VALUES, VALUES)))
def test_json_is_json_whatever_is_in_it(rows: list[tuple[object, ...]]) -> None:
    read = json.loads(written(["a", "b"], rows, "json"), parse_constant=pytest.fail)
    assert len(read) == len(rows)
    for row, back in zip(rows, read, strict=True):
        for value, told in zip(row, back.values(), strict=True):
            finite = not isinstance(value, float) or math.isfinite(value)
            assert told == (value if finite else output.plain(value))


@given(st.lists(st.tuples(VALUES)))
def test_json_lines_are_one_object_a_line(rows: list[tuple[object, ...]]) -> None:
    lines = written(["a"], rows, "jsonl").split("\n")[:-1]
    assert [list(json.loads(line)) for line in lines] == [["a"]] * len(rows)


@given(st.lists(st.tuples(st.text(), st.text())))
def test_csv_gives_text_back(rows: list[tuple[object, ...]]) -> None:
    text = written(["a", "b"], rows, "csv")
    assert [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))] == [("a", "b"), *rows]


def test_values_without_a_json_form_are_told_as_text() -> None:
    assert output.plain([float("nan"), float("inf"), -float("inf")]) == ["NaN", "Infinity", "-Infinity"]
    assert output.plain(AT) == "2026-01-02T03:04:05.500000Z"
    assert output.plain(timedelta(seconds=1.5)) == 1.5
    assert output.plain({"a": (Decimal("1"), Decimal("1.5"), b"\xff")}) == {"a": [1, 1.5, "ff"]}


def test_two_columns_of_one_name_are_both_kept() -> None:
    assert json.loads(written(["x", "x"], [(1, 2)], "json")) == [{"x": 1, "x_2": 2}]


def test_markdown_keeps_its_columns() -> None:
    assert written(["a", "b|c"], [("x|y", "z\nw")], "markdown") == ("| a | b\\|c |\n| --- | --- |\n| x\\|y | z\\nw |\n")


def test_a_table_in_a_file_has_no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert written(["a"], [(1,)], "table") == "a\n─\n1\n"


def test_a_file_is_whole_or_not_there(tmp_path: Path, ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("before")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output, "write_rows", fails)
    with pytest.raises(OSError, match="No space"):
        output.write_file(ws.sql("select 1 as a"), path, "csv")
    assert path.read_text() == "before"
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["rows.csv"]


def test_json_columns_are_not_quoted_twice(ws: runstore.Workspace) -> None:
    rows = list(output.rows_of(ws.sql("""select '{"a": [1]}'::JSON as j, null::JSON as n""")))
    assert rows == [[{"a": [1]}, None]]
