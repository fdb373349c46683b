"""Pixels come back from PNG as they went in, read by another library."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from PIL import Image

from runstore.runs import png
from runstore.runs.png import Pixels

MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def pixels(width: int, height: int, channels: int, seed: int = 1) -> Pixels:
    return Pixels(width, height, channels, random.Random(seed).randbytes(width * height * channels))


def opened(data: bytes) -> Any:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("channels", MODES)
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (300, 200)])
def test_every_pixel_is_kept(channels: int, size: tuple[int, int]) -> None:
    given = pixels(*size, channels)
    image = opened(png.still(given))
    assert (image.size, image.mode, image.tobytes()) == (size, MODES[channels], given.data)


def test_the_same_pixels_are_the_same_bytes() -> None:
    assert png.still(pixels(30, 20, 3)) == png.still(pixels(30, 20, 3))


@pytest.mark.parametrize("channels", MODES)
def test_every_frame_is_kept_in_its_order(channels: int) -> None:
    frames = [pixels(9, 8, channels, seed) for seed in range(5)]
    video = opened(png.moving(frames, 10))
    assert video.n_frames == 5
    for place, frame in enumerate(frames):
        video.seek(place)
        shown = video.convert(MODES[channels]) if channels > 1 else video
        assert shown.tobytes() == frame.data


@pytest.mark.parametrize(("fps", "milliseconds"), [(1, 1000), (25, 40), (0.5, 2000), (29.97, 33)])
def test_frames_follow_at_their_speed(fps: float, milliseconds: int) -> None:
    video = opened(png.moving([pixels(2, 2, 1), pixels(2, 2, 1, 2)], fps))
    assert round(video.info["duration"]) == milliseconds
