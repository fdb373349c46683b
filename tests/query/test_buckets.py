"""The SQL of buckets by itself: which bucket, and when the quick way may be believed."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runstore.query import buckets, connect
from runstore.query.buckets import Axis
from runstore.query.connect import DuckDBPyConnection

INT64 = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-20, 20))


@pytest.fixture(scope="module")
def connection() -> DuckDBPyConnection:
    return connect.connect()


def bucket(connection: DuckDBPyConnection, axis: Axis, x: float, kind: str) -> Any:
    query = f"SELECT {axis.bucket} FROM (SELECT ?::{kind} AS x) WHERE {axis.where}"
    return [row[0] for row in connection.execute(query, [x]).fetchall()]


@settings(max_examples=200, deadline=None)
@given(ends=st.tuples(INT64, INT64), x=INT64, points=st.sampled_from([1, 3, 2000, 10**6]), warm=st.booleans())
def test_a_whole_number_is_in_the_bucket_that_exact_division_says(
    connection: DuckDBPyConnection, ends: tuple[int, int], x: int, points: int, warm: bool
) -> None:
    low, high = sorted(ends)
    exact = max(math.floor(Fraction((x - low) * points, high - low + 1)), -points)
    there = x <= high and (warm or x >= low)
    assert bucket(connection, Axis(low, high, points, warm=warm), x, "BIGINT") == ([exact] if there else [])


@settings(max_examples=200, deadline=None)
@given(
    ends=st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 2),
    share=st.floats(0, 1),
    points=st.sampled_from([1, 3, 2000]),
)
def test_a_double_is_in_a_bucket_between_the_ends_and_the_ends_are_in_the_outer_ones(
    connection: DuckDBPyConnection, ends: tuple[float, float], share: float, points: int
) -> None:
    low, high = sorted(ends)
    axis = Axis(low, high, points, whole=False)
    (found,) = bucket(connection, axis, min(max(low * (1 - share) + high * share, low), high), "DOUBLE")
    assert 0 <= found < points
    assert bucket(connection, axis, low, "DOUBLE") == [0]
    if high * 0.5 - low * 0.5 > 1e-300:
        assert bucket(connection, axis, high, "DOUBLE") == [points - 1]


@pytest.mark.parametrize(
    ("points", "finite", "tied"),
    [
        ([(0, 1.0), (1, 2.0)], True, False),
        ([(0, 1.0), (1, 2.0), (1, 3.0)], True, True),
        ([(0, 1.0), (0, 2.0), (1, 3.0)], True, False),
        ([(0, 1.0), (1, math.nan)], False, False),
        ([(0, math.inf), (1, 1.0), (1, math.nan)], False, True),
        ([(0, 1.7e308), (1, 1.7e308)], False, False),
        ([], True, False),
    ],
    ids=["plain", "ends in two", "two, but not at the end", "nan", "both", "a sum too large", "nothing"],
)
@pytest.mark.parametrize("keys", [(), ("run_id",)], ids=["one", "many"])
def test_the_quick_way_is_known_not_to_tell_the_truth(
    connection: DuckDBPyConnection, points: list[tuple[int, float]], finite: bool, tied: bool, keys: tuple[str, ...]
) -> None:
    connection.execute("CREATE OR REPLACE TEMP TABLE source (x BIGINT, value DOUBLE, run_id VARCHAR)")
    for point in points:
        connection.execute("INSERT INTO source VALUES (?, ?, 'r')", point)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE buckets AS {buckets.quick('source', keys, Axis(0, 1, 1))}")
    assert buckets.finite(connection) is finite
    assert buckets.tied(connection, "source", keys) is tied


def test_a_double_is_written_so_that_it_is_read_back_exactly(connection: DuckDBPyConnection) -> None:
    for value in (0.1, 1e300, 5e-324, -2.5, math.inf, 1 / 3):
        assert connection.execute(f"SELECT {buckets.double(value)}").fetchall() == [(value,)]
