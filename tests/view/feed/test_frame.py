"""What a frame holds is read back exactly, wherever Float32 can say it; where it can't, the frame is wide."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.view.feed import frame
from runstore.view.feed.frame import Curve
from tests.view.feed import frames

doubles = st.floats(width=64)


@given(
    st.lists(st.lists(st.tuples(doubles, *[doubles] * 4, st.integers(0, 2**32 - 1)), max_size=5), max_size=4), st.text()
)
def test_a_wide_frame_holds_every_number(given_series: list[list[tuple[float, ...]]], key: str) -> None:
    curves = []
    for rows in given_series:
        x, mean, low, high, last, odd = ([row[at] for row in rows] for at in range(6))
        curves.append(Curve({"key": key}, (x, [7.0] * len(rows), mean, low, high, last, odd, odd), wide=True))
    header, found = frames.decode(frame.encode({"cursor": key}, curves))
    assert header["cursor"] == key
    for one, rows in zip(found, given_series, strict=True):
        told = [*zip(*(one[column] for column in ("x", "mean", "min", "max", "last", "nan")), strict=True)]
        assert repr(told) == repr(rows)
        assert (one["count"], one["inf"], one["key"]) == ([7.0] * len(rows), one["nan"], key)


def test_values_are_float32_where_that_is_enough() -> None:
    columns = [[1.0], [2.0], [0.1], [math.nan], [-math.inf], [3.5], [4], [5]]
    data = frame.encode({}, [Curve({}, columns)])
    _, (one,) = frames.decode(data)
    assert one["mean"] == [struct.unpack("<f", struct.pack("<f", 0.1))[0]]
    assert math.isnan(one["min"][0]) and one["max"] == [-math.inf]
    assert (one["last"], one["nan"], one["inf"], one["wide"]) == ([3.5], [4], [5], False)


@pytest.mark.parametrize(
    ("ends", "smallest", "wide"),
    [
        ((0.0, 1.0), 0.1, False),
        ((None, None), None, False),
        ((0.0, 0.0), None, False),
        ((5.0, 5.0), 5.0, False),
        ((0.0, 1e39), 1.0, True),
        ((-1e39, 0.0), 1.0, True),
        ((0.0, 1.0), 1e-39, True),
        ((1_000_000.0, 1_000_000.5), 1_000_000.0, True),
        ((1_000_000.0, 1_001_000.0), 1_000_000.0, False),
    ],
)
def test_a_frame_is_wide_where_float32_would_show_something_else(
    ends: tuple[float | None, float | None], smallest: float | None, wide: bool
) -> None:
    assert frame.needs_wide(ends, smallest) is wide
