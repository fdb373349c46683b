"""How often somebody may ask: a bucket for each, which fills up steadily and is emptied by one for each question."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

_KEPT = 10_000  # who is remembered


class Rates:
    """Buckets by name, of one size."""

    def __init__(self, each_second: float, at_once: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._each_second, self._at_once, self._clock = each_second, at_once, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # how full, when

    def wait(self, who: str) -> float:
        """Take one; 0.0, or where there is none the seconds until there will be."""
        now = self._clock()
        full, then = self._buckets.pop(who, (self._at_once, now))
        full = min(self._at_once, full + (now - then) * self._each_second)
        enough = full >= 1
        self._buckets[who] = full - enough, now
        while len(self._buckets) > _KEPT:
            self._buckets.popitem(last=False)
        return 0.0 if enough else (1 - full) / self._each_second
