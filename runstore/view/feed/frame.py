"""Curves as one block of bytes that a browser reads without copying.

A frame is the length of its header (uint32, little endian), the header (JSON, padded with blanks so that what follows
begins at a multiple of 8), then the columns of each series one after another, each at a multiple of 8: x and count as
Float64, mean, min, max and last as Float32, nan and inf as Uint32. Where Float32 can't tell what there is to see, the
header says ``wide`` of the series, and the four are Float64. ``offset`` counts from the end of the padded header.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

LARGEST, SMALLEST = 3.4028234e38, 1.1754944e-38
"""Of what Float32 holds in full, the size of the greatest and of the least."""

FINE = 1e-4
"""Of the values' own size: curves that span less than this would look like stairs in Float32."""

_ALIGN = 8
_COUNTS = "I" if array("I").itemsize == 4 else "L"


@dataclass(frozen=True, slots=True)
class Curve:
    """A series to be sent. ``about``: what its header says; ``columns``: x, count, mean, min, max, last, nan, inf."""

    about: Mapping[str, Any]
    columns: Sequence[Sequence[float]]
    wide: bool = False


def needs_wide(ends: tuple[float | None, float | None], smallest: float | None) -> bool:
    """Whether Float32 would show something else.

    Args:
        ends: the least and greatest finite value.
        smallest: the size of the one nearest to 0.
    """
    low, high = ends
    if low is None or high is None:
        return False
    size = max(abs(low), abs(high))
    return size > LARGEST or (smallest is not None and smallest < SMALLEST) or 0 < high - low < FINE * size


def encode(about: Mapping[str, Any], curves: Iterable[Curve]) -> bytes:
    """A frame. ``about``: what its header says besides ``series``."""
    parts: list[bytes] = []
    series, offset = [], 0
    for curve in curves:
        own = [_padded(data) for data in _columns(curve)]
        series.append({**curve.about, "n": len(curve.columns[0]), "wide": curve.wide, "offset": offset})
        offset += sum(map(len, own))
        parts += own
    header = orjson.dumps({**about, "series": series})
    header += b" " * (-(4 + len(header)) % _ALIGN)
    return b"".join([len(header).to_bytes(4, "little"), header, *parts])


def _columns(curve: Curve) -> Iterator[bytes]:
    values = "d" if curve.wide else "f"
    for code, column in zip(("d", "d", *values * 4, _COUNTS, _COUNTS), curve.columns, strict=True):
        data = array(code, column)
        if sys.byteorder == "big":
            data.byteswap()
        yield data.tobytes()


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % _ALIGN)
