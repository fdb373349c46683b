"""How fast bytes may go: so many a second, over all threads together."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from threading import Lock

from runstore.errors import UsageError

BURST = 0.25  # seconds of the rate that may go at once after a pause
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}


def parse(text: str) -> float:
    """Bytes a second out of ``10MB``, ``512 KiB``, ``1.5MB/s`` or ``200000``.

    Raises:
        UsageError: it is no such thing, or nothing could go at all.
    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([kmg]i?|)b?(?:/s)?", text.strip(), re.IGNORECASE)
    rate = float(match[1]) * _UNITS[match[2].lower()] if match else 0.0
    if rate < 1:
        raise UsageError(f"bandwidth {text!r}: not bytes a second; write 10MB, 512KiB or 200000")
    return rate


class Bucket:
    """How long to wait so that the rate is kept, as plain arithmetic.

    What goes is owed at once and paid with time, so that a piece larger than the bucket goes too, and others wait.
    """

    def __init__(self, rate: float, now: float) -> None:
        """Nothing has gone yet.

        Args:
            rate: bytes a second.
            now: seconds, by any clock that only goes on.
        """
        self._rate, self._free, self._then = rate, rate * BURST, now

    def take(self, size: int, now: float) -> float:
        """Note that so many bytes go; give the seconds to wait before they do."""
        if now > self._then:
            self._free = min(self._free + (now - self._then) * self._rate, self._rate * BURST)
            self._then = now
        owed = max(-self._free, 0.0)
        self._free -= size
        return owed / self._rate


class Limit:
    """The same for threads, with a clock and sleep."""

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.rate = rate
        self._clock, self._sleep = clock, sleep
        self._bucket, self._lock = Bucket(rate, clock()), Lock()

    def wait(self, size: int) -> None:
        """Wait until so many bytes may go."""
        with self._lock:
            pause = self._bucket.take(size, self._clock())
        if pause > 0:
            self._sleep(pause)

    def held_back(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same chunks, no faster than they may go."""
        for chunk in chunks:
            self.wait(len(chunk))
            yield chunk
