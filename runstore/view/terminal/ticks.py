"""Where an axis is marked, and what stands at the marks."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

_GREATEST = sys.float_info.max
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """A range of values laid along a line. ``log``: equal factors take equal room."""

    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float:
        """Where a value stands: 0 at the low end, 1 at the high end."""
        if self.log:
            low, high = math.log10(self.low), math.log10(self.high)
            return (math.log10(value) - low) / (high - low)
        span = self.high - self.low
        if span == math.inf:  # halves of what is as far apart as doubles can be still have a difference
            return (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return (value - self.low) / span

    def widened(self, room: float) -> Axis:
        """The same axis with some room at both ends."""
        if self.log:
            factor = (self.high / self.low) ** room
            return Axis(self.low / factor, self.high * factor, True)
        more = (self.high / 2 - self.low / 2) * room * 2
        return Axis(max(self.low - more, -_GREATEST), min(self.high + more, _GREATEST))

    def marks(self, most: int, whole: bool = False) -> list[tuple[float, str]]:
        """Round values on the axis, about ``most`` of them, with their text. ``whole``: integers only."""
        values = _decades(self.low, self.high, most) if self.log else linear(self.low, self.high, most, whole)
        return list(zip(values, labels(values), strict=True))


def axis(low: float, high: float, log: bool = False) -> Axis:
    """An axis that shows all from low to high, also where both are the same."""
    if log:
        return Axis(low, high, True) if high > low else Axis(low / 2, low * 2, True)
    if high > low and high - low > 1e-300:
        return Axis(low, high)
    room = abs(low) * 0.1 or 1.0
    return Axis(low - room, high + room)


def linear(low: float, high: float, most: int, whole: bool = False) -> list[float]:
    """The multiples of a round number between low and high: as many as there can be, but not more than ``most``."""
    span = high - low
    if span == math.inf:
        return [2 * value for value in linear(low / 2, high / 2, most, whole)]
    if not span > 0:
        return [low]
    rough = span / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = min(next(s * power for s in _STEPS if s * power >= rough * (1 - 1e-9)), _GREATEST)
    if whole:
        step = max(round(step), 1.0)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)] or [low]


def _decades(low: float, high: float, most: int) -> list[float]:
    """Powers of ten; where these are fewer than two, 1-2-5 steps or round numbers."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    powers = list(range(first, last + 1))
    every = -(-len(powers) // max(most, 1)) or 1
    if len(powers) >= 3:
        return [10.0**power for power in powers[::every]]
    fine = [m * 10.0**power for power in range(first - 1, last + 1) for m in (1, 2, 5)]
    found = [value for value in fine if low <= value <= high]
    return found if len(found) >= 2 else linear(low, high, most)


def labels(values: Sequence[float]) -> list[str]:
    """The texts of an axis' marks: alike, and as short as they tell them apart."""
    largest = max((abs(v) for v in values), default=0.0)
    if largest and (largest >= 1e6 or largest < 1e-3):
        return [_scientific(value) for value in values]
    for decimals in range(12):
        texts = [f"{value:.{decimals}f}" for value in values]
        if all(abs(float(t) - v) <= 1e-9 * max(largest, 1e-9) for t, v in zip(texts, values, strict=True)):
            return [t if float(t) else t.lstrip("-") for t in texts]
    return [f"{value:.4g}" for value in values]


def _scientific(value: float) -> str:
    if value == 0:
        return "0"
    for digits in range(6):
        text = f"{value:.{digits}e}"
        if abs(float(text) - value) <= 1e-9 * abs(value):
            break
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}"
