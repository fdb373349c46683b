"""Points in space as binary PLY (the Stanford Polygon File Format 1.0)."""

from __future__ import annotations

import struct
from typing import Any

from runstore.errors import InvalidValue, UsageError
from runstore.runs import arrays
from runstore.runs.logged_files import Found, at_path, is_path

_MORE = {3: (), 4: ("intensity",), 5: ("intensity", "label"), 6: ("red", "green", "blue")}


def found(points: Any) -> Found:
    """A file as it is, or rows as PLY (see ``ply``)."""
    return at_path(points) if is_path(points) else Found(ply(points), "model/ply", ".ply")


def ply(points: Any) -> bytes:
    """A PLY file of vertices.

    Args:
        points: an array or a list of rows x, y, z; then an intensity; then a label; or red, green, blue from 0 to 255.

    Raises:
        UsageError: rows of another length.
        InvalidValue: something that holds no points.
    """
    rows = arrays.listed(points, "point cloud")
    widths = {len(row) if isinstance(row, list | tuple) else -1 for row in rows} or {3}
    if len(widths) != 1 or (width := widths.pop()) not in _MORE:
        raise UsageError(
            "point cloud: give rows of x, y, z and nothing, an intensity, a label too, or red, green, blue"
        )
    colored = width == 6
    pack = struct.Struct("<fffBBB" if colored else f"<{width}f").pack
    try:
        body = b"".join([pack(*row[:3], *map(int, row[3:])) if colored else pack(*row) for row in rows])
    except (struct.error, TypeError, ValueError, OverflowError) as problem:
        raise InvalidValue(f"point cloud: {problem}; coordinates are numbers, colours go from 0 to 255") from None
    kinds = [("float", axis) for axis in "xyz"] + [("uchar" if colored else "float", one) for one in _MORE[width]]
    head = ["ply", "format binary_little_endian 1.0", f"element vertex {len(rows)}"]
    head += [f"property {kind} {one}" for kind, one in kinds]
    return "\n".join([*head, "end_header", ""]).encode() + body
