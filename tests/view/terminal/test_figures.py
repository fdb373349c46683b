"""Numbers, times and sizes as people read them."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.view.terminal import figures

NOW = datetime(2026, 1, 31, 12, 0)  # noqa: DTZ001 - as the views give times


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (1 / 3, "0.333333"), (2.0, "2"), (-0.0, "-0"), (1e20, "1e+20"), (123456789, "123456789"),
     (math.nan, "nan"), (-math.inf, "-inf")],
)  # fmt: skip
def test_a_number_is_short(value: float, text: str) -> None:
    assert figures.number(value) == text


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([3295.123456, 33.5, None], ["3295.1", "33.5", ""]),
        ([0.95, 0.5], ["0.95", "0.50"]),
        ([1.0, 20.0], ["1", "20"]),
        ([1e-6, 0.5], ["1e-06", "0.5"]),
        ([1.5, math.nan, math.inf], ["1.5", "nan", "inf"]),
        ([True, 2], ["true", "2"]),
    ],
)
def test_numbers_of_a_column_have_their_points_in_one_line(values: list[object], texts: list[str]) -> None:
    assert figures.column(values) == texts


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8))
def test_a_column_says_each_value_to_two_digits_at_least(values: list[float]) -> None:
    for value, text in zip(values, figures.column(values), strict=True):
        assert math.isclose(float(text), value, rel_tol=0.05)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0123, "12ms"), (1.26, "1.3s"), (59.97, "1m 00s"), (200, "3m 20s"), (3600, "1h 00m"),
     (86400 * 2 + 3600, "2d 01h"), (-2, "-2.0s")],
)  # fmt: skip
def test_a_duration_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert figures.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s ago"), (59, "59 s ago"), (60, "1 min ago"), (7200, "2 h ago"), (86400 * 3, "3 d ago"),
     (86400 * 15, "2026-01-16"), (-5, "now"), (-3600, "2026-01-31 13:00")],
)  # fmt: skip
def test_a_moment_is_seen_from_now(seconds: float, text: str) -> None:
    assert figures.ago(NOW - timedelta(seconds=seconds), NOW) == text


def test_a_moment_in_full_names_its_zone() -> None:
    assert figures.moment(NOW - timedelta(minutes=5), NOW) == "2026-01-31 11:55:00 UTC (5 min ago)"
    assert (figures.moment(None), figures.ago(None)) == ("", "")


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1_500_000, "1.5 MB"), (2 * 10**15, "2e+03 TB")]
)
def test_a_size_has_the_unit_that_keeps_it_short(value: int, text: str) -> None:
    assert figures.size(value) == text


def test_one_is_singular() -> None:
    assert (figures.plural(1, "run"), figures.plural(1200, "run"), figures.count(1200)) == (
        "1 run",
        "1,200 runs",
        "1,200",
    )


def test_a_sparkline_goes_from_least_to_greatest_with_gaps() -> None:
    assert figures.sparkline([0.0, None, 1.0, math.nan, 0.5]) == "▁ █ ▅"
    assert figures.sparkline([2.0, 2.0]) == "▄▄"
    assert figures.sparkline([None]) == ""


@pytest.mark.parametrize(
    ("delta", "text"),
    [(None, ""), (math.nan, ""), (0.0, "="), (0.25, "+0.25"), (-math.inf, "-inf"), (12345.6, "+1.235e+04")],
)
def test_a_change_has_a_sign_where_it_can_be_said(delta: float | None, text: str) -> None:
    assert figures.change(delta) == text
