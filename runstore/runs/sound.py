"""Samples as WAV, by the standard library."""

from __future__ import annotations

import io
import sys
import wave
from array import array
from typing import Any

from runstore.errors import InvalidValue, UsageError
from runstore.runs import arrays
from runstore.runs.logged_files import Found, at_path, is_path

_CHANNELS = 8  # an axis this short holds channels where the other one is longer
_WIDTHS = {"uint8": 1, "int16": 2, "int32": 4}


def found(audio: Any, rate: Any) -> Found:
    """A file as it is, or samples as WAV (see ``wav``)."""
    return at_path(audio) if is_path(audio) else Found(wav(audio, rate), "audio/wav", ".wav")


def wav(samples: Any, rate: Any) -> bytes:
    """A WAV file.

    Args:
        samples: of shape (samples,), (samples, channels) or (channels, samples): floats from -1 to 1 (stored with 16
            bits, cut off beyond), or int16, int32 or uint8 as they are. A list of floats is one channel.
        rate: samples per second and channel.

    Raises:
        UsageError: no rate, or another shape.
        InvalidValue: something that holds no samples.
    """
    if rate is None or int(rate) <= 0:
        raise UsageError("audio: an array needs its rate, in samples per second; give rate=")
    if not hasattr(samples, "__array__"):
        return _written(_rounded(arrays.listed(samples, "audio")), 1, 2, int(rate))
    given = arrays.plain(samples, "audio")
    if len(given.shape) == 2 and given.shape[0] < given.shape[1] and given.shape[0] <= _CHANNELS:
        given = given.transpose(1, 0)
    if len(given.shape) not in (1, 2) or 0 in given.shape:
        raise UsageError(f"audio: an array of shape {samples.shape} is no sound; give (samples[, channels])")
    width = _WIDTHS.get(given.dtype.name, 2)
    if arrays.kind(given) == "f":
        if (given != given).any():
            raise InvalidValue("audio: NaN is no sample")
        given = (given.clip(-1, 1) * 32767).round().astype("<i2")
    elif given.dtype.name not in _WIDTHS:
        raise InvalidValue(f"audio: an array of {given.dtype} holds no samples; give floats, int16, int32 or uint8")
    little = given.astype(given.dtype.newbyteorder("<"))
    return _written(little.tobytes(), given.shape[1] if len(given.shape) == 2 else 1, width, int(rate))


def _rounded(samples: list[Any]) -> bytes:
    try:
        found = array("h", [round(min(max(sample, -1.0), 1.0) * 32767) for sample in samples])
    except (TypeError, ValueError):
        raise InvalidValue("audio: takes numbers only") from None
    if sys.byteorder == "big":
        found.byteswap()
    return found.tobytes()


def _written(frames: bytes, channels: int, width: int, rate: int) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(frames)
    return buffer.getvalue()
