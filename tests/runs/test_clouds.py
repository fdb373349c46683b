"""Points come back from PLY as they went in."""

from __future__ import annotations

import struct
from typing import Any

import numpy
import pytest

from runstore.errors import InvalidValue, UsageError
from runstore.runs import clouds

COLOURED = "property uchar red\nproperty uchar green\nproperty uchar blue\n"


@pytest.mark.parametrize(
    ("width", "more", "layout"),
    [
        (3, "", "<fff"),
        (4, "property float intensity\n", "<ffff"),
        (5, "property float intensity\nproperty float label\n", "<fffff"),
        (6, COLOURED, "<fffBBB"),
    ],
)
@pytest.mark.parametrize("make", [list, numpy.array])
def test_every_column_is_kept(width: int, more: str, layout: str, make: Any) -> None:
    rows = [[float(place * 10 + axis) for axis in range(width)] for place in range(5)]
    head, _, body = clouds.ply(make(rows)).partition(b"end_header\n")
    assert head.decode() == (
        "ply\nformat binary_little_endian 1.0\nelement vertex 5\n"
        f"property float x\nproperty float y\nproperty float z\n{more}"
    )
    assert [[*row] for row in struct.iter_unpack(layout, body)] == rows


def test_no_points_are_a_cloud_too() -> None:
    assert b"element vertex 0\n" in clouds.ply([])


@pytest.mark.parametrize("given", [[[1, 2]], [[1] * 7], [1, 2, 3], [[1, 2, 3], [1, 2, 3, 4]]])
def test_a_point_has_three_to_six_numbers(given: Any) -> None:
    with pytest.raises(UsageError, match="give rows of x, y, z"):
        clouds.ply(given)


@pytest.mark.parametrize("given", [3, "text", [["a", 0, 0]], [[0, 0, 0, 256, 0, 0]], [[0, 0, 0, -1, 0, 0]]])
def test_what_holds_no_points_is_refused(given: Any) -> None:
    with pytest.raises(InvalidValue, match="point cloud"):
        clouds.ply(given)
