"""Frames become one video that keeps every pixel."""

from __future__ import annotations

import io
from typing import Any

import numpy
import pytest
from PIL import Image

from runstore.errors import InvalidValue, UsageError
from runstore.runs import video

FRAMES = numpy.random.default_rng(1).integers(0, 256, (4, 6, 5, 3), dtype="uint8")


@pytest.mark.parametrize(
    "given",
    [
        FRAMES, [*FRAMES], (frame for frame in FRAMES), [Image.fromarray(frame) for frame in FRAMES],
        FRAMES.transpose(0, 3, 1, 2),
    ],
    ids=["array", "list", "generator", "images", "channels first"],
)  # fmt: skip
def test_every_frame_is_kept(given: Any) -> None:
    found = Image.open(io.BytesIO(video.moving(given, 4)))
    assert found.n_frames == 4
    for place, frame in enumerate(FRAMES):
        found.seek(place)
        assert numpy.array_equal(numpy.array(found.convert("RGB")), frame)


@pytest.mark.parametrize("fps", [0, -1, "10", None, True, float("nan"), 1e9])
def test_frames_need_a_speed(fps: Any) -> None:
    with pytest.raises(UsageError, match="fps"):
        video.moving(FRAMES, fps)


def test_frames_are_of_one_size() -> None:
    with pytest.raises(UsageError, match="differ"):
        video.moving([FRAMES[0], FRAMES[0][:3]], 1)
    with pytest.raises(UsageError, match="no frames"):
        video.moving([], 1)


@pytest.mark.parametrize("given", [3, ["a"], None])
def test_what_holds_no_frames_is_refused(given: Any) -> None:
    with pytest.raises(InvalidValue):
        video.moving(given, 1)
