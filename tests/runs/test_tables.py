"""Tables of every make are the same rows."""

from __future__ import annotations

import datetime
import math
from typing import Any

import numpy
import pandas
import polars
import pyarrow
import pytest

from runstore.errors import InvalidValue, UsageError
from runstore.runs import tables

COLUMNS = {"a": [1, 2], "b": ["x", None]}
ROWS = [{"a": 1, "b": "x"}, {"a": 2, "b": None}]


@pytest.mark.parametrize(
    "table",
    [
        COLUMNS, ROWS, {"a": (1, 2), "b": iter(["x", None])}, {"a": numpy.array([1, 2]), "b": ["x", None]},
        pandas.DataFrame(COLUMNS), pandas.DataFrame(COLUMNS).convert_dtypes(), polars.DataFrame(COLUMNS),
        pyarrow.table(COLUMNS), pyarrow.record_batch(COLUMNS), (row for row in ROWS),
    ],
    ids=lambda table: type(table).__name__,
)  # fmt: skip
def test_every_make_gives_the_same_rows(table: Any) -> None:
    found = tables.rows(table, "table")
    assert found == ROWS
    assert type(found[0]["a"]) is int


@pytest.mark.parametrize(
    "table",
    [
        {},
        [],
        {"a": []},
        pandas.DataFrame({"a": []}),
        pandas.DataFrame(),
        polars.DataFrame({"a": []}),
        pyarrow.table({}),
    ],
    ids=lambda table: type(table).__name__,
)
def test_an_empty_table_has_no_rows(table: Any) -> None:
    assert tables.rows(table, "table") == []


@pytest.mark.parametrize(
    "table", [{"a": 1, "b": "xy"}, {"a": numpy.int64(1), "b": "xy"}, {"a": numpy.array(1), "b": "xy"}]
)
def test_a_dict_of_scalars_is_one_row(table: Any) -> None:
    assert tables.rows(table, "table") == [{"a": 1, "b": "xy"}]


def test_columns_of_unequal_length_are_refused_with_their_lengths() -> None:
    with pytest.raises(UsageError, match="unequal length \\('a' has 1, 'b' has 2\\)"):
        tables.rows({"a": [1], "b": [1, 2]}, "table")
    with pytest.raises(UsageError, match="'b' is one value and other columns are lists"):
        tables.rows({"a": [1], "b": 2}, "table")


@pytest.mark.parametrize("table", [3, "text", [[1, 2]], numpy.zeros((2, 2)), [{"a": 1}, 2]])
def test_what_is_no_table_is_refused(table: Any) -> None:
    with pytest.raises(InvalidValue, match="table"):
        tables.rows(table, "table")


def test_rows_may_have_different_columns() -> None:
    assert tables.rows([{"a": 1}, {"b": 2}], "table") == [{"a": 1}, {"b": 2}]


def test_what_is_missing_is_none_but_nan_is_a_number() -> None:
    frame = pandas.DataFrame(
        {
            "t": pandas.to_datetime(["2020-01-01", None]),
            "i": pandas.array([1, None], dtype="Int64"),
            "f": [0.5, math.nan],
            "s": ["x", None],
            "b": pandas.array([True, None], dtype="boolean"),
        }
    )
    first, second = tables.rows(frame, "table")
    assert first == {"t": "2020-01-01T00:00:00", "i": 1, "f": 0.5, "s": "x", "b": True}
    assert math.isnan(second.pop("f"))
    assert second == {"t": None, "i": None, "s": None, "b": None}


def test_dates_are_iso_text() -> None:
    day = datetime.date(2020, 1, 2)
    at = datetime.datetime(2020, 1, 2, 3, tzinfo=datetime.UTC)
    found = tables.rows({"d": [day], "t": [at], "n": numpy.array(["2020-01-02"], "M8[D]")}, "table")
    assert found == [{"d": "2020-01-02", "t": "2020-01-02T03:00:00+00:00", "n": "2020-01-02T00:00:00"}]


def test_columns_without_a_text_as_name_get_one() -> None:
    assert tables.rows(pandas.DataFrame([[1, 2]]), "table") == [{"0": 1, "1": 2}]


def test_by_column_one_row_is_scalars_and_gaps_are_none() -> None:
    assert tables.by_column([{"a": 1, "b": [2]}]) == {"a": 1, "b": [2]}
    assert tables.by_column([{"a": 1}, {"b": 2}, {"a": 3}]) == {"a": [1, None, 3], "b": [None, 2, None]}


@pytest.mark.parametrize(
    "table",
    [
        pandas.DataFrame([[1, 2]], columns=["1", "1"]), pandas.DataFrame([[1, 2]], columns=[1, "1"]),
        pyarrow.table([[1], [2]], names=["1", "1"]), pyarrow.record_batch([[1], [2]], names=["1", "1"]),
        {1: [1], "1": [2]}, {1: 1, "1": 2}, [{1: 1, "1": 2}],
    ],
    ids=lambda table: type(table).__name__,
)  # fmt: skip
def test_no_column_is_lost_to_another_of_its_name(table: Any) -> None:
    with pytest.raises(UsageError, match="two columns are named '1'"):
        tables.rows(table, "table")
