"""Student's t and what stands on it, against known values and against plain Python."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runstore.query import connect, intervals
from runstore.query.connect import DuckDBPyConnection

# From tables of the two-sided 95 % quantile.
KNOWN = {1: 12.7062, 2: 4.3027, 4: 2.7764, 9: 2.2622, 29: 2.0452, 30: 2.0423, 60: 2.0003, 120: 1.9799, 10**6: 1.96}


@pytest.fixture(scope="module")
def connection() -> DuckDBPyConnection:
    return connect.connect()


def inside(t: float, freedom: int) -> float:
    """How likely it is that |T| <= t: the closed forms for whole degrees of freedom (Abramowitz, Stegun 26.7.3, 4)."""
    angle = math.atan(t / math.sqrt(freedom))
    square, odd = math.cos(angle) ** 2, freedom % 2 == 1
    term = total = math.cos(angle) if odd else 1.0
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= (k - 1) / k * square
        total += term
    if odd:
        return 2 / math.pi * (angle + (math.sin(angle) * total if freedom > 1 else 0.0))
    return math.sin(angle) * total


def test_the_quantile_is_that_of_the_tables(connection: DuckDBPyConnection) -> None:
    found = connection.execute(f"SELECT n, {intervals.t('n')} FROM (SELECT unnest(?) AS n)", [[*KNOWN]]).fetchall()
    assert {n: round(t, 4) for n, t in found} == KNOWN


def test_the_quantile_has_95_percent_inside_for_every_degree_of_freedom(connection: DuckDBPyConnection) -> None:
    found = connection.execute(f"SELECT n::BIGINT, {intervals.t('n')} FROM range(1, 400) r(n)").fetchall()
    assert len(found) == 399
    assert all(inside(t, n) == pytest.approx(0.95, abs=5e-9) for n, t in found)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf, -math.inf])), max_size=60))
def test_a_group_is_told_as_plain_python_tells_it(connection: DuckDBPyConnection, values: list[float]) -> None:
    query = f"SELECT {intervals.aggregates('v')}, {intervals.odd('v')} FROM (SELECT unnest(?::DOUBLE[]) AS v)"
    ((n, mean, std, low, high, least, greatest, nans, infs),) = connection.execute(query, [values]).fetchall()
    finite = [value for value in values if math.isfinite(value)]
    assert (n, nans, infs) == (len(finite), sum(map(math.isnan, values)), sum(map(math.isinf, values)))
    assert (least, greatest) == (min(finite, default=None), max(finite, default=None))
    assert mean == (pytest.approx(statistics.fmean(finite), abs=1e-6) if finite else None)
    if n < 2:
        assert (std, low, high) == (None, None, None)
        return
    assert std == pytest.approx(statistics.stdev(finite), rel=1e-6, abs=1e-6)
    half = connection.execute(f"SELECT {intervals.t(str(n - 1))}").fetchall()[0][0] * std / math.sqrt(n)
    assert (low, high) == (pytest.approx(mean - half), pytest.approx(mean + half))


def test_a_mean_lies_between_the_least_and_the_greatest_however_large(connection: DuckDBPyConnection) -> None:
    query = f"SELECT mean FROM (SELECT {intervals.aggregates('v')} FROM (SELECT unnest(?::DOUBLE[]) AS v))"
    assert connection.execute(query, [[0.1, 0.1, 0.1]]).fetchall() == [(0.1,)]
    assert connection.execute(query, [[1.7e308] * 3]).fetchall() == [(1.7e308,)]


def test_the_numbers_may_come_in_any_order(connection: DuckDBPyConnection) -> None:
    values = [math.sin(k) * 10.0 ** (k % 11 - 5) for k in range(2000)] + [math.nan, math.inf]
    query = f"SELECT {intervals.aggregates('v')}, {intervals.odd('v')} FROM (SELECT unnest(?::DOUBLE[]) AS v)"
    orders = values, values[::-1], values[1000:] + values[:1000], sorted(values[:2000]) + values[2000:]
    assert len({connection.execute(query, [one]).fetchall()[0] for one in orders}) == 1


def test_quartiles_leave_out_what_is_not_finite(connection: DuckDBPyConnection) -> None:
    query = f"SELECT {intervals.quartiles('v')} FROM (SELECT unnest(?::DOUBLE[]) AS v)"
    values = [5.0, math.nan, 1.0, math.inf, 2.0, 4.0, 3.0]
    assert connection.execute(query, [values]).fetchall() == [(2.0, 3.0, 4.0)]
