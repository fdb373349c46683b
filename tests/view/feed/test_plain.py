"""What JSON can't say exactly is said in another way."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from runstore.view.feed import plain


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, None),
        (True, True),
        (1, 1),
        (2**53, 2**53),
        (2**53 + 1, "9007199254740993"),
        (-(2**70), str(-(2**70))),
        (0.5, 0.5),
        (math.nan, None),
        (-math.inf, None),
        ("ä\0", "ä\0"),
        (datetime(2026, 1, 2, 3, 4, 5, 600, UTC).replace(tzinfo=None), "2026-01-02T03:04:05.000600Z"),
        (datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))), "2026-01-02T01:00:00.000000Z"),
        ({"a": [math.inf, {"b": (1,)}]}, {"a": [None, {"b": [1]}]}),
        (b"x", "b'x'"),
    ],
)
def test_a_value_is_plain(given: Any, told: Any) -> None:
    assert plain.value(given) == told


def test_nanoseconds_are_told_in_microseconds() -> None:
    when = datetime(2026, 5, 6, 7, 8, 9, 123456, UTC)
    assert plain.nanoseconds(int(when.timestamp()) * 10**9 + 123456789) == "2026-05-06T07:08:09.123456Z"
    assert plain.nanoseconds(None) is None


def test_a_stretch_of_time_is_in_seconds_and_never_negative() -> None:
    assert plain.seconds(10**9, 3 * 10**9) == 2.0
    assert plain.seconds(3, 1) == 0.0
    assert plain.seconds(None, 1) is None
