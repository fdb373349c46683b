"""The exponential mean over buckets is that over as many points."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.query.smoothing import exponential

BUCKETS = st.lists(
    st.one_of(st.tuples(st.integers(1, 20), st.floats(-100, 100)), st.tuples(st.just(0), st.none())), max_size=30
)


@given(BUCKETS, st.floats(0, 0.999))
def test_a_bucket_counts_as_its_points_would(buckets: list[tuple[int, float | None]], weight: float) -> None:
    mean = total = 0.0
    for (count, value), told in zip(buckets, exponential(buckets, weight), strict=True):
        for _ in range(count):
            assert value is not None
            total, mean = weight * total + 1 - weight, weight * mean + (1 - weight) * value
        assert told == (None if value is None else pytest.approx(mean / total, abs=1e-6))


@given(BUCKETS, st.floats(0, 0.999))
def test_it_stays_between_the_means_it_has_seen(buckets: list[tuple[int, float | None]], weight: float) -> None:
    seen: list[float] = []
    for (_, value), told in zip(buckets, exponential(buckets, weight), strict=True):
        if value is not None and told is not None:
            seen.append(value)
            assert min(seen) - 1e-9 <= told <= max(seen) + 1e-9


def test_the_first_mean_is_taken_as_it_is_and_without_weight_all_are() -> None:
    assert next(exponential([(1, 5.0)], 0.99)) == 5.0
    assert list(exponential([(1, 5.0), (0, None), (3, 7.0)], 0.0)) == [5.0, None, 7.0]


def test_very_many_points_forget_all_before_and_very_large_ones_stay_finite() -> None:
    assert list(exponential([(1, 5.0), (10**9, 7.0)], 0.999))[1] == 7.0
    assert list(exponential([(1, 1.7e308), (1, -1.7e308)], 0.5))[1] == pytest.approx(-1.7e308 / 3)


@given(st.floats(-1e9, 1e9), st.floats(0, 0.999), st.lists(st.integers(1, 20), min_size=1))
def test_what_is_constant_stays_exactly_so(value: float, weight: float, counts: list[int]) -> None:
    assert {*exponential([(count, value) for count in counts], weight)} == {value}
