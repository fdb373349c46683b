"""When blocks are made and of what: sizes grow eightfold from level to level, so that a run is rewritten a few times.

Pure: sizes and levels in, a choice out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol, TypeVar

ENOUGH = 64  # loose runs from which a block is made of them
WIDTH = 8  # blocks of a level that become one of the next
FULL_RUNS = 20_000  # a block of as many runs or bytes is not merged any more
FULL_BYTES = 1 << 30


class Sized(NamedTuple):
    """A block, as far as levels are concerned."""

    name: str
    level: int
    runs: int
    size: int
    acknowledged: frozenset[str]

    @property
    def full(self) -> bool:
        """Whether it stays as it is for good."""
        return self.runs >= FULL_RUNS or self.size >= FULL_BYTES


class _Weighed(Protocol):
    @property
    def size(self) -> int: ...


_One = TypeVar("_One", bound=_Weighed)


def level(runs: int) -> int:
    """The level of a block that is made of so many loose runs: where blocks of its size lie."""
    found = 0
    while runs >= ENOUGH * WIDTH ** (found + 1):
        found += 1
    return found


def portions(loose: Sequence[_One]) -> Iterator[Sequence[_One]]:
    """Cut runs, in their order, into as few portions as blocks can hold, each about as large as the others."""
    count = max(-(-len(loose) // FULL_RUNS), -(-sum(one.size for one in loose) // FULL_BYTES), 1)
    each = -(-len(loose) // count)
    for at in range(0, len(loose), max(each, 1)):
        yield loose[at : at + each]


def next_merge(there: Iterable[Sized]) -> list[Sized]:
    """The blocks that should become one now, the smallest level first; empty where all is well.

    Blocks that are acknowledged by different remotes are never chosen together.
    """
    groups: dict[tuple[int, tuple[str, ...]], list[Sized]] = {}
    for one in there:
        if not one.full:
            groups.setdefault((one.level, tuple(sorted(one.acknowledged))), []).append(one)
    for key in sorted(groups):
        if len(groups[key]) >= WIDTH:
            return _together(sorted(groups[key], key=lambda one: (one.runs, one.name)))
    return []


def _together(group: list[Sized]) -> list[Sized]:
    """As many of them as make one full block, at least two, the smallest first."""
    chosen = group[:2]
    for one in group[2:]:
        runs, size = sum(o.runs for o in chosen) + one.runs, sum(o.size for o in chosen) + one.size
        if runs > FULL_RUNS or size > FULL_BYTES:
            break
        chosen.append(one)
    return chosen
