"""Samples come back from WAV as they went in."""

from __future__ import annotations

import io
import wave
from typing import Any

import numpy
import pytest

from runstore.errors import InvalidValue, UsageError
from runstore.runs import sound

WAVE = numpy.sin(numpy.arange(1000) / 7)


def back(data: bytes) -> tuple[int, Any]:
    """The rate, and the samples as (samples, channels)."""
    with wave.open(io.BytesIO(data)) as file:
        kind = {1: "u1", 2: "<i2", 4: "<i4"}[file.getsampwidth()]
        samples = numpy.frombuffer(file.readframes(file.getnframes()), kind)
        return file.getframerate(), samples.reshape(-1, file.getnchannels())


@pytest.mark.parametrize("given", [WAVE, WAVE.astype("f4"), WAVE.tolist(), tuple(WAVE)])
def test_floats_are_kept_to_sixteen_bits(given: Any) -> None:
    rate, samples = back(sound.wav(given, 8000))
    assert (rate, samples.shape) == (8000, (1000, 1))
    assert numpy.abs(samples[:, 0] / 32767 - WAVE).max() <= 0.5 / 32767 + 1e-6


@pytest.mark.parametrize("kind", ["uint8", "int16", "int32", ">i2"])
def test_integers_are_kept_as_they_are(kind: str) -> None:
    given = numpy.arange(100).astype(kind)
    rate, samples = back(sound.wav(given, 44100))
    assert (rate, samples[:, 0].tolist()) == (44100, given.tolist())


def test_channels_lie_along_the_shorter_axis() -> None:
    stereo = numpy.stack([WAVE, -WAVE])
    of_torch, of_soundfile = back(sound.wav(stereo, 8000))[1], back(sound.wav(stereo.T, 8000))[1]
    assert of_torch.shape == (1000, 2)
    assert numpy.array_equal(of_torch, of_soundfile)


def test_what_is_too_loud_is_cut_off() -> None:
    for given in ([2.0, -2.0], numpy.array([2.0, -2.0])):
        assert back(sound.wav(given, 1))[1][:, 0].tolist() == [32767, -32767]


@pytest.mark.parametrize(("given", "rate"), [(WAVE, None), (WAVE, 0), (numpy.zeros((2, 3, 4)), 1), (numpy.zeros(0), 1)])
def test_a_rate_and_a_shape_are_needed(given: Any, rate: Any) -> None:
    with pytest.raises(UsageError):
        sound.wav(given, rate)


@pytest.mark.parametrize("given", [["a"], 3, numpy.array(["a"]), [float("nan")]])
def test_what_holds_no_samples_is_refused(given: Any) -> None:
    with pytest.raises(InvalidValue):
        sound.wav(given, 1)
