"""Values as JSON has them, so that a page reads them exactly or not at all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

EXACT = 2**53
"""What is beyond it, a page's numbers can't tell apart; such integers are texts."""


def value(given: Any) -> Any:
    """A value as plain JSON: no NaN and no infinity (None), times as ISO 8601 in UTC, long integers as text."""
    if given is None or isinstance(given, str | bool):
        return given
    if isinstance(given, int):
        return given if abs(given) <= EXACT else str(given)
    if isinstance(given, float):
        return given if math.isfinite(given) else None
    if isinstance(given, datetime):
        return iso(given)
    if isinstance(given, Mapping):
        return {str(key): value(one) for key, one in given.items()}
    if isinstance(given, list | tuple | set | frozenset):
        return [value(one) for one in given]
    return str(given)


def iso(time: datetime | None) -> str | None:
    """A time, of UTC where it has no zone."""
    if time is None:
        return None
    aware = time if time.tzinfo is None else time.astimezone(UTC)
    return f"{aware.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def nanoseconds(time: int | None) -> str | None:
    """A time as facts have it."""
    return (
        None
        if time is None
        else iso(datetime.fromtimestamp(time // 10**9, UTC).replace(microsecond=time // 1000 % 10**6))
    )


def seconds(begin: int | None, end: int | None) -> float | None:
    """From one such time to another; None where one is not known."""
    return None if begin is None or end is None else max(0.0, (end - begin) / 1e9)
