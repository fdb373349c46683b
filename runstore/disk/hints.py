"""A table of numbers that stays small: 64-bit keys and values, 24 to 48 bytes an entry, where a dict takes 130.

It gives hints, not answers: two things may share a key, so what is found by it is verified by what it stands for.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

_LEAST = 64  # slots; a power of two
_FULL = 2 / 3


def key(digest: str) -> int:
    """The key of a hexadecimal digest: its first 64 bits; never 0, which marks an empty slot."""
    return int(digest[:16], 16) or 1


class Hints:
    """Open addressing with linear probing; keys are spread evenly by themselves, being pieces of hashes."""

    def __init__(self) -> None:
        """Empty."""
        self._slots = array("Q", bytes(16 * _LEAST))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[int, int]]:
        slots = self._slots
        return ((slots[at], slots[at + 1]) for at in range(0, len(slots), 2) if slots[at])

    def get(self, key: int) -> int | None:
        """The value of a key, if it has one."""
        at = self._find(key)
        return self._slots[at + 1] if self._slots[at] else None

    def put(self, key: int, value: int) -> None:
        """Give a key a value in place of the one it had."""
        at = self._find(key)
        new = not self._slots[at]
        self._slots[at + 1] = value  # first: whoever looks at this moment finds nothing rather than a 0
        self._slots[at] = key
        if new:
            self._count += 1
            if self._count > len(self._slots) / 2 * _FULL:
                self._grow()

    def _find(self, key: int) -> int:
        slots, mask = self._slots, len(self._slots) - 1
        at = key * 2 & mask
        while slots[at] not in (0, key):
            at = at + 2 & mask
        return at

    def _grow(self) -> None:
        larger = Hints()
        larger._slots = array("Q", bytes(8 * 2 * len(self._slots)))
        for one, value in self:
            larger.put(one, value)
        self._slots = larger._slots
