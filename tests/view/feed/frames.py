"""A frame read back, as a browser reads it."""

from __future__ import annotations

import json
import struct
from typing import Any

COLUMNS = ("x", "count", "mean", "min", "max", "last", "nan", "inf")


def decode(data: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The header, and of each series what the header says of it with its columns."""
    (length,) = struct.unpack_from("<I", data)
    start = 4 + length
    assert start % 8 == 0
    header = json.loads(data[4:start])
    found, end = [], start
    for one in header["series"]:
        at, columns = start + one["offset"], {}
        for column, code in zip(COLUMNS, "dd" + ("d" if one["wide"] else "f") * 4 + "II", strict=True):
            assert at % 8 == 0
            columns[column] = list(struct.unpack_from(f"<{one['n']}{code}", data, at))
            at += -(-one["n"] * struct.calcsize(code) // 8) * 8
        end = at
        found.append({**one, **columns})
    assert end == len(data)
    return header, found
