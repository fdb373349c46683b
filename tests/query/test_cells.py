"""A cell is compared as a number where it is one, else as text; what is not there fits only what is unequal."""

from __future__ import annotations

import duckdb
import pytest

from runstore.errors import UsageError
from runstore.query import cells
from runstore.query.cells import Condition

ROWS = ['{"a": 10}', '{"a": 9.5}', '{"a": "Ten"}', '{"a": {"f": "nan"}}', '{"b/~": 1}', '{"a": true}']


def asked(rest: str) -> list[int]:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (n INT, data JSON)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", [[at, row] for at, row in enumerate(ROWS)])
    return [at for (at,) in connection.execute(f"SELECT n FROM t {rest}").fetchall()]


@pytest.mark.parametrize(
    ("column", "how", "value", "rows"),
    [
        ("a", "=", "10.0", [0]), ("a", "=", "Ten", [2]), ("a", "!=", "10", [1, 2, 3, 4, 5]), ("a", "<", "10", [1]),
        ("a", ">=", "9.5", [0, 1]), ("a", "has", "EN", [2]), ("a", "has", "9", [1]), ("a", "=", "true", [5]),
        ("b/~", "=", "1", [4]), ("a", "=", "nan", [3]), ("a", ">", "'; drop", [0, 1, 2, 3, 5]),
    ],
)  # fmt: skip
def test_conditions_leave_rows(column: str, how: str, value: str, rows: list[int]) -> None:
    assert asked(cells.whole([cells.fits(Condition(column, how, value))]) + " ORDER BY n") == rows


def test_no_other_comparison_is_known() -> None:
    with pytest.raises(UsageError, match="compared by"):
        cells.fits(Condition("a", "or 1=1 --", "1"))


def test_numbers_come_before_texts_and_nan_and_nothing_at_the_end() -> None:
    assert asked(f"ORDER BY {cells.order('a', False)}, n") == [1, 0, 2, 5, 4, 3]
    assert asked(f"ORDER BY {cells.order('a', True)}, n") == [0, 1, 5, 2, 4, 3]


def test_a_text_is_found_anywhere_in_a_row() -> None:
    assert asked(cells.whole([cells.found("TEN")])) == [2]
    assert asked(cells.whole([None])) == [0, 1, 2, 3, 4, 5]
