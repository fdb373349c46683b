"""Trying again what may be repeated: exponential back-off with full jitter, within a deadline."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from runstore.errors import Unreachable

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on. ``first`` and ``longest``: seconds between two tries, at most; ``total``: seconds in all."""

    first: float = 0.2
    longest: float = 20.0
    total: float = 120.0


PATIENT = Patience()


def retry(
    call: Callable[[], _T],
    patience: Patience = PATIENT,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    chance: Callable[[], float] = random.random,
) -> _T:
    """Call until it does not raise ``Unreachable``.

    Raises:
        Unreachable: there was no time left for another try; anything else that the call raises, at once.
    """
    until, longest = clock() + patience.total, patience.first
    while True:
        try:
            return call()
        except Unreachable as problem:
            pause = max(problem.after, chance() * longest)
            if clock() + pause > until:
                raise
        sleep(pause)
        longest = min(longest * 2, patience.longest)
