"""Frames as one animated PNG: without loss, and without a library for video."""

from __future__ import annotations

from typing import Any

from runstore.errors import InvalidValue, UsageError
from runstore.runs import images, png
from runstore.runs.logged_files import Found, at_path, is_path


def found(video: Any, fps: Any) -> Found:
    """A file as it is, or frames as animated PNG (see ``moving``)."""
    return at_path(video) if is_path(video) else Found(moving(video, fps), "image/apng", ".png")


def moving(frames: Any, fps: Any) -> bytes:
    """An animated PNG.

    Args:
        frames: images of one size (see ``images.pixels``), or an array or tensor of them along its first axis.
        fps: frames per second.

    Raises:
        UsageError: no frames, frames of different sizes, or no speed.
        InvalidValue: something that holds no frames.
    """
    if isinstance(fps, bool) or not isinstance(fps, int | float) or not 0 < fps < 1 << 16:
        raise UsageError(f"video: fps={fps!r}; give frames per second, above 0")
    try:
        pixels = [images.pixels(frame) for frame in frames]
    except TypeError as problem:
        if isinstance(problem, InvalidValue):
            raise
        raise InvalidValue(f"video: takes a path or frames, not a {type(frames).__name__}") from None
    sizes = {frame[:3] for frame in pixels}
    if len(sizes) != 1:
        raise UsageError("video: frames differ in size or channels" if sizes else "video: there are no frames")
    return png.moving(pixels, fps)
