"""A table of numbers that stays small: 64-bit keys and values, 24 to 48 bytes an entry, where a dict takes 130.

It gives hints, not answers: two things may share a key, so what is found by it is verified by what it stands for.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

_PARTS = 64  # tables that grow one by one, so that none of them makes anybody wait
_LEAST = 8  # slots of each; a power of two
_FULL = 2 / 3


def key(digest: str) -> int:
    """The key of a hexadecimal digest: its first 64 bits; never 0, which marks an empty slot."""
    return int(digest[:16], 16) or 1


class Hints:
    """Open addressing with linear probing; keys are spread evenly by themselves, being pieces of hashes."""

    def __init__(self) -> None:
        """Empty."""
        self._parts = [array("Q", bytes(16 * _LEAST)) for _ in range(_PARTS)]
        self._counts = [0] * _PARTS

    def __len__(self) -> int:
        return sum(self._counts)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return (entry for slots in self._parts for entry in _entries(slots))

    def get(self, key: int) -> int | None:
        """The value of a key, if it has one."""
        slots = self._parts[key >> 58]
        at = _find(slots, key)
        return slots[at + 1] if slots[at] else None

    def put(self, key: int, value: int) -> None:
        """Give a key a value in place of the one it had."""
        part = key >> 58
        slots = self._parts[part]
        if not _put(slots, key, value):
            return
        self._counts[part] += 1
        if self._counts[part] > len(slots) / 2 * _FULL:
            larger = array("Q", bytes(16 * len(slots)))
            for one, known in _entries(slots):
                _put(larger, one, known)
            self._parts[part] = larger


def _put(slots: array[int], key: int, value: int) -> bool:
    """Whether the key is new."""
    at = _find(slots, key)
    new = not slots[at]
    slots[at + 1] = value  # first: whoever looks at this moment finds nothing rather than a 0
    slots[at] = key
    return new


def _find(slots: array[int], key: int) -> int:
    """Where a key is, or would be."""
    mask = len(slots) - 1
    at = key * 2 & mask
    while slots[at] not in (0, key):
        at = at + 2 & mask
    return at


def _entries(slots: array[int]) -> Iterator[tuple[int, int]]:
    return ((slots[at], slots[at + 1]) for at in range(0, len(slots), 2) if slots[at])
