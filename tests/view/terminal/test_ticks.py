"""Axes: round marks that tell values apart, and a place for every value."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.view.terminal import ticks

finite = st.floats(-1e12, 1e12)


@given(finite, finite, st.integers(2, 12))
def test_marks_lie_on_the_axis_and_are_not_more_than_asked_for(one: float, other: float, most: int) -> None:
    axis = ticks.axis(min(one, other), max(one, other))
    marks = axis.marks(most)
    assert 1 <= len(marks) <= most
    assert all(-1e-6 <= axis.place(value) <= 1 + 1e-6 for value, _ in marks)


@given(finite, finite, st.integers(2, 12))
def test_texts_of_marks_differ(one: float, other: float, most: int) -> None:
    low, high = min(one, other), max(one, other)
    if high - low > 1e-6 * max(abs(low), abs(high)):
        texts = [text for _, text in ticks.axis(low, high).marks(most)]
        assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0, 100, ["0", "25", "50", "75", "100"]),
        (0, 0.9, ["0.00", "0.25", "0.50", "0.75"]),
        (-30, 29, ["-20", "0", "20"]),
        (0, 5e-5, ["0", "2e-5", "4e-5"]),
        (0, 4e9, ["0", "1e9", "2e9", "3e9", "4e9"]),
    ],
)
def test_marks_are_round_numbers(low: float, high: float, texts: list[str]) -> None:
    assert [text for _, text in ticks.axis(low, high).marks(5)] == texts


def test_marks_of_steps_are_whole_numbers() -> None:
    assert [text for _, text in ticks.axis(0, 3).marks(9, whole=True)] == ["0", "1", "2", "3"]


def test_a_single_value_stands_in_the_middle() -> None:
    for value in (0.0, 5.0, -2.5, 1e300):
        assert ticks.axis(value, value).place(value) == pytest.approx(0.5)
    assert ticks.axis(4.0, 4.0, log=True).place(4.0) == pytest.approx(0.5)


def test_equal_factors_take_equal_room_on_a_log_axis() -> None:
    axis = ticks.axis(0.01, 100.0, log=True)
    assert [axis.place(10.0**power) for power in range(-2, 3)] == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert [value for value, _ in axis.marks(5)] == pytest.approx([0.01, 0.1, 1, 10, 100])


def test_a_log_axis_within_one_decade_has_marks_too() -> None:
    values = [value for value, _ in ticks.axis(3.1, 3.9, log=True).marks(5)]
    assert len(values) >= 2
    assert all(3.1 <= value <= 3.9 for value in values)


def test_a_widened_axis_has_room_at_both_ends() -> None:
    assert ticks.axis(0.0, 10.0).widened(0.1) == ticks.Axis(-1.0, 11.0)
    wide = ticks.axis(1.0, 100.0, log=True).widened(0.5)
    assert (wide.low, wide.high) == pytest.approx((0.1, 1000.0))
    assert math.isclose(wide.place(10.0), 0.5)


def test_values_as_far_apart_as_there_are_have_places_and_marks() -> None:
    axis = ticks.axis(-1.7e308, 1.7e308).widened(0.05)
    assert 0 <= axis.place(-1.7e308) < axis.place(0.0) < axis.place(1.7e308) <= 1
    assert all("0" in [text for _, text in axis.marks(most)] for most in range(2, 9))
